//! `quarry pages` as its reader follows it: from the table of contents to a rule's page, and to a test that is run.

use std::{collections::BTreeSet, fs, path::Path};

use crate::quarry::quarry;

#[test]
fn every_link_leads_to_a_file_and_a_test_can_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pages");
    let out_name = out.display().to_string();
    let outcome = quarry(["pages", "--package", "detections/t1021.002", "--out", &out_name]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let mut seen = BTreeSet::new();
    follow(&out, "SUMMARY.md", &mut seen);
    assert!(seen.iter().any(|page| page.ends_with("rules/psexec_service.md")), "{seen:?}");

    let page = fs::read_to_string(out.join("rules/psexec_client.md")).unwrap();
    let case = page.lines().find(|line| line.contains("fires, High")).unwrap();
    let file = case.split("](../").nth(1).unwrap().split(')').next().unwrap();
    let hunt = quarry(["hunt", "--no-tuning", &out.join(file).display().to_string()]);
    assert!(
        hunt.status == 1 && hunt.stdout.contains("PsExec used against another host"),
        "{hunt:?}"
    );
}

/// Follows the links of a page to files of the folder, all of which have to be there.
fn follow(out: &Path, page: &str, seen: &mut BTreeSet<String>) {
    // The package's own pages link to files of its folder.
    let is_own = !page.contains('/') && !["SUMMARY.md", "index.md", "threats.md"].contains(&page);
    if !seen.insert(page.to_owned()) || is_own || page.starts_with("telemetry/") {
        return;
    }
    let text = fs::read_to_string(out.join(page)).unwrap();
    // What looks like a link in a query is none.
    let text = text.split("```kusto").next().unwrap();
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if link.starts_with("http") {
            continue;
        }
        let target = match link.strip_prefix("../") {
            Some(above) => above.to_owned(),
            None if folder.is_empty() => link.to_owned(),
            None => format!("{folder}/{link}"),
        };
        assert!(out.join(&target).is_file(), "{page} links {link}");
        follow(out, &target, seen);
    }
}
