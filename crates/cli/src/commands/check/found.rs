//! Queries in files: `.kql` files are queries, rules in YAML hold one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kql_syntax::Span;
use serde::Deserialize;
use serde_saphyr::Spanned;
use walkdir::WalkDir;

use crate::error::CommandError;

/// A query and where its text stands.
pub(super) struct FoundQuery {
    path: PathBuf,
    /// The text, as the language sees it.
    pub(super) text: String,
    /// The file, if the query is only a part of it.
    within: Option<Within>,
}

/// A query inside a YAML file.
struct Within {
    file_text: String,
    /// For each line of the query: its offset in the query, and in the file.
    lines: Vec<(usize, usize)>,
}

/// The parts of a rule file that hold a query: Sentinel's analytics rules, and Defender's custom
/// detections.
#[derive(Deserialize)]
struct RuleFile {
    query: Option<Spanned<String>>,
    properties: Option<Properties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    query_condition: Option<QueryCondition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryCondition {
    query_text: Option<Spanned<String>>,
}

impl FoundQuery {
    /// Returns the file's path.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Returns the text that diagnostics point into.
    pub(super) fn shown_text(&self) -> &str {
        self.within.as_ref().map_or(&self.text, |within| &within.file_text)
    }

    /// Returns where a span of the query stands in the file.
    pub(super) fn place(&self, span: Span) -> Span {
        let Some(within) = &self.within else { return span };
        let place = |offset: u32| {
            let offset = offset as usize;
            let line = within.lines.partition_point(|(start, _)| *start <= offset);
            let (in_query, in_file) = line
                .checked_sub(1)
                .and_then(|line| within.lines.get(line))
                .copied()
                .unwrap_or_default();
            let place = in_file.saturating_add(offset.saturating_sub(in_query));
            u32::try_from(place.min(within.file_text.len())).unwrap_or(u32::MAX)
        };
        Span::new(place(span.start), place(span.end))
    }
}

/// Finds the queries in files, and in folders below which `.kql` and YAML files are looked at.
///
/// A YAML file without a query is no error in a folder, but one if it was named.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<FoundQuery>, CommandError> {
    let mut queries = Vec::new();
    for path in paths {
        if !path.is_dir() {
            let query = read(path)?.ok_or_else(|| {
                CommandError::user(format!("{}: no query found", path.display())).with_hint(
                    "expected KQL, or YAML with `query` or `properties.queryCondition.queryText`",
                )
            })?;
            queries.push(query);
            continue;
        }
        for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
            let entry = entry.map_err(|error| CommandError::user(error.to_string()))?;
            if entry.file_type().is_file() && (is_kql(entry.path()) || is_yaml(entry.path())) {
                queries.extend(read(entry.path())?);
            }
        }
    }
    Ok(queries)
}

fn read(path: &Path) -> Result<Option<FoundQuery>, CommandError> {
    let unreadable = |error: io::Error| CommandError::user(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(unreadable)?;
    if !is_yaml(path) {
        return Ok(Some(FoundQuery { path: path.to_owned(), text, within: None }));
    }
    let query = match serde_saphyr::from_str::<RuleFile>(&text) {
        Ok(file) => file.query.or_else(|| file.properties?.query_condition?.query_text),
        // A list, for example: YAML, but of something else than a rule.
        Err(_) if serde_saphyr::from_str::<serde_json::Value>(&text).is_ok() => None,
        Err(error) => {
            return Err(CommandError::user(format!("{}: {error}", path.display())));
        }
    };
    Ok(query.map(|query| {
        let first_line = usize::try_from(query.defined.line()).unwrap_or(usize::MAX);
        let lines = align(&query.value, &text, first_line);
        let within = Some(Within { file_text: text, lines });
        FoundQuery { path: path.to_owned(), text: query.value, within }
    }))
}

/// Finds each line of a query in its file, from the file's 1-based line on at which the value
/// starts.
///
/// A block scalar's lines stand in the file as they are, but for their indentation. Where a line
/// does not, since the value is quoted or folded, it is taken to stand where the value starts.
fn align(query: &str, file: &str, first_line: usize) -> Vec<(usize, usize)> {
    let mut file_lines = line_starts(file).skip(first_line.saturating_sub(1)).peekable();
    let value_start = file_lines.peek().map_or(0, |(start, _)| *start);
    let mut lines = Vec::new();
    for (in_query, line) in line_starts(query) {
        let line = line.trim_end();
        let found = file_lines.clone().find_map(|(start, text)| {
            text.trim_end()
                .strip_suffix(line)
                .map(|indent| (start, start.saturating_add(indent.len())))
        });
        match found.filter(|_| !line.is_empty()) {
            Some((start, in_file)) => {
                lines.push((in_query, in_file));
                while file_lines.next_if(|(next, _)| *next <= start).is_some() {}
            }
            None if line.is_empty() => {}
            None => lines.push((in_query, value_start)),
        }
    }
    lines
}

/// Returns each line with the offset at which it starts.
fn line_starts(text: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    let mut start = 0_usize;
    text.split_inclusive('\n').map(move |line| {
        let this = start;
        start = start.saturating_add(line.len());
        (this, line)
    })
}

fn is_kql(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["kql", "csl", "kusto"].iter().any(|kql| ending == *kql))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(yaml: &str) -> FoundQuery {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rule.yaml");
        fs::write(&path, yaml).unwrap();
        read(&path).unwrap().unwrap()
    }

    /// Returns what stands in the file where the query has `wanted`.
    fn placed<'a>(query: &'a FoundQuery, wanted: &str) -> &'a str {
        let start = u32::try_from(query.text.find(wanted).unwrap()).unwrap();
        let end = start.saturating_add(u32::try_from(wanted.len()).unwrap());
        &query.shown_text()[query.place(Span::new(start, end)).range()]
    }

    #[test]
    fn a_block_scalars_places_are_found_in_the_file() {
        let query =
            found("name: where\nquery: |\n  T\n\n  | where a == 1\n  | where b\nversion: 1\n");
        assert_eq!(query.text, "T\n\n| where a == 1\n| where b\n");
        assert_eq!(placed(&query, "a == 1"), "a == 1");
        assert_eq!(placed(&query, "| where b"), "| where b");
        assert_eq!(placed(&query, "T"), "T");
    }

    #[test]
    fn a_custom_detections_query_is_found() {
        let query = found("properties:\n  queryCondition:\n    queryText: |-\n      T | take 1\n");
        assert_eq!(query.text, "T | take 1");
        assert_eq!(placed(&query, "take 1"), "take 1");
    }

    #[test]
    fn yaml_without_a_query_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.yaml");
        fs::write(&path, "- {id: B01}\n").unwrap();
        assert!(read(&path).unwrap().is_none());
    }
}
