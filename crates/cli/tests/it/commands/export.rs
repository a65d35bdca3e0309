//! `quarry export` and `quarry import`.

use std::{fs, path::Path};

use testkit::Folder;

use crate::quarry::{Outcome, quarry};

fn export(args: &[&str], out: &Path) -> Outcome {
    let out = out.to_str().unwrap();
    quarry(["export"].iter().chain(args).chain(&["--out", out]))
}

fn import(from: &Path, to: &Path) -> Outcome {
    quarry(["import".as_ref(), from.as_os_str(), "--out".as_ref(), to.as_os_str()])
}

/// Returns the files below a folder by their paths in it.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(
                files(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)),
            );
        } else {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn the_package_is_exported_imported_and_exported_again() {
    let folder = Folder::empty();
    let at = |name: &str| folder.path().join(name);
    for (form, out) in [("arm", "a.json"), ("bicep", "a.bicep"), ("sentinel", "a")] {
        let outcome = export(&["--as", form], &at(out));
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("36 rules written") && outcome.stderr.contains("0 left out")
        );
        assert!(outcome.stderr.contains("13 hunting queries written"), "{}", outcome.stderr);
    }
    assert_eq!(import(&at("a.json"), &at("from_arm")).status, 0);
    assert_eq!(import(&at("a"), &at("from_yaml")).status, 0);
    let list = include_str!("../../../../../detections/t1021.002/watchlists/known_tools.csv");
    for package in ["from_arm", "from_yaml"] {
        let package = at(package);
        assert_eq!(fs::read_to_string(package.join("watchlists/known_tools.csv")).unwrap(), list);
        let given = package.to_str().unwrap();
        for (form, out, first) in [("arm", "b.json", "a.json"), ("bicep", "b.bicep", "a.bicep")] {
            let outcome = export(&["--package", given, "--as", form], &at(out));
            assert_eq!(outcome.status, 0, "{}", outcome.stderr);
            assert_eq!(fs::read(at(out)).unwrap(), fs::read(at(first)).unwrap(), "{form}");
        }
        let checked = quarry(["check".as_ref(), package.join("rules").as_os_str()]);
        assert_eq!(checked.status, 0, "{}", checked.stderr);
    }
    assert_eq!(
        export(&["--package", at("from_yaml").to_str().unwrap(), "--as", "sentinel"], &at("b"))
            .status,
        0
    );
    assert_eq!(files(&at("a")), files(&at("b")));
    let found =
        quarry(["hunt", "--package", at("from_arm").to_str().unwrap(), "samples/evtx_dump"]);
    assert_eq!(found.status, 1, "the folder is a package: {}", found.stderr);
}

#[test]
fn what_defender_has_no_place_for_is_told_and_left_out() {
    let folder = Folder::empty();
    let at = |name: &str| folder.path().join(name);
    let strict = export(&["--as", "defender"], &at("strict"));
    assert_eq!(strict.status, 4);
    assert!(strict.stderr.contains("0 rules written") && strict.stderr.contains("36 left out"));
    assert!(strict.stderr.contains("an alert per row"), "{}", strict.stderr);
    assert!(strict.stderr.contains("needs `ReportId`"), "{}", strict.stderr);
    assert!(!at("strict").exists());
    let lossy = export(&["--as", "defender", "--lossy"], &at("lossy.json"));
    assert_eq!(lossy.status, 4);
    assert!(
        lossy.stderr.contains("warning[KQL0537]")
            && lossy.stderr.contains("left behind: `requiredDataConnectors`")
    );
    assert_eq!(import(&at("lossy.json"), &at("kept")).status, 0);
    let again =
        export(&["--package", at("kept").to_str().unwrap(), "--as", "defender"], &at("again.json"));
    assert_eq!(again.status, 0, "{}", again.stderr);
    assert_eq!(fs::read(at("again.json")).unwrap(), fs::read(at("lossy.json")).unwrap());
    // A custom detection is none of a workspace's rules.
    let arm = export(&["--package", at("kept").to_str().unwrap(), "--as", "arm"], &at("none.json"));
    assert_eq!(arm.status, 4);
    assert!(!at("none.json").exists() && arm.stderr.contains("--as defender"), "{}", arm.stderr);
}

