//! A rule that has to see several events together, and whose runs may each see only one of them.

use kql_syntax::{Diagnostic, lexer::TokenKind};
use kql_types::timespan;

use super::{Rule, tokens::Tokens};
use crate::{code, period::Period, rule::Kind, yaml::Node};

/// Aggregates that count rows: of one row they are 1.
const COUNTS: &[&str] = &["count", "countif", "dcount", "dcountif", "count_distinct", "sum"];

/// Kinds of joins whose rows are made of a row of each side.
const PAIRS: &[&str] = &["inner", "innerunique"];

/// The highest threshold there is.
const MOST_ROWS: u32 = 10_000;

/// Reports a rule that wants several events and looks back so little further than to its last run that two
/// of them may lie on either side of the edge of every window.
///
/// That it wants several is seen from its threshold, from a count that has to be above 1, or from a join of
/// two tables; of other queries nothing is known.
pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let get = |field: &str| rule.root.get(field).and_then(Node::text);
    let period = |field: &str| get(field).and_then(Period::parse).map(Period::ticks);
    let (Some(query), Some(every), Some(back)) =
        (rule.query, period("queryFrequency"), period("queryPeriod"))
    else {
        return;
    };
    // What is outside of what Sentinel runs has been said, and so has a period that is too short.
    let (Some(twice), Some(further)) = (every.checked_mul(2), back.checked_sub(every)) else {
        return;
    };
    if rule.kind != Kind::Scheduled || every <= 0 || further < 0 || back >= twice {
        return;
    }
    let is_above = matches!(get("triggerOperator"), Some("gt" | "GreaterThan"));
    let threshold = get("triggerThreshold").and_then(|it| it.parse::<u32>().ok()).unwrap_or(0);
    let tokens = Tokens::of(query);
    let why = if is_above && (1..=MOST_ROWS).contains(&threshold) {
        "its threshold wants several rows"
    } else if let Some(why) = (0..tokens.len()).find_map(|at| several(&tokens, at)) {
        why
    } else {
        return;
    };
    let Some((key, _)) = rule.root.entry("queryPeriod") else { return };
    let apart = match further {
        0 => "however near each other".to_owned(),
        further => format!("more than {} apart", timespan::format(further)),
    };
    let message = format!(
        "{why}, and events {apart} may be in no run together: when the rule first runs decides that"
    );
    let warning = Diagnostic::warning(code::BLIND_SPAN, key.span, message);
    found.push(warning.with_help(
        "make the period as long as the frequency and the longest time between the events; \
         `quarry simulate --phase all` tells how likely each event is found",
    ));
}

/// Returns why a query wants several rows, if it is seen at a token.
fn several(tokens: &Tokens<'_>, at: usize) -> Option<&'static str> {
    match tokens.word(at) {
        "summarize" => has_counted(tokens, at).then_some("the query counts rows"),
        "join" => joins_tables(tokens, at).then_some("the query joins events of two tables"),
        _ => None,
    }
}

/// Tells whether something that a `summarize` counts has to be above 1 behind it.
fn has_counted(tokens: &Tokens<'_>, summarize: usize) -> bool {
    let word = |at: usize, by: usize| tokens.word(at.saturating_add(by));
    let kind = |at: usize, by: usize| tokens.kind(at.saturating_add(by));
    let end = (summarize..tokens.len()).find(|at| tokens.kind(*at) == TokenKind::Pipe);
    let Some(end) = end else { return false };
    let counted: Vec<&str> = (summarize..end)
        .filter(|at| kind(*at, 1) == TokenKind::Equal && COUNTS.contains(&word(*at, 2)))
        .filter(|at| kind(*at, 3) == TokenKind::OpenParen)
        .map(|at| word(at, 0))
        .collect();
    (end..tokens.len()).any(|at| {
        let limit = word(at, 2).parse::<u64>().ok();
        let is_several = match kind(at, 1) {
            TokenKind::Greater => limit.is_some_and(|limit| limit >= 1),
            TokenKind::GreaterOrEqual => limit.is_some_and(|limit| limit >= 2),
            _ => false,
        };
        is_several && counted.contains(&word(at, 0))
    })
}

/// Tells whether a `join` makes its rows of one of each side, and the other side is a table.
fn joins_tables(tokens: &Tokens<'_>, join: usize) -> bool {
    let Some(open) = (join..tokens.len()).find(|at| tokens.kind(*at) == TokenKind::OpenParen)
    else {
        return false;
    };
    // `join hint.strategy=broadcast kind=inner (…)`
    let kind = (join..open).find(|at| tokens.word(*at) == "kind");
    let kind = kind.map_or("innerunique", |at| tokens.word(at.saturating_add(2)));
    let (first, behind) = (open.saturating_add(1), open.saturating_add(2));
    let is_table = tokens.kind(first) == TokenKind::Identifier
        && tokens.kind(behind) == TokenKind::Pipe
        && tokens.defined(tokens.word(first), tokens.len()).is_none();
    PAIRS.contains(&kind) && is_table
}
