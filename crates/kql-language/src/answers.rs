//! The answers, as plain data. Offsets are bytes of the query's text.

use kql_syntax::{Diagnostic, Span};
use serde::Serialize;

/// A part of the text: bytes from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Range {
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl From<Span> for Range {
    fn from(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

/// A text that may be put in at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The name as it is shown, and searched by.
    pub label: String,
    /// What it names.
    pub kind: CompletionKind,
    /// A few words on the same line: a type, a signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// More, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// The text that is put in; a name that needs brackets has them.
    pub insert: String,
    /// What it takes the place of.
    pub replace: Range,
}

/// What a completion names. Completions are ordered by this, then by label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CompletionKind {
    /// A column of the rows at hand.
    Column,
    /// A `let` variable.
    Variable,
    /// A parameter of the function around the cursor.
    Parameter,
    /// A word out of a fixed list: a kind of join, a chart.
    Value,
    /// An aggregate.
    Aggregate,
    /// A plugin.
    Plugin,
    /// A table of the catalogue.
    Table,
    /// A function: built in, saved, or of the query.
    Function,
    /// A tabular operator.
    Operator,
    /// A word of the syntax: `by`, `and`, `has`.
    Keyword,
}

/// What the thing under the cursor is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// The text that it is about.
    pub range: Range,
    /// The explanation.
    pub markdown: String,
}

/// The call around the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureHelp {
    /// The ways to call the function; at least one.
    pub signatures: Vec<Signature>,
    /// Which of them takes as many arguments as there are.
    pub active_signature: usize,
    /// Which parameter of it the cursor stands in.
    pub active_parameter: usize,
}

/// One way to call a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// `strlen(source: string): long`
    pub label: String,
    /// What the function does, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// Each parameter as it stands in the label.
    pub parameters: Vec<String>,
}

/// Something wrong with the query, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The text that it is about.
    pub range: Range,
    /// How bad it is.
    pub severity: Severity,
    /// `KQL0201`; each has a page in the reference.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Further places that explain it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

/// A further place, with a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    /// The place.
    pub range: Range,
    /// What stands there.
    pub message: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The query is refused.
    Error,
    /// Worth knowing.
    Warning,
}

/// A name that the query defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Symbol {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole statement.
    pub range: Range,
    /// The name in it.
    pub name_range: Range,
}

/// The kinds of names that queries define.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SymbolKind {
    /// A function or a view.
    Function,
    /// A scalar or rows.
    Variable,
    /// A parameter of a function or of the query.
    Parameter,
}

impl Problem {
    /// Makes a problem of what the parser, the binder, or whoever else reports.
    pub fn of(diagnostic: &Diagnostic) -> Self {
        let related = diagnostic
            .labels
            .iter()
            .map(|label| Related { range: label.span.into(), message: label.message.clone() });
        Self {
            range: diagnostic.span.into(),
            severity: match diagnostic.severity {
                kql_syntax::Severity::Error => Severity::Error,
                kql_syntax::Severity::Warning => Severity::Warning,
            },
            code: diagnostic.code.to_string(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            related: related.collect(),
        }
    }
}
