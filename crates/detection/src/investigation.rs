//! The investigation guide: questions about an alert, each with a query that helps to answer it.
//!
//! In go the package's guide and an alert's columns; out come the questions that the alert has
//! enough for, their queries filled in. Runs nothing.

mod hunting;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use kql_types::{Ticks, datetime};
use serde::Deserialize;
use thiserror::Error;

pub use self::hunting::Subject;

/// Questions in the order in which to ask them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// The questions.
    pub questions: Vec<Question>,
}

/// A question about an alert.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// What its answer tells.
    pub tells: String,
    /// The query, with `{Column}` for the alert's values.
    ///
    /// Values stand between double quotes there, and are escaped for that. `{From}` and `{To}` are
    /// the times an hour before and after the alert, `{LogonIdHex}` is its logon id as events of the
    /// Security log write it, `{TargetHost}` and `{SourceHost}` are names without a domain.
    pub query: String,
}

/// A question with its query for one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledQuestion {
    /// The question.
    pub ask: String,
    /// What its answer tells.
    pub tells: String,
    /// The query.
    pub query: String,
}

/// A guide that could not be read.
#[derive(Debug, Error)]
#[error("{path}: no investigation guide: {source}", path = path.display())]
pub struct GuideError {
    /// The file.
    pub path: PathBuf,
    /// The cause, with its line.
    pub source: Box<serde_saphyr::Error>,
}

const TICKS_PER_HOUR: Ticks = 36_000_000_000;

impl Guide {
    /// Reads a guide from YAML.
    ///
    /// # Errors
    ///
    /// If the text is no guide.
    pub fn parse(path: &Path, yaml: &str) -> Result<Self, GuideError> {
        serde_saphyr::from_str(yaml)
            .map_err(|source| GuideError { path: path.to_owned(), source: Box::new(source) })
    }

    /// Fills in the columns of an alert. A question that asks for what the alert lacks is left out.
    pub fn fill(&self, columns: &BTreeMap<String, String>) -> Vec<FilledQuestion> {
        let values = values(columns);
        let filled = self.questions.iter().filter_map(|question| {
            Some(FilledQuestion {
                ask: question.ask.clone(),
                tells: question.tells.clone(),
                query: fill(&question.query, &values)?,
            })
        });
        filled.collect()
    }
}

/// Returns what placeholders stand for: the alert's columns that have a value, and what follows from
/// them.
fn values(columns: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = columns
        .iter()
        .filter(|(_, value)| !matches!(value.as_str(), "" | "-" | "null" | "[]"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let time = columns.get("TimeGenerated").and_then(|text| datetime::parse(text));
    if let Some(time) = time {
        let at = |ticks: Ticks| datetime::format_json(ticks).to_string();
        values.insert("From".to_owned(), at(time.saturating_sub(TICKS_PER_HOUR)));
        values.insert("To".to_owned(), at(time.saturating_add(TICKS_PER_HOUR)));
    }
    if let Some(id) = columns.get("LogonId").and_then(|text| text.parse::<i64>().ok()) {
        values.insert("LogonIdHex".to_owned(), format!("0x{id:x}"));
    }
    for (host, device) in [("TargetHost", "TargetDevice"), ("SourceHost", "SourceDevice")] {
        if let Some(name) = values.get(device).and_then(|name| name.split('.').next()) {
            values.insert(host.to_owned(), name.to_owned());
        }
    }
    values
}

/// Fills in a template; `None` if it asks for a value that there is none of.
fn fill(template: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        text.push_str(before);
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        if is_name {
            text.push_str(&escaped(values.get(name)?));
        } else {
            text.push('{');
            text.push_str(name);
            text.push('}');
        }
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Escapes a value for a KQL string between double quotes. Line breaks end one, so they go.
fn escaped(value: &str) -> String {
    let value = value.replace(['\r', '\n'], " ");
    value.replace('\\', r"\\").replace('"', r#"\""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide(query: &str) -> Guide {
        let question =
            Question { ask: "who?".to_owned(), tells: "that".to_owned(), query: query.to_owned() };
        Guide { questions: vec![question] }
    }

    fn filled(query: &str, columns: &[(&str, &str)]) -> Option<String> {
        let columns = columns.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        guide(query).fill(&columns).pop().map(|question| question.query)
    }

    #[test]
    fn values_are_escaped() {
        let query = filled(r#"T | where a == "{A}""#, &[("A", r#"x" or "\"#)]);
        assert_eq!(query.as_deref(), Some(r#"T | where a == "x\" or \"\\""#));
    }

    #[test]
    fn what_follows_from_columns_is_known() {
        let columns = [("LogonId", "255"), ("TimeGenerated", "2026-03-12T09:00:00Z")];
        assert_eq!(filled("{LogonIdHex}", &columns).as_deref(), Some("0xff"));
        let from = filled("{From}", &columns).unwrap();
        assert!(from.starts_with("2026-03-12T08:00:00"), "{from}");
    }

    #[test]
    fn a_question_without_its_value_is_left_out() {
        assert_eq!(filled("{A}", &[("A", "")]), None);
        assert_eq!(filled("{A}", &[]), None);
        assert_eq!(filled("no { } here", &[]).as_deref(), Some("no { } here"));
    }
}
