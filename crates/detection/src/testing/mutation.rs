//! What a package's tests would miss: each predicate of each rule is deleted in turn, and a predicate
//! that no test misses is either unneeded or untested.
//!
//! A predicate is an operand of the `and` or `or` that a `where` consists of, or the whole `where`.

use std::collections::{BTreeMap, BTreeSet};

use kql_syntax::lexer::{Keyword, Token, TokenKind, lex};

use crate::{
    alert::{Alert, Severity},
    hunt::{CompiledRules, HuntError, When, hunt},
    package::{Case, Package, PackagedRule},
};

use super::run::{TestError, TestSettings, case_of, cases, stem, write};

/// A rule without one of its predicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The name of the rule's file.
    pub rule: String,
    /// The predicate's text, on one line.
    pub predicate: String,
    /// A test fails without the predicate.
    pub is_caught: bool,
    /// Why nothing has to fail, if the package says so.
    pub reason: Option<String>,
}

/// What came of deleting predicates.
#[derive(Clone, Debug, Default)]
pub struct MutationReport {
    /// Each rule without each of its predicates.
    pub mutants: Vec<Mutant>,
    /// Stated reasons that no surviving predicate needs: `rule: predicate`.
    pub stale: Vec<String>,
}

impl MutationReport {
    /// Tells whether every predicate is missed by a test or has a reason, and every reason a predicate.
    pub fn is_good(&self) -> bool {
        let survives = |mutant: &Mutant| !mutant.is_caught && mutant.reason.is_none();
        self.stale.is_empty() && !self.mutants.iter().any(survives)
    }
}

/// Deletes each predicate of each rule and says which no test misses.
///
/// # Errors
///
/// If the tests cannot run at all.
pub fn mutate(package: &Package, settings: &TestSettings<'_>) -> Result<MutationReport, TestError> {
    let written = write(package, settings.folder)?;
    let mut variants = Vec::new();
    let mut mutants = Vec::new();
    for rule in package.rules.iter().filter(|rule| !rule.is_baseline) {
        for (predicate, query) in without_each(&rule.rule.query) {
            let mut variant = rule.clone();
            variant.rule.id = format!("{}#{}", rule.rule.id, mutants.len());
            variant.rule.query = query;
            let reason =
                rule.survivors.iter().find(|known| same_text(&known.predicate, &predicate));
            mutants.push(Mutant {
                rule: stem(rule),
                predicate,
                is_caught: false,
                reason: reason.map(|known| known.why.clone()),
            });
            variants.push(variant);
        }
    }
    // A query that is none without the predicate needs no test to miss it.
    let threads = settings.engine.threads();
    let (rules, refused) = CompiledRules::compile(&variants, settings.environment, threads);
    let invalid: BTreeSet<&str> =
        refused.iter().map(|refused| refused.rule.rule.id.as_str()).collect();
    let mut found =
        hunt(settings.engine, &rules, &[], &written.inputs, When::History, settings.progress)?;
    // Tests say nothing of a rule that failed while it ran.
    if let Some(failed) = found.failed.pop() {
        return Err(HuntError::Engine(failed.error).into());
    }
    let fired = severities(&found.alerts);
    let cases: Vec<&Case> = cases(package).map(|(_, case)| case).collect();
    for (mutant, variant) in mutants.iter_mut().zip(&variants) {
        let id = variant.rule.id.as_str();
        mutant.is_caught = invalid.contains(id) || is_missed(&cases, variant, &fired);
    }
    let stale = stale(package, &mutants);
    Ok(MutationReport { mutants, stale })
}

/// Returns the stated reasons whose predicate is gone, or has come to be missed by a test.
fn stale(package: &Package, mutants: &[Mutant]) -> Vec<String> {
    let mut stale = Vec::new();
    for rule in &package.rules {
        let name = stem(rule);
        let needed = |predicate: &str| {
            mutants.iter().any(|mutant| {
                mutant.rule == name && !mutant.is_caught && same_text(&mutant.predicate, predicate)
            })
        };
        let unneeded = rule.survivors.iter().filter(|known| !needed(&known.predicate));
        stale.extend(unneeded.map(|known| format!("{name}: `{}`", known.predicate)));
    }
    stale
}

/// The severities that a rule, by its id, raised on a case.
type FiredOn<'a> = BTreeMap<(&'a str, usize), BTreeSet<Severity>>;

fn severities(alerts: &[Alert]) -> FiredOn<'_> {
    let mut fired: FiredOn<'_> = BTreeMap::new();
    for alert in alerts {
        if let Some(case) = case_of(alert) {
            fired.entry((alert.rule.id.as_str(), case)).or_default().insert(alert.severity);
        }
    }
    fired
}

/// Tells whether a test fails with this variant in the place of the rule.
fn is_missed(cases: &[&Case], variant: &PackagedRule, fired: &FiredOn<'_>) -> bool {
    let name = stem(variant);
    cases.iter().enumerate().any(|(number, case)| {
        let found = fired.get(&(variant.rule.id.as_str(), number));
        match case.fires.get(&name) {
            Some(expected) => !found.is_some_and(|s| s.iter().any(|s| expected.admits(*s))),
            None => case.quiet.contains(&name) && found.is_some(),
        }
    })
}