const RULE: &str = "id: 5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001\nname: One\nseverity: Low\nquery: DeviceEvents\nkind: NRT\n\
entityMappings: [{entityType: Host, fieldMappings: [{identifier: HostName, columnName: DeviceName}]}]\n";

#[test]
fn rules_are_chosen_by_file_and_by_id() {
    let broken = RULE.replace("Low", "Lower").replace("0001", "0002");
    let folder = Folder::with(&[("r/one.yaml", RULE), ("r/two.yaml", &broken), ("q.kql", "T")]);
    let at = |name: &str| folder.path().join(name);
    let path = |name: &str| at(name).to_str().unwrap().to_owned();
    let one = export(&["--rule", &path("r/one.yaml"), "--as", "sentinel"], &at("one.yaml"));
    assert_eq!(one.status, 0, "{}", one.stderr);
    assert!(fs::read_to_string(at("one.yaml")).unwrap().ends_with("kind: NRT\n"));
    let detection = export(&["--rule", &path("r/one.yaml"), "--as", "defender"], &at("d"));
    assert_eq!(detection.status, 0, "{}", detection.stderr);
    assert!(fs::read_to_string(at("d/one.json")).unwrap().contains("\"frequency\": \"PT0S\""));
    // Sentinel would not save the second one.
    let both = export(&["--rule", &path("r"), "--as", "arm"], &at("both.json"));
    assert_eq!(both.status, 4);
    assert!(
        both.stderr.contains("KQL0502") && both.stderr.contains("1 rule written"),
        "{}",
        both.stderr
    );
    let by_id =
        export(&["--rule", "A9460AAD-3d8a-4df9-9191-a5031afc4ec5", "--as", "arm"], &at("id.json"));
    assert_eq!(by_id.status, 0, "{}", by_id.stderr);
    for (args, told) in [
        (vec!["--rule", "nothing", "--as", "arm"], "no file and no rule id"),
        (vec!["--package", &path("r"), "--as", "arm"], "no folder `rules`"),
        (vec!["--rule", &path("q.kql"), "--as", "arm"], "no rule was found"),
        (vec!["--rule", &path("r"), "--as", "sentinel"], "no folder"),
        (vec!["--as", "bicep", "--lossy"], "`--lossy` is for"),
    ] {
        let outcome = export(&args, &at("none.yaml"));
        assert!(
            outcome.status == 2 && outcome.stderr.contains(told),
            "{args:?}: {}",
            outcome.stderr
        );
        assert!(!at("none.yaml").exists());
    }
}

#[test]
fn what_cannot_be_kept_is_told_and_the_rest_is() {
    let template = r#"{"contentVersion": "1", "parameters": {"p": {}}, "resources": [
  {"type": "Microsoft.SecurityInsights/alertRules", "kind": "Fusion", "properties": {}},
  {"type": "Microsoft.SecurityInsights/alertRules", "kind": "NRT", "name": "5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0009",
   "properties": {"displayName": "Open", "severity": "Low", "query": "T",
                  "description": "[parameters('p')]"}}]}"#;
    let folder = Folder::with(&[
        ("in/t.json", template),
        ("in/one.yaml", RULE),
        ("in/notes.md", "x"),
        ("in/q.kql", "T"),
    ]);
    let at = |name: &str| folder.path().join(name);
    let outcome = import(&at("in"), &at("out"));
    assert_eq!(outcome.status, 4);
    assert!(
        outcome.stderr.contains("t.json:2:3") && outcome.stderr.contains("kind `Fusion`"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("t.json:5:34"), "{}", outcome.stderr);
    let names: Vec<String> = files(&at("out")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["package.yaml", "rules/one.yaml"]);
    assert!(
        outcome.stderr.contains("notes.md") && outcome.stderr.contains("2 things left out"),
        "{}",
        outcome.stderr
    );
    // The same again is well; something else is not written over.
    assert_eq!(import(&at("in"), &at("out")).status, 4);
    fs::write(at("in/one.yaml"), RULE.replace("Low", "High")).unwrap();
    let outcome = import(&at("in"), &at("out"));
    assert!(
        outcome.status == 2 && outcome.stderr.contains("it says something else"),
        "{}",
        outcome.stderr
    );
    assert!(files(&at("out")).iter().any(|(_, text)| text.contains("severity: Low")));
    // One id is one rule.
    fs::write(at("in/two.yaml"), RULE).unwrap();
    let outcome = import(&at("in"), &at("third"));
    assert!(
        outcome.status == 4 && outcome.stderr.contains("is another one in"),
        "{}",
        outcome.stderr
    );
}

