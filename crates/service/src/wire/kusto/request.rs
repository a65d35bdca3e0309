//! What a client asks: the query and how it is to be answered.

use std::time::Duration;

use kql_types::{Ticks, datetime, timespan};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{command::is_command, parameters::with_parameters};
use crate::{queries::Question, query_error::QueryError};

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    /// The database, if it names any.
    pub(crate) database: String,
    /// The query or command.
    pub(crate) text: String,
    pub(crate) options: Options,
}

/// What a request wants of its answer. Options that change nothing of it are not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// How long it may take.
    pub(crate) time: Option<Duration>,
    /// How many rows it may have.
    pub(crate) rows: Option<usize>,
    /// It may have as many as it has.
    pub(crate) is_unlimited: bool,
    /// What `now()` is.
    pub(crate) now: Option<Ticks>,
    pub(crate) layout: Layout,
}

/// How an answer in the second version of the protocol is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Each frame has a line of its own.
    pub(crate) newlines: bool,
    /// The rows of a result come in several frames.
    pub(crate) fragments: bool,
    /// Errors are told at the end of the table that they broke off.
    pub(crate) errors_at_end_of_table: bool,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    db: Option<String>,
    csl: String,
    #[serde(default)]
    properties: Option<Value>,
}

impl Request {
    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// If it is not what it should be, or asks for what would change the answer and is not known.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, QueryError> {
        let wrong = |error: serde_json::Error| QueryError::Request(format!("the body: {error}"));
        let Body { db, csl, properties } = serde_json::from_slice(body).map_err(wrong)?;
        // Some clients write the properties as text with JSON in it.
        let properties = match properties {
            Some(Value::String(text)) if text.trim().is_empty() => Value::Null,
            Some(Value::String(text)) => serde_json::from_str(&text).map_err(wrong)?,
            properties => properties.unwrap_or_default(),
        };
        let properties = object(properties, "properties")?;
        let options = object(member(&properties, "options"), "options")?;
        let parameters = object(member(&properties, "parameters"), "parameters")?;
        let options = Options::parse(&options)?;
        Self::with_parameters(db.unwrap_or_default(), csl, &parameters, options)
    }

    /// Makes a request of a query alone.
    ///
    /// # Errors
    ///
    /// If it declares a parameter that has no value.
    pub(crate) fn of_query(database: String, text: String) -> Result<Self, QueryError> {
        Self::with_parameters(database, text, &Map::new(), Options::default())
    }

    fn with_parameters(
        database: String,
        text: String,
        parameters: &Map<String, Value>,
        options: Options,
    ) -> Result<Self, QueryError> {
        let text = if is_command(&text) { text } else { with_parameters(text, parameters)? };
        Ok(Self { database, text, options })
    }

    /// Returns the question that is asked.
    pub(crate) fn question(&self, text: String) -> Question {
        let Options { time, rows, is_unlimited, now, .. } = self.options;
        // As a statement in the query itself: it is about the answer.
        let is_unlimited = is_unlimited || says_no_truncation(&text);
        Question { text, span: None, now, time, rows, is_unlimited }
    }
}

/// Returns a member by its name, whatever its case; clients differ.
fn member(object: &Map<String, Value>, name: &str) -> Value {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn object(value: Value, what: &str) -> Result<Map<String, Value>, QueryError> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(object) => Ok(object),
        _ => Err(QueryError::Request(format!("`{what}` is not an object"))),
    }
}

/// Tells whether a query begins with `set notruncation`.
fn says_no_truncation(text: &str) -> bool {
    let mut statements = text.split(';').map(str::trim_start);
    let is_set = |statement: &&str| statement.starts_with("set ");
    let mut sets = statements.by_ref().take_while(is_set);
    sets.any(|set| set.trim_start_matches("set ").trim_start().starts_with("notruncation"))
}

impl Options {
    fn parse(options: &Map<String, Value>) -> Result<Self, QueryError> {
        let flag = |name: &str| match member(options, name) {
            Value::Bool(flag) => flag,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        let wrong = |name: &str, value: &Value| {
            QueryError::Request(format!("the option `{name}` cannot be {value}"))
        };
        let time = match member(options, "servertimeout") {
            Value::Null => None,
            value => {
                let ticks = value.as_str().and_then(timespan::parse);
                let ticks = ticks.and_then(|ticks| u64::try_from(ticks).ok());
                let ticks = ticks.ok_or_else(|| wrong("servertimeout", &value))?;
                Some(Duration::from_micros(ticks / 10))
            }
        };
        let rows = match member(options, "truncationmaxrecords") {
            Value::Null => None,
            value => {
                let rows = value.as_u64().and_then(|rows| usize::try_from(rows).ok());
                Some(rows.ok_or_else(|| wrong("truncationmaxrecords", &value))?)
            }
        };
        let now = match member(options, "query_now") {
            Value::Null => None,
            value => {
                let now = value.as_str().and_then(datetime::parse);
                Some(now.ok_or_else(|| wrong("query_now", &value))?)
            }
        };
        for name in
            ["query_datetimescope_column", "query_datetimescope_from", "query_take_max_records"]
        {
            let value = member(options, name);
            if value != Value::Null {
                return Err(QueryError::Request(format!("the option `{name}` is not taken yet")));
            }
        }
        Ok(Self {
            time,
            rows,
            is_unlimited: flag("notruncation"),
            now,
            layout: Layout {
                newlines: flag("results_v2_newlines_between_frames"),
                fragments: flag("results_v2_fragment_primary_tables"),
                errors_at_end_of_table: member(options, "results_error_reporting_placement")
                    .as_str()
                    .is_some_and(|place| place.eq_ignore_ascii_case("end_of_table")),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_an_object_or_its_text_in_any_case() {
        let asked =
            r#"{"Options":{"ServerTimeout":"00:00:10","results_v2_fragment_primary_tables":true}}"#;
        let quoted = serde_json::to_string(asked).unwrap();
        for properties in [asked, quoted.as_str()] {
            let body = format!(r#"{{"db":"lake","csl":"print 1","properties":{properties}}}"#);
            let request = Request::parse(body.as_bytes()).unwrap();
            assert_eq!(request.options.time, Some(Duration::from_secs(10)));
            assert!(request.options.layout.fragments && !request.options.layout.newlines);
        }
    }

    #[test]
    fn what_would_change_the_answer_and_is_not_known_is_refused() {
        for (body, said) in [
            ("", "the body"),
            (r#"{"db":"x"}"#, "csl"),
            (r#"{"csl":"print 1","properties":[]}"#, "properties"),
            (r#"{"csl":"print 1","properties":{"parameters":{"n":"1"}}}"#, "`n` is not declared"),
            (r#"{"csl":"print 1","properties":{"options":{"servertimeout":"soon"}}}"#, "soon"),
            (
                r#"{"csl":"T","properties":{"options":{"query_datetimescope_from":"2024-01-01"}}}"#,
                "scope",
            ),
        ] {
            let error = Request::parse(body.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(said), "{body}: {error}");
        }
    }

    #[test]
    fn a_query_says_itself_that_all_rows_are_wanted() {
        for (text, says) in [
            ("set notruncation; T", true),
            ("set best_effort=true;\nset notruncation=true;\nT", true),
            ("T | where a == 'set notruncation;'", false),
        ] {
            assert_eq!(says_no_truncation(text), says, "{text}");
        }
    }
}
