//! The file around a query: what rules it holds, where each query's text stands in it, and what Sentinel
//! and Defender would not take.
//!
//! In: the bytes of a file, by way of [`SourceText`] and [`Content`]. Out: for each rule in it, in
//! whichever form it is written, a [`RuleFile`] with its [`Query`], whose places map back to the file,
//! its [`Definition`] for a hunt, and the [`Diagnostic`](kql_syntax::Diagnostic)s of
//! [`RuleFile::lint`]; what is no rule is named ([`Foreign`]). Every command reads rules here. A rule is
//! written in other forms from its [`Fields`] ([`export`]), and what a workspace exports is read to be kept
//! ([`Imported`]). Knows no tables and runs nothing: the columns that a query yields are passed in.

mod arm;
pub mod code;
mod definition;
mod document;
pub mod export;
mod fields;
mod foreign;
mod import;
mod json;
mod lint;
mod period;
mod places;
mod rewrite;
mod rule;
mod text;
mod trigger;
mod yaml;

pub use crate::{
    definition::{AlertSettings, Definition, GroupingSettings, IncidentSettings},
    document::Content,
    fields::Fields,
    foreign::Foreign,
    import::Imported,
    lint::{is_tactic, is_technique, required_identifiers},
    period::Period,
    places::Places,
    rule::{Form, Kind, Query, RuleFile, fires_on_nothing, not_of_sentinel, period_too_short},
    text::{Encoding, NoText, SourceText},
    trigger::TriggerOperator,
    yaml::YamlError,
};
