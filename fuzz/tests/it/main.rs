//! Runs every fuzz target for a few seconds, from inputs that get it past its first checks.
//!
//! Whether a target is built at all, and holds on what people have, is settled here; what takes hours to find
//! is left to `README.md`'s longer runs.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod seeds;

use std::{path::Path, process::Command};

/// How long each target runs, its seeds included.
const SECONDS: u32 = 4;

/// One target each: its binary, the inputs to start from, and what must hold besides what it asserts.
macro_rules! targets {
    ($($name:ident: $seeds:expr, $options:expr;)*) => {$(
        #[test]
        fn $name() {
            run(Path::new(env!(concat!("CARGO_BIN_EXE_", stringify!($name)))), &$seeds, $options);
        }
    )*};
}

targets! {
    lexer: seeds::queries(), &[];
    parser: seeds::queries(), &[];
    format: seeds::queries(), &[];
    binder: seeds::queries(), &[];
    evtx: seeds::event_logs(), &["-malloc_limit_mb=64", "-max_len=70000"];
    json: seeds::json(), &[];
    csv: seeds::csv(), &[];
    xml: seeds::xml(), &[];
    parquet: seeds::parquet(), &[];
    archive: seeds::archives(), &[];
    wire: seeds::wire(), &["-max_total_time=12"];
}

/// Runs a target from the seeds; what it finds fails the test with the input, in base64 if it is short.
fn run(target: &Path, seeds: &[Vec<u8>], options: &[&str]) {
    assert!(!seeds.is_empty(), "the target has nothing to start from");
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    std::fs::create_dir(&corpus).unwrap();
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(corpus.join(number.to_string()), seed).unwrap();
    }
    let output = Command::new(target)
        .arg(format!("-max_total_time={SECONDS}"))
        .args(["-timeout=10", "-rss_limit_mb=1024"])
        .args(options)
        .arg(corpus)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    // Without coverage it would only repeat the seeds.
    assert!(log.contains("inline 8-bit counters"), "built without coverage: see `README.md`");
    assert!(runs(&log) > seeds.len(), "no input but the seeds was run:\n{log}");
}

/// Returns how many inputs were run, from the last line of the log.
fn runs(log: &str) -> usize {
    let line = log.lines().rev().find_map(|line| line.strip_prefix("Done "));
    let count = line.and_then(|line| line.split_whitespace().next());
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}
