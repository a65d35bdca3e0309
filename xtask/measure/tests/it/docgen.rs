//! The reference that is checked in is the one that the code makes.

use std::path::Path;

use measure::docgen;

#[test]
fn the_reference_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let stale = docgen::stale(&root);
    assert!(stale.is_empty(), "run `cargo xtask docgen`: {stale:#?}");
}
