//! What keeps a rule from being run though its query could be.

use kql_syntax::{Diagnostic, Span};

use crate::package::PackagedRule;

/// Returns why a rule is not run, for reasons that lie outside its query; places are those in its
/// file.
///
/// - Sentinel does not save a rule that looks back less far than it runs often.
/// - A trigger that is met where no row is found raises alerts that rest on no record.
pub(crate) fn of_rule(rule: &PackagedRule) -> Vec<Diagnostic> {
    if !rule.refusals.is_empty() {
        return rule.refusals.clone();
    }
    // A rule that was not read from a file of that form is judged by what it says.
    let rule = &rule.rule;
    let mut found = Vec::new();
    if let (Some(every), Some(back)) = (rule.query_frequency, rule.query_period)
        && back < every
    {
        found.push(rule_file::period_too_short(Span::default()));
    }
    if rule.trigger_operator.is_met(0, rule.trigger_threshold) {
        found.push(rule_file::fires_on_nothing(Span::default()));
    }
    found
}

/// Returns why Sentinel would not save a rule, or has nothing to do with it.
pub(crate) fn of_simulation(rule: &PackagedRule) -> Vec<Diagnostic> {
    match &rule.analytics {
        Some(_) => rule.deployment_errors.clone(),
        None => vec![rule_file::not_of_sentinel(Span::default())],
    }
}