const GUIDE: &str = "questions:
  - {ask: Who?, tells: That., query: 'SecurityEvent | where Computer startswith \"{TargetHost}\"'}
  - {ask: 'When?', tells: Then., query: 'SecurityEvent | where TimeGenerated > datetime({From})'}
";

#[test]
fn the_questions_of_a_guide_are_hunting_queries_in_every_form_and_back() {
    let manifest = "{id: p, name: P, version: 1.2.3, attack: {tactic: {id: TA0008, name: Lateral Movement}, technique: {id: T1021, name: R}}}";
    let folder = Folder::with(&[
        ("p/package.yaml", manifest),
        ("p/behaviours.yaml", "[]"),
        ("p/investigation.yaml", GUIDE),
        ("p/rules/one.yaml", RULE),
    ]);
    let at = |name: &str| folder.path().join(name);
    let path = |name: &str| at(name).to_str().unwrap().to_owned();
    for (form, out) in [("arm", "a.json"), ("bicep", "a.bicep"), ("sentinel", "a")] {
        let outcome = export(&["--package", &path("p"), "--as", form], &at(out));
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("2 hunting queries written"), "{}", outcome.stderr);
    }
    let who = fs::read_to_string(at("a/hunting/who.yaml")).unwrap();
    assert!(who.contains("let AlertTargetHost = \"\";") && who.contains("- T1021\n"), "{who}");
    for from in ["a.json", "a"] {
        let kept = format!("kept_{from}");
        let outcome = import(&at(from), &at(&kept));
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("2 hunting queries kept"), "{}", outcome.stderr);
        assert_eq!(fs::read_to_string(at(&kept).join("hunting/who.yaml")).unwrap(), who);
        for (form, out, first) in [("arm", "b.json", "a.json"), ("bicep", "b.bicep", "a.bicep")] {
            export(&["--package", &path(&kept), "--as", form], &at(out));
            assert_eq!(fs::read(at(out)).unwrap(), fs::read(at(first)).unwrap(), "{form}");
        }
        export(&["--package", &path(&kept), "--as", "sentinel"], &at("b"));
        assert_eq!(files(&at("a/hunting")), files(&at("b/hunting")));
    }
    // Graph has no place for them, and single rules are without them.
    let detections = export(&["--package", &path("p"), "--as", "defender"], &at("d.json"));
    assert!(detections.stderr.contains("2 hunting queries are left out"), "{}", detections.stderr);
    let one = export(&["--rule", &path("p/rules/one.yaml"), "--as", "arm"], &at("one.json"));
    assert!(one.status == 0 && !one.stderr.contains("hunting"), "{}", one.stderr);
}

#[test]
fn a_question_that_no_hunting_query_can_ask_is_told_and_left_out() {
    let guide = GUIDE.replace("\"{TargetHost}", "\"x{TargetHost}");
    let folder = Folder::with(&[
        ("p/package.yaml", "{id: p, name: P, version: 1.2.3}"),
        ("p/behaviours.yaml", "[]"),
        ("p/investigation.yaml", &guide),
        ("p/rules/one.yaml", RULE),
    ]);
    let package = folder.path().join("p");
    let out = folder.path().join("a.json");
    let outcome = export(&["--package", package.to_str().unwrap(), "--as", "arm"], &out);
    assert_eq!(outcome.status, 4);
    assert!(outcome.stderr.contains("`Who?`") && outcome.stderr.contains("1 left out"));
    assert!(outcome.stderr.contains("1 hunting queries written"), "{}", outcome.stderr);
}
