//! Measures Quarry against the reference material in `../shared`.
//!
//! In: queries with the verdict of Microsoft's language service, or the answer of its engine. Out: a
//! [`Report`] for each measure, with its figures, the bars they have to reach, and every remaining
//! difference with its reason. Tests and `cargo xtask` take the same measure; here nothing is printed.

#[cfg(feature = "engine")]
pub mod answers;
#[cfg(feature = "engine")]
pub mod coverage;
#[cfg(feature = "engine")]
pub mod deployment;
mod differences;
#[cfg(feature = "engine")]
pub mod docgen;
mod environment;
pub mod language;
mod reference;
mod report;

pub use testkit::RecordedQuery;

pub use crate::{
    environment::Environment,
    reference::{
        RealQuery, ReferenceError, json_lines, path, real_queries, recorded_queries, text,
    },
    report::{Difference, Figure, Report},
};
