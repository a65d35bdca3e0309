//! The layout of typical queries, as a snapshot beside each.

use std::{fs, path::PathBuf};

use super::formatted;

#[test]
fn each_query_has_its_layout() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/format/queries");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of queries")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "kql"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for file in files {
            let query = fs::read_to_string(&file).expect("a readable query");
            let name = file.file_stem().expect("a name").to_string_lossy();
            insta::assert_snapshot!(name.as_ref(), formatted(&query));
        }
    });
}
