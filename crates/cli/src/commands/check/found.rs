//! Queries in files: `.kql` files are queries, rules in YAML hold one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kql_syntax::{Diagnostic, Span};
use rule_file::{Kind, RuleFile, code::NO_YAML};
use walkdir::WalkDir;

use crate::error::CommandError;

/// A file that was to be checked.
pub(super) struct Found {
    path: PathBuf,
    /// What is in it; an error if it cannot be read.
    pub(super) content: io::Result<Content>,
}

/// What a file holds.
pub(super) struct Content {
    /// The text that diagnostics point into.
    pub(super) text: String,
    pub(super) form: Form,
}

/// How a file holds its query.
pub(super) enum Form {
    /// As its whole text.
    Query,
    /// In YAML.
    Rule(Box<RuleFile>),
    /// It should, in YAML, but is none.
    NoYaml(Diagnostic),
}

impl Found {
    /// Returns the file's path.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

impl Content {
    /// Returns the query's text, as the language sees it; `None` if there is none.
    pub(super) fn query(&self) -> Option<&str> {
        match &self.form {
            Form::Query => Some(&self.text),
            Form::Rule(rule) => rule.query().map(|query| &*query.text),
            Form::NoYaml(_) => None,
        }
    }

    /// Returns where a span of the query stands in the file.
    pub(super) fn place(&self, span: Span) -> Span {
        match &self.form {
            Form::Rule(rule) => rule.query().map_or(span, |query| query.places.place(span)),
            Form::Query | Form::NoYaml(_) => span,
        }
    }
}

/// Finds the files to check: those named, and `.kql` and YAML files in folders.
///
/// A YAML file without a query is no error in a folder, but one if it was named.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<Found>, CommandError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            let found = read(path, true).map_err(|error| missing(path, &error))?;
            files.extend(found);
            continue;
        }
        for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
            let entry = entry.map_err(|error| CommandError::user(error.to_string()))?;
            if entry.file_type().is_file() && (is_kql(entry.path()) || is_yaml(entry.path())) {
                let found = read(entry.path(), false);
                let unreadable =
                    |error| Found { path: entry.path().to_owned(), content: Err(error) };
                files.extend(found.unwrap_or_else(|error| Some(unreadable(error))));
            }
        }
    }
    Ok(files)
}

fn missing(path: &Path, error: &io::Error) -> CommandError {
    let failed = CommandError::user(format!("{}: {error}", path.display()));
    if error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::InvalidData {
        return failed.with_hint(
            "expected KQL, or YAML with `query` or `properties.queryCondition.queryText`",
        );
    }
    failed
}

fn read(path: &Path, is_named: bool) -> io::Result<Option<Found>> {
    let text = fs::read_to_string(path)?;
    let form = if is_yaml(path) { rule(&text, is_named) } else { Some(Form::Query) };
    match form {
        Some(form) => {
            Ok(Some(Found { path: path.to_owned(), content: Ok(Content { text, form }) }))
        }
        None if is_named => Err(io::Error::new(io::ErrorKind::InvalidData, "no query found")),
        None => Ok(None),
    }
}

fn rule(text: &str, is_named: bool) -> Option<Form> {
    match RuleFile::read(text) {
        Ok(rule) if rule.query().is_some() || rule.kind() != Kind::Other => {
            Some(Form::Rule(Box::new(rule)))
        }
        Ok(_) => None,
        // Folders hold YAML that is nothing of ours, templates for example.
        Err(_) if !is_named && !has_query(text) => None,
        Err(error) => Some(Form::NoYaml(Diagnostic::error(
            NO_YAML,
            error.span,
            format!("this is no YAML: {}", error.message),
        ))),
    }
}

/// Tells whether a text that is no YAML looks like a rule.
fn has_query(text: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("query:") || line.trim_start().starts_with("queryText:"))
}

/// Tells whether a file's name says that it is a query.
pub(crate) fn is_kql(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["kql", "csl", "kusto"].iter().any(|kql| ending == *kql))
}

/// Tells whether a file's name says that it is YAML.
pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}
