//! Which tests need a part of the reference material: what a run without it leaves out.

use std::{collections::BTreeMap, io::Write, path::Path};

use testkit::Reference;

use crate::tidy::workspace::files::read_rust_files;

/// Counts the tests that take a part of the material, by part: each place of `reference!`.
fn tests_by_part() -> BTreeMap<String, usize> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut texts = BTreeMap::new();
    for folder in ["crates", "xtask/measure"] {
        read_rust_files(&root, Path::new(folder), &mut texts).expect("the sources can be read");
    }
    let parts = |text: &str| -> Vec<String> {
        let places = text.split("testkit::reference!(\"").skip(1);
        places.filter_map(|place| Some(place.split_once('"')?.0.to_owned())).collect()
    };
    let mut counts = BTreeMap::new();
    for part in texts.values().flat_map(|text| parts(text)) {
        let count: &mut usize = counts.entry(part).or_default();
        *count = count.checked_add(1).expect("few tests");
    }
    counts
}

/// Says in one line what the whole run leaves out; the names of the parts are checked on the way.
#[test]
fn what_is_left_out_for_want_of_reference_material_is_said() {
    let tests = tests_by_part();
    let parts: Vec<&str> = tests.keys().map(String::as_str).collect();
    let known = ["cases", "detection", "kql", "logs", "telemetry"];
    assert!(parts.iter().all(|part| known.contains(part)), "{parts:?}");
    let missing: BTreeMap<_, _> =
        tests.into_iter().filter(|(part, _)| Reference::find(part).is_none()).collect();
    if missing.is_empty() {
        return;
    }
    let parts = missing.iter().map(|(part, count)| format!("{part} {count}"));
    let line = format!(
        "left out for want of reference material: {} tests ({}); see `cargo xtask reference`\n",
        missing.values().sum::<usize>(),
        parts.collect::<Vec<_>>().join(", "),
    );
    // The harness shows what passing tests print to nobody; this line is for whoever runs them.
    std::io::stderr().write_all(line.as_bytes()).expect("standard error is open");
}
