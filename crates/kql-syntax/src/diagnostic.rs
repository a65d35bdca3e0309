//! What is wrong with a query, and where.

use crate::Span;

/// One finding about the user's query, from the lexer, the parser or the binder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence: lower case, no full stop, user text in backticks.
    pub message: String,
    /// The text that the message is about.
    pub span: Span,
    /// Further places that explain it.
    pub labels: Vec<Label>,
    /// What to do about it: the nearest name, the operator that was meant.
    pub help: Option<String>,
}

/// A further place with a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there.
    pub message: String,
}

/// How bad a diagnostic is. Only an error keeps a query from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Warning,
    /// The query is refused.
    Error,
}

/// A diagnostic's number, shown as `KQL0201`.
///
/// 1xx is syntax, 2xx names, 3xx types, 4xx limits, 9xx valid KQL that does not run yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

/// What a code means, for the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// One line: lower case, no full stop.
    pub summary: &'static str,
    /// Why it is said and what to do, in Markdown.
    pub text: &'static str,
    /// A query that it is said of; `""` where none is short enough or needs more than a query.
    pub example: &'static str,
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KQL{:04}", self.0)
    }
}

impl Diagnostic {
    /// Makes an error without labels or help.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            labels: Vec::new(),
            help: None,
        }
    }

    /// Makes a warning without labels or help.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn with_label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }
}
