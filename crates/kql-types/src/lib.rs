//! KQL's value types and their encodings, shared by every stage.
//!
//! In: nothing of ours. Out: [`KqlType`], [`Value`], [`schema`]s of tables, and for every type whose
//! text is Kusto's own a module that reads and prints it. Knows neither Arrow nor the language.

pub mod datetime;
pub mod decimal;
pub mod dynamic;
pub mod formula;
pub mod guid;
mod literal;
pub mod real;
pub mod schema;
mod ticks;
pub mod timespan;
mod tostring;
mod ty;
mod value;

pub use crate::{ticks::Ticks, ty::KqlType, value::Value};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
