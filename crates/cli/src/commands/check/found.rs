//! What the files to be checked hold.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kql_syntax::{Diagnostic, Span};
use rule_file::{Content, RuleFile, SourceText};

use crate::{
    error::CommandError,
    rules::rule_files::{PassedOver, RulePath, files},
};

/// A file that was to be checked.
pub(super) struct Found {
    path: PathBuf,
    /// What is in it; an error if it cannot be read.
    pub(super) content: io::Result<Checkable>,
}

/// What a file holds that can be checked.
pub(super) struct Checkable {
    /// The text that diagnostics point into.
    pub(super) text: String,
    pub(super) form: Form,
}

/// How a file holds its queries.
pub(super) enum Form {
    /// As its whole text.
    Query,
    /// In rules.
    Rules(Vec<RuleFile>),
    /// It should, but cannot be read.
    Broken(Diagnostic),
}

impl Found {
    /// Returns the file's path.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Returns where a span of a rule's query stands in its file.
pub(super) fn place(rule: &RuleFile, span: Span) -> Span {
    rule.query().map_or(span, |query| query.places.place(span))
}

/// Finds the files to check, and says which hold nothing that can be.
pub(super) fn find(paths: &[PathBuf]) -> Result<(Vec<Found>, PassedOver), CommandError> {
    let mut found = Vec::new();
    let mut passed_over = PassedOver::default();
    for path in paths {
        for file in files(path)? {
            let text = match read(&file) {
                Ok(Some(text)) => text,
                Ok(None) => {
                    passed_over.add(&file, rule_file::Foreign::nothing());
                    continue;
                }
                Err(error) if file.is_named => {
                    return Err(CommandError::user(format!("{}: {error}", file.path.display())));
                }
                Err(error) => {
                    found.push(Found { path: file.path, content: Err(error) });
                    continue;
                }
            };
            let form = match Content::read(&file.path.to_string_lossy(), &text) {
                Content::Query => Form::Query,
                Content::Rules { rules, others } => {
                    for foreign in others {
                        let part = RulePath { path: file.path.clone(), is_named: false };
                        passed_over.add(&part, foreign);
                    }
                    Form::Rules(rules)
                }
                Content::Broken(diagnostic) => Form::Broken(diagnostic),
                Content::Foreign(foreign) => {
                    for foreign in foreign {
                        passed_over.add(&file, foreign);
                    }
                    continue;
                }
            };
            found.push(Found { path: file.path, content: Ok(Checkable { text, form }) });
        }
    }
    Ok((found, passed_over))
}

/// Returns a file's text; `None` if it is none and its name promises none either.
fn read(file: &RulePath) -> io::Result<Option<String>> {
    let bytes = fs::read(&file.path)?;
    match SourceText::decode(&bytes) {
        Ok(text) => Ok(Some(text.text)),
        Err(error) if file.is_named || promises_rules(&file.path) => {
            Err(io::Error::new(io::ErrorKind::InvalidData, error))
        }
        Err(_) => Ok(None),
    }
}

fn promises_rules(path: &Path) -> bool {
    is_kql(path) || is_yaml(path) || has_ending(path, &["json"])
}

/// Tells whether a file's name says that it is a query.
pub(crate) fn is_kql(path: &Path) -> bool {
    has_ending(path, &["kql", "csl", "kusto"])
}

/// Tells whether a file's name says that it is YAML.
pub(crate) fn is_yaml(path: &Path) -> bool {
    has_ending(path, &["yaml", "yml"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let own = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    endings.iter().any(|ending| own.eq_ignore_ascii_case(ending))
}
