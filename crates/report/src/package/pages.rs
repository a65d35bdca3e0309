//! A package as pages for people, in Markdown: what it finds, and of each rule what it sees, what it does not, how it
//! was tested, how to tune it, what to do about an alert and how the rule came to be what it is.
//!
//! In: a package. Out: texts by the names of their files, of the form that mdBook and most makers of sites take, and
//! the telemetry of each test, on which a reader can run a rule.

mod rule;
mod threats;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use detection::{Package, PackagedRule, testing};

use crate::alerts::attack;

/// The folder for telemetry.
const TELEMETRY: &str = "telemetry";

/// A case that cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("case `{case}` of `tests/{suite}.yaml`: {problem}")]
pub struct PagesError {
    /// The suite's name.
    pub suite: String,
    /// The case's name.
    pub case: String,
    /// What is wrong with one of its events.
    pub problem: String,
}

/// Returns the pages of a package by the paths of their files, with `/` between folders.
///
/// - `guides`: names of the package's own pages that stand beside, and are linked.
///
/// # Errors
///
/// If a test has an event of no known form.
pub fn pages(package: &Package, guides: &[String]) -> Result<BTreeMap<String, String>, PagesError> {
    let mut pages = telemetry(package)?;
    for rule in &package.rules {
        pages.insert(format!("rules/{}.md", file_of(rule)), rule::page(package, rule, guides));
    }
    pages.insert("index.md".to_owned(), index(package));
    if !package.threats.is_empty() {
        pages.insert("threats.md".to_owned(), threats::page(package));
    }
    pages.insert("SUMMARY.md".to_owned(), summary(package, guides));
    Ok(pages)
}

/// Returns each case's records by the name of a file.
fn telemetry(package: &Package) -> Result<BTreeMap<String, String>, PagesError> {
    let mut files = BTreeMap::new();
    for suite in &package.suites {
        for (number, case) in (1..).zip(&suite.cases) {
            let lines = testing::telemetry(case, number).map_err(|problem| PagesError {
                suite: suite.name.clone(),
                case: case.name.clone(),
                problem,
            })?;
            files.insert(telemetry_file(&suite.name, number), lines);
        }
    }
    Ok(files)
}

fn telemetry_file(suite: &str, number: usize) -> String {
    format!("{TELEMETRY}/{suite}-{number:03}.jsonl")
}

/// Returns the name of a rule's file without its ending, by which tests name it.
fn file_of(rule: &PackagedRule) -> String {
    rule.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn index(package: &Package) -> String {
    let Package { name, id, version, .. } = package;
    let mut text = format!("# {name}\n\nPackage `{id}`, version {version}.\n\n## Rules\n\n");
    text.push_str("| rule | severity | finds | behaviours |\n|---|---|---|---|\n");
    for rule in &package.rules {
        let file = file_of(rule);
        let _infallible = writeln!(
            text,
            "| [`{file}`](rules/{file}.md) | {} | {} | {} |",
            rule.rule.severity.name(),
            cell(&rule.rule.name),
            rule.behaviours.join(", ")
        );
    }
    if !package.behaviours.is_empty() {
        text.push_str("\n## Behaviours\n\n| | what happens | rules that see it |\n|---|---|---|\n");
    }
    for behaviour in package.behaviours.values() {
        let seen_by = package.rules.iter().filter(|rule| rule.behaviours.contains(&behaviour.id));
        let rules: Vec<String> =
            seen_by.map(|rule| format!("[`{0}`](rules/{0}.md)", file_of(rule))).collect();
        let _infallible = writeln!(
            text,
            "| {} | {} | {} |",
            behaviour.id,
            cell(&behaviour.name),
            if rules.is_empty() { "none".to_owned() } else { rules.join(", ") }
        );
    }
    text
}

/// Returns the table of contents, as mdBook has it.
fn summary(package: &Package, guides: &[String]) -> String {
    let mut text = format!("# Summary\n\n- [{}](index.md)\n", package.name);
    for rule in &package.rules {
        let _infallible = writeln!(text, "  - [{}](rules/{}.md)", rule.rule.name, file_of(rule));
    }
    if !package.threats.is_empty() {
        text.push_str("- [Who used it](threats.md)\n");
    }
    for guide in guides {
        let title = guide.strip_suffix(".md").unwrap_or(guide);
        let _infallible = writeln!(text, "- [{title}]({guide})");
    }
    text
}

/// Returns a text as a cell of a table takes it.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}

/// Returns a technique with its name and a link to ATT&CK's page.
fn technique(id: &str) -> String {
    let path = id.replace('.', "/");
    format!("[{id} {}](https://attack.mitre.org/techniques/{path}/)", attack::technique_name(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_one() {
        assert_eq!(cell(" a | b\nc "), r"a \| b c");
    }

    #[test]
    fn a_technique_is_linked_by_its_parts() {
        assert_eq!(
            technique("T1021.002"),
            "[T1021.002 SMB/Windows Admin Shares](https://attack.mitre.org/techniques/T1021/002/)"
        );
    }

    #[test]
    fn every_rule_of_the_package_has_a_page_with_a_test_that_can_be_run() {
        let package = Package::builtin().unwrap();
        let pages = pages(&package, &[]).unwrap();
        for rule in &package.rules {
            let page = &pages[&format!("rules/{}.md", file_of(rule))];
            // What is kept as it was published has no notes of ours and no test of its own.
            if rule.is_baseline {
                continue;
            }
            assert!(page.contains("## What it does not see"), "{page}");
            let link = page.split("](../").nth(1).unwrap_or_else(|| panic!("{page}"));
            let file = link.split(')').next().unwrap();
            assert!(pages[file].lines().count() > 0, "{file}");
        }
    }
}
