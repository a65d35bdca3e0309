//! Columns that a rule takes values from.

use kql_syntax::{Diagnostic, Span};

use super::{Rule, did_you_mean, nearest};
use crate::code;

/// Reports a column that the query does not yield, if it is known what it yields.
pub(super) fn check_column(rule: &Rule<'_>, column: &str, span: Span, found: &mut Vec<Diagnostic>) {
    let Some(columns) = rule.columns else { return };
    if columns.iter().any(|known| known == column) {
        return;
    }
    let message = format!("the query does not yield a column `{column}`");
    let warning = Diagnostic::warning(code::MISSING_COLUMN, span, message);
    found.push(match nearest(column, columns.iter().map(String::as_str)) {
        Some(meant) => warning.with_help(did_you_mean(meant)),
        None => warning.with_help("the value will be missing in every alert"),
    });
}
