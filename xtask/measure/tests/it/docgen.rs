//! The reference that is checked in is the one that the code makes.

use std::path::Path;

use measure::docgen;

#[test]
fn the_reference_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let stale = docgen::stale(&root);
    assert!(stale.is_empty(), "run `cargo xtask docgen`: {stale:#?}");
}

#[test]
fn functions_that_run_are_described_with_an_example() {
    let (_, data) = kql_language::functions_data();
    let is_bare = |line: &&str| {
        let cells: Vec<&str> = line.split('\t').collect();
        !cells[2].is_empty() && (cells[3].is_empty() || cells[4].is_empty())
    };
    let bare: Vec<&str> = data.lines().filter(is_bare).collect();
    assert!(bare.is_empty(), "{}", bare.join("\n"));
}
