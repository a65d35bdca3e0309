//! The YAML file around a query: where the query's text stands in it, and what Sentinel and Defender
//! would not take.
//!
//! In: the text of a rule file. Out: a [`RuleFile`] with the [`Query`] that it holds, whose places
//! map back to the file, and the [`Diagnostic`](kql_syntax::Diagnostic)s of [`RuleFile::lint`]. Knows
//! no tables and runs nothing: the columns that a query yields are passed in.

pub mod code;
mod lint;
mod period;
mod places;
mod rewrite;
mod rule;
mod yaml;

pub use crate::{
    period::Period,
    places::Places,
    rule::{Kind, Query, RuleFile, fires_on_nothing, period_too_short},
    yaml::YamlError,
};
