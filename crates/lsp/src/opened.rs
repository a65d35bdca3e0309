//! A file that the client has open, and where the queries in it stand.

use kql_language::{Range, Utf16};
use kql_syntax::{Diagnostic, Span};
use lsp_types::{Position, TextDocumentContentChangeEvent};
use rule_file::{Content, Places, RuleFile};

/// An open file.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Its whole text.
    pub(crate) text: String,
    /// The client's number of the text.
    pub(crate) version: i32,
    name: String,
    is_query: bool,
    content: Contents,
}

/// What a file holds.
#[derive(Debug)]
enum Contents {
    /// One query: the whole text.
    Query,
    /// Rules; some may have no query.
    Rules(Vec<RuleFile>),
    /// A rule that cannot be read.
    Broken(Diagnostic),
    /// Nothing of ours.
    Other,
}

/// A query of an open file.
pub(crate) struct Located<'o> {
    /// The query.
    pub(crate) text: &'o str,
    /// The rule that it is of.
    pub(crate) rule: Option<&'o RuleFile>,
    places: Option<&'o Places>,
}

impl Opened {
    /// Takes a text that the client has opened.
    ///
    /// - `name`: its address, whose ending says what it is.
    /// - `language`: what the client calls its language.
    pub(crate) fn new(name: &str, language: &str, text: String, version: i32) -> Self {
        let is_query = ["kql", "kusto"].contains(&language);
        let mut this =
            Self { text, version, name: name.to_owned(), is_query, content: Contents::Other };
        this.read();
        this
    }

    /// Makes the client's changes to the text, in order.
    pub(crate) fn change(&mut self, changes: Vec<TextDocumentContentChangeEvent>, version: i32) {
        for change in changes {
            match change.range {
                None => self.text = change.text,
                Some(range) => {
                    let lines = Utf16::new(&self.text);
                    let at = |place: Position| lines.offset(place.line, place.character) as usize;
                    let (start, end) = (at(range.start), at(range.end));
                    // A range that is upside down is nobody's; it is taken for an insertion.
                    self.text.replace_range(start..end.max(start), &change.text);
                }
            }
        }
        self.version = version;
        self.read();
    }

    fn read(&mut self) {
        self.content = match Content::read(&self.name, &self.text) {
            _ if self.is_query => Contents::Query,
            Content::Query => Contents::Query,
            Content::Rules { rules, .. } => Contents::Rules(rules),
            Content::Broken(diagnostic) => Contents::Broken(diagnostic),
            Content::Foreign(_) => Contents::Other,
        };
    }

    /// Returns the queries, in the order of the file.
    pub(crate) fn queries(&self) -> Vec<Located<'_>> {
        match &self.content {
            Contents::Query => vec![Located { text: &self.text, rule: None, places: None }],
            Contents::Rules(rules) => {
                let located = |rule| {
                    let query = RuleFile::query(rule)?;
                    Some(Located {
                        text: &query.text,
                        rule: Some(rule),
                        places: Some(&query.places),
                    })
                };
                rules.iter().filter_map(located).collect()
            }
            Contents::Broken(_) | Contents::Other => Vec::new(),
        }
    }

    /// Returns the rules that have no query, of which only the rest can be checked.
    pub(crate) fn rules_without_query(&self) -> impl Iterator<Item = &RuleFile> {
        let rules = match &self.content {
            Contents::Rules(rules) => rules.as_slice(),
            _ => &[],
        };
        rules.iter().filter(|rule| rule.query().is_none())
    }

    /// Returns why the file cannot be read, if it is meant to hold a rule.
    pub(crate) fn broken(&self) -> Option<&Diagnostic> {
        match &self.content {
            Contents::Broken(diagnostic) => Some(diagnostic),
            _ => None,
        }
    }

    /// Returns the query that a position stands in, and the offset within it.
    pub(crate) fn query_at(&self, position: Position) -> Option<(Located<'_>, u32)> {
        let offset = Utf16::new(&self.text).offset(position.line, position.character);
        self.queries().into_iter().find_map(|located| {
            let within = match located.places {
                None => Some(offset),
                Some(places) => places.offset_in_value(&self.text, offset),
            };
            Some((located, within?))
        })
    }

    /// Returns the rule with its query laid out, or the query laid out; `None` if there is nothing to lay
    /// out, or it cannot be without touching other bytes of the file.
    pub(crate) fn formatted(&self) -> Option<String> {
        match &self.content {
            Contents::Query => kql_language::format(&self.text).ok(),
            // Of several rules in a file one cannot be written back without the others.
            Contents::Rules(rules) if rules.len() == 1 => {
                let rule = rules.first()?;
                let formatted = kql_language::format(&rule.query()?.text).ok()?;
                rule.with_query(&self.text, &formatted)
            }
            _ => None,
        }
    }
}

impl Located<'_> {
    /// Returns where a part of the query stands in the file.
    pub(crate) fn in_file(&self, range: Range) -> Range {
        match self.places {
            None => range,
            Some(places) => places.place(Span::new(range.start, range.end)).into(),
        }
    }
}
