//! The tree of each operator, literal and statement, as a snapshot beside the query.

use std::{fmt::Write, fs, path::PathBuf};

use kql_syntax::parse;

use super::compact::compact;

#[test]
fn each_query_has_its_tree() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/trees");
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
            let (tree, diagnostics) = parse(&query);
            let name = file.file_stem().expect("a name").to_string_lossy();
            let mut text = compact(&format!("{tree:?}"));
            for diagnostic in diagnostics {
                let place = &query[diagnostic.span.range()];
                let (code, message) = (diagnostic.code, &diagnostic.message);
                write!(text, "\n{code} at {place:?}: {message}").expect("room in a string");
            }
            insta::assert_snapshot!(name.as_ref(), text);
        }
    });
}
