//! The real logs: every record of every file is found, by its count in the manifest.

use std::num::NonZeroUsize;

use crate::collect::{all_events, scan_file};

#[test]
fn every_record_of_the_real_logs_is_read() {
    let reference = testkit::reference!("logs");
    let manifest: Vec<serde_json::Value> =
        serde_json::from_str(&reference.text("logs/manifest.json")).unwrap();
    let mut problems = Vec::new();
    let request = all_events();
    for entry in &manifest {
        let file = entry["file"].as_str().unwrap();
        let collected = scan_file(reference.path(&format!("logs/{file}")), &request);
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

#[test]
fn threads_change_nothing_about_an_event_log() {
    const HEADER_LEN: usize = 4096;
    let log = testkit::reference!("logs").bytes("logs/post-Security.evtx");
    let (header, chunks) = log.split_at(HEADER_LEN);
    let mut large = header.to_vec();
    large.extend(chunks.repeat(12));
    // Damage within a chunk that is in use, in the second part that a thread reads.
    let at = HEADER_LEN + 6 * chunks.len() + 5000;
    large[at..at + 3000].fill(0xaa);
    let folder = testkit::Folder::with(&[("large.evtx", large)]);
    let scan = |threads: usize| {
        let mut request = all_events();
        request.limits.threads = NonZeroUsize::new(threads).unwrap();
        let collected = scan_file(folder.path().join("large.evtx"), &request);
        collected.assert_balances();
        collected
    };
    let expected = scan(1);
    assert!(expected.summaries[0].read > 1000, "{:?}", expected.summaries);
    assert!(!expected.problems.is_empty());
    for threads in [2, 5] {
        let found = scan(threads);
        assert_eq!(found.summaries, expected.summaries);
        assert_eq!(found.problem_texts(), expected.problem_texts());
        assert!(found.rows() == expected.rows(), "rows differ with {threads} threads");
    }
}
