//! KQL text to an abstract syntax tree.
//!
//! In: the text of a query. Out: a [`ast::Query`] and the [`Diagnostic`]s of its syntax. Pure and
//! total: every text gives a tree, no input panics, and time is linear in the text. Knows no names,
//! no types and no tables.

pub mod ast;
pub mod code;
mod deep_stack;
mod diagnostic;
mod format;
pub mod lexer;
mod line_index;
mod parser;
#[cfg(feature = "render")]
mod render;
mod span;

#[cfg(feature = "render")]
pub use crate::render::render;

pub use crate::{
    diagnostic::{Code, Diagnostic, Explanation, Label, Severity},
    format::format,
    line_index::{LineColumn, LineIndex},
    parser::parse,
    span::Span,
};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
