//! The abstract syntax tree to a typed tree: names resolved, types decided, conversions explicit.
//!
//! In: a [`kql_syntax::ast::Query`] and a [`Catalog`] of tables and functions. Out: a
//! [`tree::BoundQuery`] and diagnostics. Binds all of KQL, whether it runs yet or not: what has no
//! node of its own becomes [`tree::RelationKind::Opaque`] with its schema known, and lowering
//! refuses it by name. Knows no Arrow and executes nothing.

mod binder;
pub mod catalog;
pub mod codes;
mod conversion;
pub mod functions;
mod operators;
mod scalar;
mod simplify;
mod stack;
pub mod tree;

pub use crate::{
    binder::{KnownRows, Meanings, NameMeaning, bind, bind_with, bind_with_meanings},
    catalog::{Catalog, TableDefinition, ViewText, matches_pattern},
    simplify::{merge, narrow, prune, simplify},
};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
