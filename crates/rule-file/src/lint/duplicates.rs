//! A rule that raises alerts for the same event again and again.

use kql_syntax::Diagnostic;

use super::{Rule, tokens::Tokens};
use crate::{code, period::Period, rule::Kind, yaml::Node};

/// Words of queries that make something else of rows than to judge each by itself, or that look back less
/// far than the rule: of such a query nothing is known.
const OTHERS: &[&str] = &[
    "ago",
    "ingestion_time",
    "now",
    "summarize",
    "distinct",
    "join",
    "lookup",
    "invoke",
    "evaluate",
    "partition",
    "scan",
    "serialize",
    "sort",
    "order",
    "take",
    "limit",
    "sample",
    "top",
    "top-nested",
    "make-series",
    "toscalar",
];

/// Reports a rule whose runs see again what the run before saw, if each row raises an alert whenever it is
/// seen.
pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let get = |field: &str| rule.root.get(field).and_then(Node::text);
    let period = |field: &str| get(field).and_then(Period::parse).map(Period::seconds);
    let (Some(query), Some(every), Some(back)) =
        (rule.query, period("queryFrequency"), period("queryPeriod"))
    else {
        return;
    };
    let windows = back.checked_div(every).unwrap_or(0);
    // What Sentinel does not save anyway has been said.
    let has_error =
        found.iter().any(|it| it.code == code::TOO_FREQUENT || it.code == code::PERIOD_RANGE);
    let is_suppressed = get("suppressionEnabled") == Some("true");
    if rule.kind != Kind::Scheduled || windows < 2 || has_error || is_suppressed {
        return;
    }
    let tokens = Tokens::of(query);
    let judges_each_row = !(0..tokens.len()).any(|at| OTHERS.contains(&tokens.word(at)));
    let Some((key, _)) = rule.root.entry("queryPeriod").filter(|_| judges_each_row) else { return };
    let message =
        format!("one event is in the windows of {windows} runs, and each raises an alert");
    let warning = Diagnostic::warning(code::DUPLICATES, key.span, message);
    found.push(warning.with_help(
        "make the period as long as the frequency, or keep what has arrived since the last run by \
         `ingestion_time() > ago(…)`",
    ));
}
