//! Operators of expressions, by precedence.
//!
//! From loosest to tightest: `or`; `and`; equality, `in`, `between`; order; sums; products; string
//! operators such as `has`; signs. Equality, order and string operators do not chain.

use super::super::{Parser, bracket::Bracket, list::ListRule, name::NameUse};
use crate::{
    Diagnostic, Span,
    ast::{Assignment, BinaryOp, Expr, ExprKind, LogicalOp, MatchOp, NamedExpr, UnaryOp},
    code,
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// Reads an expression that is no pipeline, and reports if there is none.
    pub(in crate::parser) fn expression(&mut self) -> Expr {
        let start = self.span();
        self.nested(Self::disjunction).unwrap_or_else(|| error_expr(start))
    }

    /// Reads an expression that is no pipeline, on the heap.
    pub(in crate::parser) fn boxed_expression(&mut self) -> Box<Expr> {
        Box::new(self.expression())
    }

    /// Reads `name = value`, `(a, b) = value`, or a value alone.
    pub(in crate::parser) fn named_expr(&mut self) -> NamedExpr {
        let start = self.span();
        let name = self.assignment();
        let value = if matches!(name, Assignment::None) {
            // A `=` after this one would be an attempt to name it, not a comparison.
            let outer = self.assigned_at.replace(self.depth.saturating_add(1));
            let value = self.expression();
            self.assigned_at = outer;
            value
        } else {
            self.expression()
        };
        NamedExpr { name, value, span: self.span_from(start) }
    }

    /// Reads a value alone, in place of a named one.
    pub(in crate::parser) fn unnamed(value: Expr) -> NamedExpr {
        let span = value.span;
        NamedExpr { name: Assignment::None, value, span }
    }

    /// Reads what stands before `=`, and the `=`, if they are there.
    pub(in crate::parser) fn assignment(&mut self) -> Assignment {
        let len = self.name_len(0, NameUse::Declaration);
        if len > 0 && self.kind_at(len) == TokenKind::Equal {
            let name = self.name(NameUse::Declaration);
            self.bump();
            return name.map_or(Assignment::None, Assignment::Name);
        }
        if matches!(self.kind(), TokenKind::Keyword(_)) && self.kind_at(1) == TokenKind::Equal {
            let name = self.reserved_name();
            self.bump();
            return Assignment::Name(name);
        }
        let dashed = self.dashed_name_len();
        if dashed > 0 && self.kind_at(dashed) == TokenKind::Equal {
            let name = self.dashed_name(dashed);
            self.bump();
            return Assignment::Name(name);
        }
        if self.name_list_is_assigned() {
            let open = self.bump().span;
            let names = self.comma_list(ListRule::OneOrMore, |p| p.name(NameUse::Declaration));
            self.close(Bracket::Paren, open, None);
            self.eat(TokenKind::Equal);
            return Assignment::Names(names.into_iter().flatten().collect());
        }
        Assignment::None
    }

    /// Returns whether `(a, b) =` follows.
    fn name_list_is_assigned(&self) -> bool {
        if !self.at(TokenKind::OpenParen) {
            return false;
        }
        let mut at = 1_usize;
        loop {
            let len = self.name_len(at, NameUse::Declaration);
            at = at.saturating_add(len);
            match self.kind_at(at) {
                _ if len == 0 => return false,
                TokenKind::Comma => at = at.saturating_add(1),
                TokenKind::CloseParen => {
                    return self.kind_at(at.saturating_add(1)) == TokenKind::Equal;
                }
                _ => return false,
            }
        }
    }

    fn disjunction(&mut self) -> Expr {
        self.logical(LogicalOp::Or, Keyword::Or, Self::conjunction)
    }

    fn conjunction(&mut self) -> Expr {
        self.logical(LogicalOp::And, Keyword::And, Self::comparison)
    }

    fn logical(&mut self, op: LogicalOp, keyword: Keyword, operand: fn(&mut Self) -> Expr) -> Expr {
        let first = self.beside(operand);
        if !self.at_keyword(keyword) {
            return first;
        }
        let span = first.span;
        let mut operands = vec![first];
        while self.eat_keyword(keyword).is_some() {
            operands.push(self.beside(operand));
        }
        self.grow_tree();
        Expr { kind: ExprKind::Logical { op, operands }, span: self.span_from(span) }
    }

    /// Reads `a == b`, `a in (…)`, `a between (…)` and what binds tighter.
    fn comparison(&mut self) -> Expr {
        let mut left = self.order();
        let mut is_first = true;
        while let Some(next) = self.comparison_op() {
            if !is_first {
                self.report_chain();
            }
            is_first = false;
            left = self.compare(left, next);
            self.grow_tree();
        }
        left
    }

    /// Returns the comparison that the current token starts.
    fn comparison_op(&self) -> Option<Comparison> {
        Some(match self.kind() {
            TokenKind::EqualEqual => Comparison::Binary(BinaryOp::Equal),
            TokenKind::BangEqual | TokenKind::LessGreater => Comparison::Binary(BinaryOp::NotEqual),
            TokenKind::Equal if self.assigned_at != Some(self.depth) => Comparison::Assignment,
            TokenKind::Keyword(Keyword::Between) => Comparison::Between { negated: false },
            TokenKind::Keyword(Keyword::NotBetween) => Comparison::Between { negated: true },
            // `in range(…)` belongs to `make-series`.
            TokenKind::Keyword(Keyword::Match(MatchOp::In))
                if self.keyword_at(1, Keyword::Range) =>
            {
                return None;
            }
            TokenKind::Keyword(Keyword::Match(op)) if takes_list(op) => Comparison::In(op),
            _ => return None,
        })
    }

    fn compare(&mut self, left: Expr, comparison: Comparison) -> Expr {
        let op = match comparison {
            Comparison::In(op) => return self.in_list(left, op),
            Comparison::Between { negated } => return self.between(left, negated),
            Comparison::Binary(op) => op,
            Comparison::Assignment => {
                let diagnostic = Diagnostic::error(
                    code::ASSIGNMENT_FOR_COMPARISON,
                    self.span(),
                    "expected a comparison, found `=`",
                )
                .with_help("to compare, use `==`, or `=~` to ignore case");
                self.report(diagnostic);
                BinaryOp::Equal
            }
        };
        let op_span = self.bump().span;
        let right = self.order();
        binary(op, op_span, left, right)
    }

    fn report_chain(&mut self) {
        let message = format!("`{}` after another comparison", self.word());
        let diagnostic = Diagnostic::error(code::CHAINED_COMPARISON, self.span(), message)
            .with_help("join comparisons by `and`, or put one in parentheses");
        self.report(diagnostic);
    }

    /// Reads `in (…)`: values, or one pipeline.
    fn in_list(&mut self, left: Expr, op: MatchOp) -> Expr {
        let word = self.word();
        let op_span = self.bump().span;
        let start = left.span;
        let list = if self.at(TokenKind::OpenParen) {
            let open = self.bump().span;
            let list = self.in_values();
            self.close(Bracket::Paren, open, Some("`,`"));
            list
        } else {
            let message = format!("expected `(` after `{word}`, found {}", self.found());
            let diagnostic = Diagnostic::error(code::LIST_NEEDS_PARENTHESES, self.span(), message)
                .with_help(format!("write `{word} (…)`"));
            self.report(diagnostic);
            vec![self.order()]
        };
        let kind = ExprKind::In { op, op_span, left: Box::new(left), list };
        Expr { kind, span: self.span_from(start) }
    }

    fn in_values(&mut self) -> Vec<Expr> {
        if self.at_query_start() {
            return vec![self.tabular()];
        }
        let mut list = self.comma_list(ListRule::OneOrMore, Self::expression);
        if self.at(TokenKind::Pipe) && list.len() == 1 {
            let source = list.pop();
            list.extend(source.map(|source| self.pipeline(Some(source))));
        }
        list
    }

    fn between(&mut self, value: Expr, negated: bool) -> Expr {
        let word = self.word();
        let start = value.span;
        self.bump();
        let open = self.eat(TokenKind::OpenParen);
        if open.is_none() {
            let message = format!("expected `(` after `{word}`, found {}", self.found());
            let diagnostic = Diagnostic::error(code::LIST_NEEDS_PARENTHESES, self.span(), message)
                .with_help(format!("write `{word} (low .. high)`"));
            self.report(diagnostic);
        }
        let low = self.boxed_expression();
        if self.eat(TokenKind::DotDot).is_none() {
            let message = format!("expected `..` between the bounds, found {}", self.found());
            let diagnostic = Diagnostic::error(code::UNEXPECTED, self.span(), message)
                .with_help(format!("write `{word} (low .. high)`"));
            self.report(diagnostic);
            self.eat(TokenKind::Comma);
        }
        let high = self.boxed_expression();
        if let Some(open) = open {
            self.close(Bracket::Paren, open, None);
        }
        let kind = ExprKind::Between { negated, value: Box::new(value), low, high };
        Expr { kind, span: self.span_from(start) }
    }

    /// Reads `a < b` and what binds tighter.
    fn order(&mut self) -> Expr {
        let mut left = self.sum();
        let mut is_first = true;
        while let Some(op) = order_op(self.kind()) {
            if !is_first {
                self.report_chain();
            }
            is_first = false;
            left = self.binary_tail(op, left, Self::sum);
        }
        left
    }

    fn sum(&mut self) -> Expr {
        let mut left = self.product();
        while let Some(op) = sum_op(self.kind()) {
            left = self.binary_tail(op, left, Self::product);
        }
        left
    }

    fn product(&mut self) -> Expr {
        let mut left = self.string_match();
        while let Some(op) = product_op(self.kind()) {
            left = self.binary_tail(op, left, Self::string_match);
        }
        left
    }

    fn binary_tail(&mut self, op: BinaryOp, left: Expr, operand: fn(&mut Self) -> Expr) -> Expr {
        let op_span = self.bump().span;
        let right = operand(self);
        self.grow_tree();
        binary(op, op_span, left, right)
    }

    /// Reads `a has b` and what binds tighter.
    fn string_match(&mut self) -> Expr {
        let mut left = self.signed();
        self.repair_infix();
        let mut is_first = true;
        while let Some(op) = string_op(self.kind()) {
            if !is_first {
                self.report_chain();
            }
            is_first = false;
            let op_span = self.match_operator(op);
            let right = self.signed();
            self.repair_infix();
            self.grow_tree();
            let span = left.span.to(right.span);
            let kind =
                ExprKind::Match { op, op_span, left: Box::new(left), right: Box::new(right) };
            left = Expr { kind, span };
        }
        left
    }

    /// Reads the operator, of which `matches regex` has two words.
    fn match_operator(&mut self, op: MatchOp) -> Span {
        let start = self.bump().span;
        if op == MatchOp::MatchesRegex {
            self.expect_keyword(Keyword::Regex, "regex", "after `matches`");
        }
        self.span_from(start)
    }

    /// Reads an operand with its sign.
    fn signed(&mut self) -> Expr {
        let op = match self.kind() {
            TokenKind::Minus => UnaryOp::Minus,
            TokenKind::Plus => UnaryOp::Plus,
            TokenKind::Star if is_after_star(self.kind_at(1)) => {
                let span = self.bump().span;
                return Expr { kind: ExprKind::Wildcard("*".to_owned()), span };
            }
            _ => return self.path(),
        };
        let start = self.bump().span;
        let operand = Box::new(self.path());
        self.grow_tree();
        Expr { kind: ExprKind::Unary { op, operand }, span: self.span_from(start) }
    }
}

