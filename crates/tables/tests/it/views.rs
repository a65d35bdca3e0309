//! The views against the tables they fill and against the folder they lie in. Whether they are
//! valid KQL with the right types is for the stages that bind them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tables::{Environment, catalog};

#[test]
fn every_file_is_listed_under_its_own_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("views");
    let mut files = BTreeSet::new();
    for table in entries(&root) {
        for file in entries(&table) {
            let path = file.strip_prefix(&root).unwrap().with_extension("");
            files.insert((path, fs::read_to_string(&file).unwrap()));
        }
    }
    let tables = catalog(Environment::Both);
    let listed: BTreeSet<_> = tables
        .iter()
        .flat_map(|table| table.views.iter().map(|view| (&table.schema.name, view)))
        .map(|(table, view)| (Path::new(table).join(&view.name), view.text.clone()))
        .collect();
    assert_eq!(listed, files);
    assert!(!files.is_empty());
}

/// Readers turn the first `where` into what they skip, so it has to be first and simple.
#[test]
fn every_view_starts_with_its_events() {
    for table in catalog(Environment::Both) {
        for view in table.views {
            let code: Vec<_> =
                view.text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let [source, filter, ..] = code[..] else { panic!("{}: too short", view.name) };
            assert_eq!(source, "WindowsEvent", "{}", view.name);
            let by_event = filter.starts_with("| where Provider == \"")
                && filter.contains("\" and EventID == ");
            let by_log = filter == "| where Channel =~ \"Security\"";
            let by_other_logs = filter == "| where Channel !~ \"Security\"";
            assert!(by_event || by_log || by_other_logs, "{filter}");
        }
    }
}

#[test]
fn views_fill_columns_that_the_table_has() {
    for table in catalog(Environment::Both) {
        for view in table.views {
            let columns = projected(&view.text);
            assert!(columns.len() >= 10, "{}: {columns:?}", view.name);
            for (index, column) in columns.iter().enumerate() {
                let known = table.schema.column(column).is_some();
                assert!(known, "{} of {} fills `{column}`", view.name, table.schema.name);
                assert!(!columns[..index].contains(column), "{}: `{column}` twice", view.name);
            }
            assert!(columns.contains(&"TimeGenerated"), "{}", view.name);
            if table.schema.name.starts_with("Device") {
                assert!(columns.contains(&"Timestamp"), "{}", view.name);
            }
        }
    }
}

/// Returns the columns of the closing `project`, which has one column a line, four spaces in.
fn projected(text: &str) -> Vec<&str> {
    let (_, project) = text.rsplit_once("| project\n").unwrap();
    project
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|line| line.split([' ', ',']).next().unwrap())
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
