//! The literate spec: in `spec/**/*.md` each heading with a query and a table is a case, and runs as
//! `quarry query` runs it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use kql_syntax::Severity;
use serde_json::Value;

use crate::plain::{Answer, Outcome, messages, run};

#[test]
fn the_spec_is_true() {
    let mut failures = Vec::new();
    let mut count = 0_usize;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
    for path in pages_in(&root) {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        for case in cases(&text) {
            count += 1;
            if let Err(why) = check(&case) {
                failures.push(format!("{name}: {}: {why}", case.heading));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(count >= 100, "only {count} cases were found");
}

/// What runs by `docs/reference/`, which is made of the catalogues of functions and operators, has a
/// section: its name stands in backticks in the heading, and in the query below it.
#[test]
fn every_feature_that_runs_has_a_section() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut covered = BTreeSet::new();
    for path in pages_in(&root.join("spec")) {
        for case in cases(&fs::read_to_string(&path).unwrap()) {
            let quoted = case.heading.split('`').skip(1).step_by(2);
            let names = quoted.map(first_word).filter(|name| case.query.contains(name));
            covered.extend(names.map(str::to_owned));
        }
    }
    let mut missing = BTreeSet::new();
    for page in ["functions", "aggregates", "plugins", "operators"] {
        let names = running(&root, page);
        missing.extend(names.into_iter().filter(|name| !covered.contains(name)));
    }
    let missing = missing.into_iter().collect::<Vec<_>>();
    assert_eq!(missing, WITHOUT_SECTION, "features that run and have no section");
}

/// A function, an operator or a plugin that runs is called three times at least, on pages that say where their
/// answers are from: by the documentation's address, or as measured.
#[test]
fn every_feature_that_runs_has_three_cases_with_a_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut queries = Vec::new();
    for path in pages_in(&root.join("spec")) {
        let text = fs::read_to_string(&path).unwrap();
        let has_source = text.contains("https://") || text.to_lowercase().contains("measured");
        if has_source {
            queries.extend(cases(&text).into_iter().map(|case| without_texts(&case.query)));
        }
    }
    let mut few = Vec::new();
    for (page, after) in
        [("functions", "("), ("aggregates", "("), ("plugins", "("), ("operators", "")]
    {
        for name in running(&root, page) {
            let calls: usize = queries.iter().map(|query| calls(query, &name, after)).sum();
            if calls < 3 {
                few.push(format!("{name}: {calls}"));
            }
        }
    }
    assert!(few.is_empty(), "called fewer than three times: {few:?}");
}

/// Returns the names on a page of the reference that run.
fn running(root: &Path, page: &str) -> Vec<String> {
    let text = fs::read_to_string(root.join(format!("docs/reference/{page}.md"))).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    let running = rows.filter(|row| !row[1].is_empty());
    let names: Vec<String> =
        running.map(|row| first_word(row[0].trim_start_matches('`')).to_owned()).collect();
    assert!(names.len() > 4, "{page}: only {names:?}");
    names
}

/// Returns a query with its texts emptied: what they hold is not called.
fn without_texts(query: &str) -> String {
    let mut left = String::new();
    let mut quote = None;
    for it in query.chars() {
        match quote {
            Some(end) if it == end || it == '\n' => quote = None,
            Some(_) => {}
            None if matches!(it, '\'' | '"') => quote = Some(it),
            None => left.push(it),
        }
    }
    left
}

/// Counts the places in a query where a name stands as a word of its own, with this behind it.
fn calls(query: &str, name: &str, after: &str) -> usize {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    let is_call = |at: usize| {
        let (before, behind) = (&query[..at], &query[at + name.len()..]);
        let is_whole = !before.ends_with(is_part) && !behind.starts_with(is_part);
        is_whole && behind.trim_start().starts_with(after)
    };
    query.match_indices(name).filter(|(at, _)| is_call(*at)).count()
}

/// Features that run and have no section yet.
const WITHOUT_SECTION: &[&str] = &[];

/// Returns the word that a name or a call begins with.
fn first_word(text: &str) -> &str {
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '_' | '-'));
    &text[..end.unwrap_or(text.len())]
}

/// A heading, the query below it and the answer below that.
struct Case {
    heading: String,
    query: String,
    answer: Expected,
}

enum Expected {
    /// The lines of a table, cells trimmed; the first line has the columns.
    Rows(Vec<Vec<String>>),
    /// A diagnostic's code, in a block `text`.
    Refusal(String),
}

fn pages_in(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).expect("the spec is there") {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(pages_in(&path));
        } else if path.extension().is_some_and(|it| it == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

/// Reads the cases of a page: a query without an answer, or an answer without a query, is an error.
fn cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut heading = String::new();
    let mut query: Option<String> = None;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix('#') {
            assert!(query.is_none(), "no answer under `{heading}`");
            title.trim_start_matches('#').trim().clone_into(&mut heading);
        } else if line == "```kql" {
            assert!(query.is_none(), "two queries under `{heading}`");
            query = Some(block(&mut lines));
        } else if line == "```text" {
            let query = query.take().expect("a query before its answer");
            let answer = Expected::Refusal(block(&mut lines).trim().to_owned());
            cases.push(Case { heading: heading.clone(), query, answer });
        } else if line.starts_with('|') && query.is_some() {
            let mut rows = vec![cells(line)];
            while let Some(line) = lines.next_if(|line| line.starts_with('|')) {
                rows.push(cells(line));
            }
            rows.remove(1);
            let query = query.take().expect("it was there");
            cases.push(Case { heading: heading.clone(), query, answer: Expected::Rows(rows) });
        }
    }
    assert!(query.is_none(), "no answer under `{heading}`");
    cases
}

fn block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    lines
        .take_while(|line| !line.starts_with("```"))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// Splits a line of a table; `\|` is no border.
fn cells(line: &str) -> Vec<String> {
    let line = line.replace("\\|", "\u{1}");
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

fn check(case: &Case) -> Result<(), String> {
    let outcome = run(&case.query);
    match (&case.answer, outcome) {
        (Expected::Rows(expected), Outcome::Ran(answer)) => {
            let found = table(&answer);
            if found == *expected {
                return Ok(());
            }
            Err(format!("\n  found    {found:?}\n  expected {expected:?}"))
        }
        (Expected::Refusal(code), Outcome::Refused(found)) => {
            let error = found.iter().find(|it| it.severity == Severity::Error);
            let error = error.map(|it| format!("{} {}", it.code, it.message));
            if error.is_some_and(|it| it.starts_with(code.as_str())) {
                return Ok(());
            }
            Err(messages(&found))
        }
        (_, Outcome::Refused(found)) => Err(messages(&found)),
        (_, Outcome::Failed(error)) => Err(error),
        (Expected::Refusal(code), Outcome::Ran(answer)) => {
            Err(format!("expected {code}, found {:?}", table(&answer)))
        }
    }
}

/// Writes an answer as the spec does: columns as `name: type`, null as nothing, texts quoted.
fn table(answer: &Answer) -> Vec<Vec<String>> {
    let columns = answer.columns.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    let rows = answer.rows.iter().map(|row| row.iter().map(cell).collect());
    std::iter::once(columns).chain(rows).collect()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}
