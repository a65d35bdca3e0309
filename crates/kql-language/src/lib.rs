//! What an editor asks about a query while it is being written.
//!
//! In: the text of a query, a [`Catalog`](kql_bind::Catalog) of tables and functions, and byte offsets into
//! the text. Out: plain data that serializes: completions, hovers, signatures, problems, definitions. Every
//! answer is a pure function of these; no protocol, no files, no state. Nothing is run: whether a valid query
//! runs is for the engine to say.
//!
//! ```
//! use kql_language::{Document, StandardTables};
//!
//! let catalog = StandardTables::new(tables::Environment::Both);
//! let text = "DeviceProcessEvents | where Acc";
//! let document = Document::new(text, &catalog);
//! let completions = document.completions(31);
//! assert!(completions.iter().any(|it| it.label == "AccountName"));
//! ```

mod answers;
mod catalogue;
mod complete;
mod cursor;
mod declarations;
mod document;
mod documentation;
mod hover;
mod place;
mod signatures;
mod utf16;

pub use crate::{
    answers::{
        Completion, CompletionKind, Hover, Problem, Range, Related, Severity, Signature,
        SignatureHelp, Symbol, SymbolKind,
    },
    catalogue::StandardTables,
    complete::is_plain_name,
    document::Document,
    documentation::{
        FunctionDocs, OperatorDocs,
        calls::{CALLS, CallDocs},
        functions_data, operators, statements,
    },
    signatures::signature_text,
    utf16::Utf16,
};

/// Returns a query in the usual layout.
///
/// # Errors
///
/// A text with syntax errors is left alone: its problems are returned.
pub fn format(text: &str) -> Result<String, Vec<Problem>> {
    kql_syntax::format(text).map_err(|found| found.iter().map(Problem::of).collect())
}
