//! `make-series a = count() default = 0 on t from x to y step z by k`

use crate::{
    ast::{Expr, MakeSeriesAxis, MatchOp, NamedExpr, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{Parser, bracket::Bracket, expression::expr::error_expr, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn make_series(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let aggregates = self.comma_list(ListRule::OneOrMore, Self::series_aggregate);
        self.expect_keyword(Keyword::On, "on", "after the aggregates of `make-series`");
        let on = self.named_expr();
        let axis = Box::new(self.series_axis(on));
        let by = match self.eat_keyword(Keyword::By) {
            Some(_) => self.comma_list(ListRule::OneOrMore, Self::named_expr),
            None => Vec::new(),
        };
        OperatorKind::MakeSeries { params, aggregates, axis, by }
    }

    fn series_aggregate(&mut self) -> (NamedExpr, Option<Expr>) {
        let aggregate = self.named_expr();
        let default = self.eat_keyword(Keyword::Default).map(|_| {
            self.expect(TokenKind::Equal, "=", "after `default`");
            self.expression()
        });
        (aggregate, default)
    }

    fn series_axis(&mut self, on: NamedExpr) -> MakeSeriesAxis {
        if self.at_keyword(Keyword::Match(MatchOp::In)) && self.keyword_at(1, Keyword::Range) {
            return self.series_range(on);
        }
        let from = self.eat_keyword(Keyword::From).map(|_| self.expression());
        let to = self.eat_keyword(Keyword::To).map(|_| self.expression());
        let step = if self.expect_keyword(Keyword::Step, "step", "and the distance of two points") {
            self.expression()
        } else {
            error_expr(self.span())
        };
        MakeSeriesAxis { on, from, to, step, is_range: false }
    }

    /// `in range(a, b, c)`
    fn series_range(&mut self, on: NamedExpr) -> MakeSeriesAxis {
        self.bump();
        self.bump();
        let at = self.span();
        let mut bounds = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "after `range`") {
            bounds = self.comma_list(ListRule::Any, Self::expression);
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        let mut bounds = bounds.into_iter();
        let (from, to, step) = (bounds.next(), bounds.next(), bounds.next());
        if step.is_none() || bounds.next().is_some() {
            self.report_series_range(at);
        }
        let step = step.unwrap_or_else(|| error_expr(at));
        MakeSeriesAxis { on, from, to, step, is_range: true }
    }

    fn report_series_range(&mut self, at: crate::Span) {
        let diagnostic = crate::Diagnostic::error(
            crate::code::UNEXPECTED,
            at,
            "expected start, stop and step in `range(…)`",
        );
        self.report_past(diagnostic);
    }
}
