//! A query's text laid out afresh.
//!
//! In: the text of a query. Out: the same tokens and comments in the same order, with other white
//! space. The tree says where lines may break and how far they are indented; what is printed is
//! always the source's own text, so that no spelling, quoting or comment can be lost.
//!
//! The stages: [`source`] reads tokens and comments; [`layout`] collects what the walk over the tree
//! ([`statement`], [`expr`], [`operator`]) and the pass over [`bracket`]s say of each gap between two
//! tokens; [`spacing`] settles the other gaps; [`weave`] makes a [`doc`] of it all, which decides
//! what fits on a line.

mod bracket;
mod doc;
mod expr;
mod gap;
mod layout;
mod operator;
mod source;
mod spacing;
mod statement;
mod weave;

use self::{layout::Layout, source::Source};
use crate::{Diagnostic, Severity, parse};

/// Returns a query in the usual layout: one operator a line, long lists and chains broken at 100
/// columns and indented by four.
///
/// - The tree of the result is the tree of `text`, apart from spans.
/// - Comments stay with the token whose line they end, or before the token they precede.
/// - Formatting the result again changes nothing. Lines end with `\n`, the last one too; only within
///   strings do the source's line breaks stay.
/// - Costs `n log n` in the length of the text, and no more stack for deeper nesting.
///
/// # Errors
///
/// A text with syntax errors is not touched: what is wrong with it is returned, warnings included.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (query, diagnostics) = parse(text);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let source = Source::read(text);
    let mut layout = Layout::new(&source);
    layout.query(&query);
    layout.brackets();
    let marks = layout.finish();
    Ok(doc::render(&weave::weave(&source, &marks)))
}
