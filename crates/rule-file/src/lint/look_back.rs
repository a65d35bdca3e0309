//! How far a query looks back by itself, beside how far its rule does.

use kql_syntax::{Diagnostic, Span, lexer::TokenKind};
use kql_types::timespan;

use super::{Rule, tokens::Tokens};
use crate::{code, definition::look_back_of, rule::Query};

/// Names that stand for one another; more is not followed.
const MAX_DEPTH: usize = 8;

/// Reports a query that asks for rows older than those that it is given: they are cut off, and
/// nothing says so.
pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some(query) = rule.query else { return };
    let Some((period, field, place)) = look_back_of(rule.root, rule.kind) else { return };
    let Some((length, span)) = furthest(query) else { return };
    if length <= period.ticks() {
        return;
    }
    let own = timespan::format(length);
    let given = timespan::format(period.ticks());
    let message =
        format!("the query looks back {own}, but {field} gives it {given}: older rows are cut off");
    let warning = Diagnostic::warning(code::LOOK_BACK, query.places.place(span), message);
    let warning = match place {
        Some(place) => warning.with_label(place, "how far the rule looks back"),
        None => warning,
    };
    found.push(warning.with_help("make the two the same"));
}

/// Returns the longest way back from now that a query names, and where.
fn furthest(query: &Query) -> Option<(i64, Span)> {
    let text = Text { tokens: Tokens::of(query) };
    let lengths = (0..text.tokens.len()).filter_map(|at| {
        let length = text.ago(at).or_else(|| text.now_minus(at)).or_else(|| text.added(at))?;
        Some((length, text.tokens.get(at)?.span))
    });
    // Of equal ones the first.
    lengths.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

struct Text<'q> {
    tokens: Tokens<'q>,
}

impl Text<'_> {
    /// `ago(…)`, or `now(-…)`
    fn ago(&self, at: usize) -> Option<i64> {
        let name = self.tokens.word(at);
        if self.tokens.kind(at.checked_add(1)?) != TokenKind::OpenParen {
            return None;
        }
        let first = at.checked_add(2)?;
        match name {
            "ago" => self.length(first, TokenKind::CloseParen, 0),
            "now" if self.tokens.kind(first) == TokenKind::Minus => {
                self.length(first.checked_add(1)?, TokenKind::CloseParen, 0)
            }
            _ => None,
        }
    }

    /// `now() - …`
    fn now_minus(&self, at: usize) -> Option<i64> {
        let kinds = [TokenKind::OpenParen, TokenKind::CloseParen, TokenKind::Minus];
        let follows =
            (1..).zip(kinds).all(|(by, kind)| self.tokens.kind(at.saturating_add(by)) == kind);
        if self.tokens.word(at) != "now" || !follows {
            return None;
        }
        self.factor(at.checked_add(4)?, 0)
    }

    /// `datetime_add('day', -3, now())`
    fn added(&self, at: usize) -> Option<i64> {
        let kinds = [
            (1, TokenKind::OpenParen),
            (3, TokenKind::Comma),
            (4, TokenKind::Minus),
            (6, TokenKind::Comma),
            (8, TokenKind::OpenParen),
            (9, TokenKind::CloseParen),
        ];
        let word = |by: usize| self.tokens.word(at.saturating_add(by));
        let is_it = word(0) == "datetime_add"
            && word(7) == "now"
            && kinds.iter().all(|(by, kind)| self.tokens.kind(at.saturating_add(*by)) == *kind);
        if !is_it {
            return None;
        }
        // Months and years have several lengths.
        let unit = match word(2).trim_matches(['\'', '"']).to_ascii_lowercase().as_str() {
            "week" => timespan::DAY.checked_mul(7)?,
            "day" => timespan::DAY,
            "hour" => timespan::HOUR,
            "minute" => timespan::MINUTE,
            _ => return None,
        };
        word(5).parse::<i64>().ok()?.checked_mul(unit)
    }

    /// A length, or one times a number, up to a token of this kind.
    fn length(&self, at: usize, end: TokenKind, depth: usize) -> Option<i64> {
        let next = at.checked_add(1)?;
        if self.tokens.kind(next) == end {
            return self.factor(at, depth);
        }
        let other = at.checked_add(2)?;
        if self.tokens.kind(next) != TokenKind::Star || self.tokens.kind(at.checked_add(3)?) != end
        {
            return None;
        }
        let number = |at| self.tokens.word(at).parse::<i64>().ok();
        match number(at) {
            Some(count) => self.factor(other, depth)?.checked_mul(count),
            None => self.factor(at, depth)?.checked_mul(number(other)?),
        }
    }

    /// A length of time, or a name that a `let` gives to one.
    fn factor(&self, at: usize, depth: usize) -> Option<i64> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.tokens.kind(at) {
            TokenKind::Timespan => timespan::parse_literal(self.tokens.word(at)),
            TokenKind::Identifier => {
                let defined = self.tokens.defined(self.tokens.word(at), self.tokens.len())?;
                self.length(defined.checked_add(2)?, TokenKind::Semicolon, depth.saturating_add(1))
            }
            _ => None,
        }
    }
}
