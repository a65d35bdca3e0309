//! The made path of `samples/path`: hops, page and bundle, as a user gets them.

use std::sync::OnceLock;

use serde_json::Value;

use crate::quarry::quarry;

const PATH: &str = "samples/path";

/// One run of the whole package, with everything that it can write.
struct Hunt {
    hops: Vec<Value>,
    stderr: String,
    folder: tempfile::TempDir,
}

impl Hunt {
    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

fn hunt() -> &'static Hunt {
    static HUNT: OnceLock<Hunt> = OnceLock::new();
    HUNT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (bundle, page) = (file("finding.zip"), file("report.html"));
        let args = ["hunt", "--format", "hops", "--bundle", &bundle, "--report", &page, PATH];
        let outcome = quarry(args);
        assert_eq!(outcome.status, 1, "{}", outcome.stderr);
        let hops = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
        Hunt { hops: hops.collect(), stderr: outcome.stderr, folder }
    })
}

/// The story, hop by hop: from, to, account, method, and the hop before.
const STORY: [(&str, &str, &str, &str, Option<u64>); 11] = [
    ("ws-201", "ws-202", "t.lindqvist", "PsExec", None),
    ("ws-202", "ws-203", "t.lindqvist", "PsExec", Some(1)),
    ("ws-203", "srv-app01", "t.lindqvist", "scheduled task", Some(2)),
    // The dead end.
    ("srv-app01", "srv-print01", "svc-deploy", "PsExec", Some(3)),
    ("srv-app01", "srv-app02", "svc-deploy", "PsExec", Some(3)),
    ("srv-app02", "srv-db01", "svc-deploy", "scheduled task", Some(5)),
    ("srv-db01", "srv-mgmt01", "svc-deploy", "PsExec", Some(6)),
    ("srv-mgmt01", "srv-files03", "adm-berg", "PsExec", Some(7)),
    ("srv-files03", "srv-backup01", "adm-berg", "scheduled task", Some(8)),
    ("srv-backup01", "dc-01", "adm-berg", "PsExec", Some(9)),
    ("dc-01", "dc-02", "adm-berg", "PsExec", Some(10)),
];

#[test]
fn the_story_comes_out_hop_by_hop_and_nothing_else() {
    let found: Vec<_> = hunt()
        .hops
        .iter()
        .map(|hop| {
            let text = |name: &str| hop[name].as_str().unwrap_or("?").to_owned();
            let host = |name: &str| text(name).trim_end_matches(".corp.example").to_owned();
            let account = text("account").trim_start_matches("corp\\").to_owned();
            (host("source"), host("target"), account, text("method"), hop["after"].as_u64())
        })
        .collect();
    let story: Vec<_> = STORY
        .iter()
        .map(|(from, to, account, method, after)| {
            let owned = |text: &&str| (*text).to_owned();
            (owned(from), owned(to), owned(account), owned(method), *after)
        })
        .collect();
    assert_eq!(found, story);
}

#[test]
fn accounts_that_change_were_seen_where_they_are_first_used() {
    let hops = &hunt().hops;
    for number in [4, 5, 8] {
        assert_eq!(
            hops[number - 1]["after_because"],
            "account seen on the host before",
            "{number}"
        );
    }
}

#[test]
fn a_bundle_is_whole_and_finds_the_same_again() {
    let bundle = hunt().file("finding.zip");
    let verified = quarry(["verify", &bundle, PATH]);
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
    assert!(verified.stdout.contains("inputs    1 of 1 files are the same"), "{}", verified.stdout);
    // The digest that is noted when it is made is the one that is shown when it is checked.
    let digest = hunt().stderr.split("SHA-256 ").nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(verified.stdout.contains(digest), "{}", verified.stdout);
}

#[test]
fn a_bundle_that_was_changed_is_not_whole() {
    let changed = hunt().file("changed.zip");
    let mut bytes = std::fs::read(hunt().file("finding.zip")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(&changed, bytes).unwrap();
    let verified = quarry(["verify", &changed]);
    assert_ne!(verified.status, 0, "{}", verified.stdout);
    let no_bundle = quarry(["verify", "README.md"]);
    assert_eq!(no_bundle.status, 2, "{}", no_bundle.stdout);
}

#[test]
fn the_page_tells_the_path_and_shows_records() {
    let page = std::fs::read_to_string(hunt().file("report.html")).unwrap();
    assert!(
        page.contains("It may have begun at <strong>ws-201.corp.example</strong>, from which 11")
    );
    assert!(page.contains("\"ShareLocalPath\""), "the records' own fields");
}

/// The rule of PsExec's service alone: quick to run again.
const PSEXEC: &str = "1e7c6538-63b4-52ed-9791-7ba69404cc7d";

#[test]
fn the_terminal_tells_each_hop() {
    let outcome = quarry(["hunt", "--rule", PSEXEC, PATH]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("Paths\n"), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("2026-03-11 14:30:00Z  dc-01 → dc-02  PsExec, corp\\adm-berg"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn sarif_is_what_its_schema_says() {
    let outcome = quarry(["hunt", "--rule", PSEXEC, "--format", "sarif", PATH]);
    let log: serde_sarif::sarif::Sarif = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(log.runs[0].results.as_ref().unwrap().len(), 8);
}

/// Remote desktop and a remote shell between uses of PsExec, as their own records show them; a last remote desktop
/// leads to no further hop.
#[test]
fn other_ways_between_hops_are_their_context() {
    let outcome = quarry(["hunt", "--format", "hops", "crates/cli/tests/data/other_ways.jsonl"]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let hops: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let way = |hop: &Value| {
        let short = |name: &str| hop[name].as_str().unwrap().split('.').next().unwrap().to_owned();
        let method = hop["method"].as_str().unwrap().to_owned();
        (short("source"), short("target"), method, hop["context"].as_bool().unwrap())
    };
    let expected = [
        ("ws-1", "srv-1", "PsExec", false),
        ("srv-1", "srv-2", "remote desktop", true),
        ("srv-2", "srv-3", "PsExec", false),
        ("srv-3", "srv-4", "remote shell", true),
        ("srv-4", "dc-1", "PsExec", false),
    ]
    .map(|(from, to, how, context)| (from.to_owned(), to.to_owned(), how.to_owned(), context));
    assert_eq!(hops.iter().map(way).collect::<Vec<_>>(), expected);
    for (before, hop) in (1..).zip(&hops[1..]) {
        assert_eq!(hop["after"], before, "{hop}");
        assert_eq!(hop["after_because"], "same account", "{hop}");
    }
}