/// Operators that compare two values and do not chain.
#[derive(Clone, Copy)]
enum Comparison {
    Binary(BinaryOp),
    In(MatchOp),
    Between {
        negated: bool,
    },
    /// `=`, a mistake
    Assignment,
}

/// Returns a node for an expression that is missing or cannot be read.
pub(in crate::parser) const fn error_expr(at: Span) -> Expr {
    Expr { kind: ExprKind::Error, span: Span::new(at.start, at.start) }
}

fn binary(op: BinaryOp, op_span: Span, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let kind = ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) };
    Expr { kind, span }
}

const fn takes_list(op: MatchOp) -> bool {
    matches!(
        op,
        MatchOp::In
            | MatchOp::NotIn
            | MatchOp::InCi
            | MatchOp::NotInCi
            | MatchOp::HasAny
            | MatchOp::HasAll
    )
}

const fn order_op(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Less => BinaryOp::Less,
        TokenKind::LessOrEqual => BinaryOp::LessOrEqual,
        TokenKind::Greater => BinaryOp::Greater,
        TokenKind::GreaterOrEqual => BinaryOp::GreaterOrEqual,
        _ => return None,
    })
}

const fn sum_op(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Plus => BinaryOp::Add,
        TokenKind::Minus => BinaryOp::Subtract,
        _ => return None,
    })
}

const fn product_op(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Star => BinaryOp::Multiply,
        TokenKind::Slash => BinaryOp::Divide,
        TokenKind::Percent => BinaryOp::Modulo,
        _ => return None,
    })
}

const fn string_op(kind: TokenKind) -> Option<MatchOp> {
    match kind {
        TokenKind::EqualTilde => Some(MatchOp::EqualCi),
        TokenKind::BangTilde => Some(MatchOp::NotEqualCi),
        TokenKind::Colon => Some(MatchOp::Has),
        TokenKind::Keyword(Keyword::Match(op)) if !takes_list(op) => Some(op),
        _ => None,
    }
}

/// Returns whether `*` before this token stands for any column: `* has "x"`, `* == "x"`.
const fn is_after_star(kind: TokenKind) -> bool {
    string_op(kind).is_some() || matches!(kind, TokenKind::EqualEqual)
}