/// Returns each predicate of a query's filters, and the query without it.
fn without_each(query: &str) -> Vec<(String, String)> {
    let tokens: Vec<Token> =
        lex(query).into_iter().filter(|token| !token.kind.is_trivia()).collect();
    let mut variants = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        let [pipe, keyword] = pair else { continue };
        let is_where = keyword.kind == TokenKind::Keyword(Keyword::Where);
        if pipe.kind != TokenKind::Pipe || !is_where {
            continue;
        }
        let body = tokens.get(at.saturating_add(2)..).unwrap_or_default();
        let operands = operands(body);
        let last = operands.last().map_or(keyword.span.end, |(_, end)| *end);
        if operands.len() < 2 {
            let predicate = cut(query, keyword.span.end, last);
            variants.push((predicate, remove(query, pipe.span.start, last)));
            continue;
        }
        for (index, (start, end)) in operands.iter().enumerate() {
            // With the operator before it; the first one with that behind it.
            let next = operands.get(1).map_or(*end, |(start, _)| *start);
            let before = index.checked_sub(1).and_then(|i| operands.get(i)).map(|(_, end)| *end);
            let range = before.map_or((*start, next), |before| (before, *end));
            variants.push((cut(query, *start, *end), remove(query, range.0, range.1)));
        }
    }
    variants
}

/// Returns the places of the operands of a predicate, which ends where the filter does.
fn operands(tokens: &[Token]) -> Vec<(u32, u32)> {
    let mut alternatives = Vec::new();
    let mut conjuncts: Vec<(u32, u32)> = Vec::new();
    let mut depth = 0_usize;
    let mut operand: Option<(u32, u32)> = None;
    let mut alternative: Option<(u32, u32)> = None;
    for token in tokens {
        let (start, end) = (token.span.start, token.span.end);
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                depth = depth.saturating_add(1);
            }
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                let Some(outer) = depth.checked_sub(1) else { break };
                depth = outer;
            }
            TokenKind::Pipe | TokenKind::Semicolon | TokenKind::Comma | TokenKind::End
                if depth == 0 =>
            {
                break;
            }
            TokenKind::Keyword(Keyword::Or) if depth == 0 => {
                conjuncts.extend(operand.take());
                alternatives.extend(alternative.take());
                continue;
            }
            TokenKind::Keyword(Keyword::And) if depth == 0 => {
                conjuncts.extend(operand.take());
                alternative = alternative.map(|(start, _)| (start, end));
                continue;
            }
            _ => {}
        }
        operand = Some((operand.map_or(start, |(start, _)| start), end));
        alternative = Some((alternative.map_or(start, |(start, _)| start), end));
    }
    conjuncts.extend(operand);
    alternatives.extend(alternative);
    if alternatives.len() > 1 { alternatives } else { conjuncts }
}

fn cut(text: &str, start: u32, end: u32) -> String {
    let piece = range(text, start, end);
    piece.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn remove(text: &str, start: u32, end: u32) -> String {
    format!("{} {}", range(text, 0, start), range(text, end, u32::MAX))
}

fn range(text: &str, start: u32, end: u32) -> &str {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(text.len());
    text.get(at(start)..at(end)).unwrap_or_default()
}

/// Tells whether two texts are the same but for blanks.
fn same_text(left: &str, right: &str) -> bool {
    left.split_whitespace().eq(right.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Survivor;

    fn predicates(query: &str) -> Vec<String> {
        without_each(query).into_iter().map(|(predicate, _)| predicate).collect()
    }

    #[test]
    fn each_operand_is_one() {
        assert_eq!(
            predicates("T | where a == 1 and f(b, c) // x\n  and d"),
            ["a == 1", "f(b, c)", "d"]
        );
        assert_eq!(predicates("T | where a or b and c"), ["a", "b and c"]);
        assert_eq!(predicates("T | where (a or b)"), ["(a or b)"]);
        assert_eq!(predicates("union (T | where a), (U | where b | where c)"), ["a", "b", "c"]);
    }

    #[test]
    fn the_rest_of_the_query_stays() {
        let variants = without_each("T | where a and b | take 1");
        let queries: Vec<String> =
            variants.into_iter().map(|(_, query)| cut(&query, 0, u32::MAX)).collect();
        assert_eq!(queries, ["T | where b | take 1", "T | where a | take 1"]);
        let variants = without_each("T | where a; U");
        assert_eq!(cut(&variants[0].1, 0, u32::MAX), "T ; U");
    }
    #[test]
    fn a_reason_that_no_survivor_needs_is_stale() {
        let mut package = Package::builtin().unwrap();
        package.rules.truncate(1);
        package.rules[0].survivors =
            vec![Survivor { predicate: "a  == 1".to_owned(), why: "x".to_owned() }];
        let rule = stem(&package.rules[0]);
        let mutant = |is_caught| Mutant {
            rule: rule.clone(),
            predicate: "a == 1".to_owned(),
            is_caught,
            reason: None,
        };
        assert!(stale(&package, &[mutant(true), mutant(false)]).is_empty());
        let unneeded = [format!("{rule}: `a  == 1`")];
        assert_eq!(stale(&package, &[mutant(true)]), unneeded);
        assert_eq!(stale(&package, &[]), unneeded);
    }
}
