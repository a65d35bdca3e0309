//! The real logs: every record of every file is found, by its count in the manifest.

use crate::collect::{all_events, scan_file};

#[test]
fn every_record_of_the_real_logs_is_read() {
    let manifest: Vec<serde_json::Value> =
        serde_json::from_str(&testkit::shared_text("logs/manifest.json")).unwrap();
    let mut problems = Vec::new();
    let request = all_events();
    for entry in &manifest {
        let file = entry["file"].as_str().unwrap();
        let collected = scan_file(testkit::shared(&format!("logs/{file}")), &request);
        collected.assert_balances();
        assert_eq!(collected.summaries.len(), 1, "{file}");
        let summary = &collected.summaries[0];
        assert_eq!(summary.member.as_deref(), entry["member"].as_str(), "{file}");
        assert_eq!(Some(summary.read), entry["records"].as_u64(), "{file}");
        assert_eq!(summary.read, summary.emitted, "{file}");
        let times_are_known = collected.rows().iter().all(|row| row.contains_key("TimeGenerated"));
        assert!(times_are_known && summary.newest.is_some(), "{file}");
        problems.extend(collected.problem_texts());
    }
    assert_eq!(manifest.len(), 58);
    insta::assert_snapshot!(problems.join("\n"), @"");
}
