//! Operators of several clauses, and those that hold pipelines.

use crate::{
    Span,
    ast::{
        Expr, FindColumn, Fork, FunctionBody, MakeSeriesAxis, MvExpandItem, NamedExpr, Operator,
        TopNestedClause,
    },
    format::{
        gap::Gap,
        layout::{Layout, Range},
    },
    lexer::{Keyword, TokenKind},
};

impl Layout<'_, '_> {
    /// Lays out aggregates and keys: on one line, or `by` on a line of its own.
    pub(super) fn summarize(&mut self, range: Range, aggregates: &[NamedExpr], by: &[NamedExpr]) {
        self.named(aggregates);
        self.named(by);
        self.group(range);
        let by_keyword = self.keyword_before(by.first().map(|key| key.span));
        let aggregates_end = by_keyword.and_then(|at| at.checked_sub(1)).unwrap_or(range.1);
        self.items(aggregates.iter().map(|aggregate| aggregate.span), aggregates_end);
        if let Some(keyword) = by_keyword {
            self.keys(keyword, by, range, !aggregates.is_empty());
        }
    }

    /// Lays out the keys after `by`, which starts a line if it is a clause among others.
    fn keys(&mut self, keyword: usize, by: &[NamedExpr], range: Range, starts_line: bool) {
        if starts_line {
            self.gap(keyword, Gap::Line);
            self.nest((keyword, range.1));
        }
        self.group((keyword, range.1));
        self.items(by.iter().map(|key| key.span), range.1);
    }

    /// Lays out `make-series`: a line for each aggregate, one for the axis and one for the keys.
    pub(super) fn make_series(
        &mut self,
        range: Range,
        aggregates: &[(NamedExpr, Option<Expr>)],
        axis: &MakeSeriesAxis,
        by: &[NamedExpr],
    ) {
        self.group(range);
        for (aggregate, default) in aggregates {
            self.named([aggregate]);
            self.exprs(default);
            if let Some(equal) = self.keyword_before(default.as_ref().map(|value| value.span)) {
                self.gap(equal, Gap::None);
                self.gap(equal.saturating_add(1), Gap::None);
            }
        }
        self.named([&axis.on]);
        self.exprs(axis.from.iter().chain(&axis.to).chain([&axis.step]));
        if axis.is_range
            && let Some(paren) = self.keyword_before(axis.from.as_ref().map(|from| from.span))
        {
            self.open_call(paren);
        }
        let on = self.keyword_before(Some(axis.on.span));
        if let Some(on) = on {
            let spans = aggregates.iter().map(|(aggregate, _)| aggregate.span);
            self.items(spans, on.saturating_sub(1));
            self.gap(on, Gap::Line);
            self.nest((on, range.1));
        }
        self.named(by);
        if let Some(keyword) = self.keyword_before(by.first().map(|key| key.span)) {
            self.gap(keyword, Gap::Line);
            self.group((keyword, range.1));
            self.items(by.iter().map(|key| key.span), range.1);
        }
    }

    /// Lays out what follows the tables of `find`: a line for the condition, one for the columns.
    pub(super) fn find_clauses(
        &mut self,
        range: Range,
        predicate: &Expr,
        columns: &[FindColumn],
        away: &[Expr],
    ) {
        self.exprs(away);
        for column in columns {
            if let FindColumn::Column(column) = column {
                self.name(&column.name);
            }
        }
        self.group(range);
        let where_ = self
            .keyword_before(Some(predicate.span))
            .filter(|at| self.source.kind(*at) == TokenKind::Keyword(Keyword::Where));
        let after = self.after(predicate.span).filter(|at| *at <= range.1);
        if let Some(first) = where_.or(after) {
            self.nest((first, range.1));
        }
        for clause in where_.into_iter().chain(after) {
            self.gap(clause, Gap::Line);
        }
    }

    /// Returns the token before a span, a keyword or a sign that announces it.
    pub(super) fn keyword_before(&self, span: Option<Span>) -> Option<usize> {
        self.first_of(span?)?.checked_sub(1)
    }

    /// Lays out the arrays of `mv-expand`.
    pub(super) fn arrays(&mut self, range: Range, items: &[MvExpandItem]) {
        self.named(items.iter().map(|item| &item.expr));
        self.group(range);
        self.items(items.iter().map(|item| item.expr.span), range.1);
    }

    /// Lays out a pipeline in parentheses after a name, which does not call it.
    pub(super) fn before_body(&mut self, body: &Expr) {
        if let Some(paren) = self.keyword_before(Some(body.span)) {
            self.gap(paren, Gap::Space);
        }
        self.expr(body);
    }

    /// Lays out the statements of `macro-expand`.
    pub(super) fn macro_body(&mut self, body: &FunctionBody, span: Span) {
        self.body(body, span);
        let Some((_, close)) = self.tokens_of(span) else { return };
        let Some(open) = self.source.partner(close).filter(|open| *open < close) else { return };
        self.gap(open, Gap::Space);
        // Unlike braces, parentheses have no space within them.
        self.gap(open.saturating_add(1), Gap::Hard);
        self.gap(close, Gap::Hard);
    }

    /// Lays out the branches of `fork`.
    pub(super) fn fork(&mut self, range: Range, branches: &[Fork]) {
        self.group(range);
        let mut starts = Vec::new();
        for branch in branches {
            self.expr(&branch.body);
            let Some(paren) = self.keyword_before(Some(branch.body.span)) else { continue };
            starts.push(match &branch.name {
                Some(name) => {
                    self.name(name);
                    self.tight_equal(name.span);
                    self.first_of(name.span).unwrap_or(paren)
                }
                None => paren,
            });
        }
        if let Some(first) = starts.first() {
            self.nest((*first, range.1));
        }
        for start in starts {
            self.gap(start, Gap::Line);
        }
    }

    /// Lays out what `facet` does with the rows.
    pub(super) fn facet_operators(&mut self, operators: &[Operator]) {
        let spans = operators.iter().map(|operator| operator.span);
        if let Some(whole) = spans.reduce(Span::to) {
            self.pipeline(whole, operators);
        }
    }

    /// Lays out `top-nested`, a line for each level.
    pub(super) fn top_nested(&mut self, range: Range, levels: &[TopNestedClause]) {
        self.group(range);
        for (index, level) in levels.iter().enumerate() {
            self.exprs(&level.count);
            self.named([&level.of]);
            self.exprs(&level.others);
            self.order_keys([&level.by]);
            let comma = match &level.count {
                Some(count) => self.first_of(count.span).and_then(|at| at.checked_sub(2)),
                None => self.first_of(level.of.span).and_then(|at| at.checked_sub(3)),
            };
            let comma = comma.filter(|at| self.source.kind(*at) == TokenKind::Comma);
            if let Some(start) = comma.map(|at| at.saturating_add(1)) {
                self.gap(start, Gap::Line);
                if index == 1 {
                    self.nest((start, range.1));
                }
            }
        }
    }
}
