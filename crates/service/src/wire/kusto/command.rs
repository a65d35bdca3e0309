//! Commands, which begin with a dot: what clients ask about databases, tables and the service itself.
//!
//! A command's rows become a `datatable` in front of what is piped over them, so that any query works on
//! them. Only what shows is answered; what would change anything is refused.
//!
//! Source: <https://learn.microsoft.com/kusto/management/show-databases> and the pages beside it.

use super::shown::{self, Catalog};
use crate::query_error::QueryError;

/// A text that a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A query.
    Query(String),
    /// A command, by its words in lower case, and what is piped over its rows.
    Show {
        /// The words.
        words: Vec<String>,
        /// What comes behind the first pipe, that included; or nothing.
        behind: String,
    },
}

/// Tells a command from a query.
///
/// # Errors
///
/// If it is a command that would change something.
pub(crate) fn command(text: &str) -> Result<Command, QueryError> {
    let trimmed = without_comments(text);
    let Some(command) = trimmed.strip_prefix('.') else {
        return Ok(Command::Query(text.to_owned()));
    };
    let (command, behind) = command.split_at(command.find('|').unwrap_or(command.len()));
    let words = words(command);
    match words.first().map(String::as_str) {
        Some("show") => Ok(Command::Show { words, behind: behind.to_owned() }),
        Some(word) => Err(QueryError::Request(format!(
            "`.{word}` is not answered: this endpoint only shows, by `.show …`"
        ))),
        None => Err(QueryError::Request("a command without a name".to_owned())),
    }
}

/// Tells whether a text is a command.
pub(super) fn is_command(text: &str) -> bool {
    without_comments(text).starts_with('.')
}

/// Leaves out white space and comments in front.
fn without_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        match text.strip_prefix("//") {
            Some(comment) => text = comment.split_once('\n').map_or("", |(_, behind)| behind),
            None => return text,
        }
    }
}

/// Returns the words of a command in lower case; a name in brackets or quotes is one, as it stands.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim_start();
    while let Some(first) = rest.chars().next() {
        let quoted = ["['", "[\"", "'", "\""].into_iter().find(|open| rest.starts_with(open));
        let (word, behind) = if let Some(open) = quoted {
            let close = if open.ends_with('\'') { '\'' } else { '"' };
            let inside = rest.get(open.len()..).unwrap_or_default();
            let (name, behind) = inside.split_once(close).unwrap_or((inside, ""));
            (name.to_owned(), behind.strip_prefix(']').unwrap_or(behind))
        } else if first.is_alphanumeric() || matches!(first, '_' | '-' | '*') {
            let end = rest.find(|char: char| !char.is_alphanumeric() && !"_-*.".contains(char));
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            (word.to_owned(), behind)
        } else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default().trim_start();
            continue;
        };
        words.push(word);
        rest = behind.trim_start();
    }
    words
}

impl Command {
    /// Tells whether it is a query as it is.
    pub(crate) fn is_query(&self) -> bool {
        matches!(self, Self::Query(_))
    }

    /// Returns the query that answers it.
    ///
    /// # Errors
    ///
    /// If nobody knows what it shows.
    pub(crate) fn query(self, catalog: &Catalog<'_>) -> Result<String, QueryError> {
        match self {
            Self::Query(text) => Ok(text),
            Self::Show { words, behind } => {
                let shown = shown::shown(&words, catalog)?;
                Ok(shown.datatable(&behind))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kql_types::{
        KqlType,
        schema::{ColumnSchema, TableSchema},
    };

    use super::*;

    fn answer(text: &str) -> Result<String, QueryError> {
        let columns = vec![
            ColumnSchema { name: "Host".to_owned(), ty: KqlType::String },
            ColumnSchema { name: "n".to_owned(), ty: KqlType::Long },
        ];
        let table = Arc::new(TableSchema { name: "Visits".to_owned(), columns });
        let catalog = Catalog { database: "lake", version: "0.1", tables: vec![table] };
        command(text)?.query(&catalog)
    }

    #[test]
    fn what_clients_ask_first_is_a_query_that_binds() {
        let environment = engine::Environment::empty();
        for text in [
            ".show version",
            ".show databases | project DatabaseName, PrettyName",
            "// who is there?\n.show cluster databases",
            ".show databases schema",
            ".show database lake schema as json",
            ".show databases (['lake']) schema as json",
            ".show database ['lake'] schema | where TableName != '' | distinct TableName",
            ".show database identity | project DatabaseName",
            ".show databases entities with (showObfuscatedStrings=true) | where EntityType == 'Table'",
            ".show tables",
            ".show table Visits cslschema",
            ".show table ['Visits'] schema as json",
            ".show functions",
            ".show materialized-views",
            ".show external tables",
            ".show entity_groups",
            ".show graph_snapshots * | summarize count() by Name",
        ] {
            let query = answer(text).unwrap();
            let checked = engine::check(&query, &environment);
            assert!(checked.is_ok(), "{text}: {:?}\n{query}", checked.diagnostics);
        }
        assert!(answer(".show table Visits cslschema").unwrap().contains("\"Host:string,n:long\""));
        assert!(answer(".show tables (Visits, Others)").unwrap().contains("\"Visits\""));
        assert!(!answer(".show tables (['Others'])").unwrap().contains("\"Visits\""));
    }

    #[test]
    fn a_query_is_left_as_it_is() {
        for text in ["print 1", "  Visits | take 1", "// .show version\nVisits"] {
            assert_eq!(answer(text).unwrap(), text);
        }
    }

    #[test]
    fn what_would_change_something_and_what_nobody_knows_is_refused() {
        for (text, said) in [
            (".create table T (a: long)", "`.create`"),
            (".drop table Visits", "only shows"),
            (".show queries", "`.show queries` shows nothing"),
            (".show tables details", "`.show tables details` shows nothing"),
            (".show table Nothing cslschema", "`Nothing`"),
            (".", "without a name"),
        ] {
            let error = answer(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn names_with_quotes_stay_text() {
        let columns = Vec::new();
        let table = Arc::new(TableSchema { name: "a\"] | print \\".to_owned(), columns });
        let catalog = Catalog { database: "l'a\nke", version: "0.1", tables: vec![table] };
        let query = command(".show tables").unwrap().query(&catalog).unwrap();
        assert!(engine::check(&query, &engine::Environment::empty()).is_ok(), "{query}");
    }
}
