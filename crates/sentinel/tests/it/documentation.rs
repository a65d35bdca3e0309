//! The page that says what is documented and what is assumed names tests and options that there are.

use std::{fs, path::Path};

use sentinel::Assumptions;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Returns the sources of the tests of this crate and of those of rule files.
fn tests() -> String {
    let mut sources = String::new();
    for folder in ["src", "tests/it", "../rule-file/src", "../rule-file/tests/it"] {
        add_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut sources);
    }
    sources
}

/// Adds the sources below a folder.
fn add_sources(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_sources(&path, sources);
        } else if path.extension().is_some_and(|it| it == "rs") {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn the_tests_that_the_page_names_are_there() {
    let (page, tests) = (read("../../docs/sentinel.md"), tests());
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains(". | `"));
    let names: Vec<&str> = rows
        .flat_map(|line| line.rsplit_once(". | ").unwrap().1.split('`').skip(1).step_by(2))
        .collect();
    assert!(names.len() > 50, "{names:?}");
    for name in names {
        assert!(
            tests.contains(&format!("#[test]\nfn {name}()"))
                || tests.contains(&format!("#[test]\n    fn {name}()")),
            "{name}"
        );
    }
}

#[test]
fn the_assumptions_of_the_page_are_those_that_there_are() {
    let page = read("../../docs/sentinel.md");
    for assumption in Assumptions::default().list() {
        let (name, about) = (assumption.name, assumption.about);
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` | ")));
        let row = row.unwrap_or_else(|| panic!("{name}"));
        assert!(row.ends_with(&format!(" | {about} |")), "{row}");
        assert!(row.starts_with(&format!("| `{name}` | `{}`", assumption.value)), "{row}");
        for option in assumption.options {
            assert!(row.contains(&format!("`{option}`")), "{option}: {row}");
        }
    }
    let rows = page.lines().skip_while(|line| !line.starts_with("| name | options"));
    let rows = rows.take_while(|line| line.starts_with('|')).count();
    assert_eq!(rows, Assumptions::default().list().len() + 2);
}
