//! Hints: what may stand after `hint.` and cannot change an answer.

use kql_syntax::ast::Param;

use super::super::word;
use crate::{
    binder::{Binder, did_you_mean},
    codes,
};

/// The hints that Kusto knows; any other is an error there too.
const HINTS: [&str; 11] = [
    "hint.concurrency",
    "hint.distribution",
    "hint.materialized",
    "hint.num_partitions",
    "hint.pass_filters",
    "hint.pass_filters_column",
    "hint.progressive_top",
    "hint.remote",
    "hint.shufflekey",
    "hint.spread",
    "hint.strategy",
];

impl Binder<'_> {
    /// Reports hints of `summarize` that nobody knows.
    pub(in crate::operators) fn check_hints(&mut self, params: &[Param]) {
        for param in params {
            let name = param.name.text.as_str();
            if name == "hint.strategy" && word(&param.value) != Some("shuffle") {
                let help = Some("`shuffle` is the one that there is".to_owned());
                let message = "there is no such strategy here";
                let span = param.value.span;
                self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, span, message, help);
            }
            if !name.starts_with("hint.") || HINTS.contains(&name) {
                continue;
            }
            let help = did_you_mean(name, HINTS);
            let message = format!("there is no `{name}`");
            self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, param.name.span, message, help);
        }
    }
}
