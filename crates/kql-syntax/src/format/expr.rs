//! Expressions: where chains break, which brackets are calls, which signs are operators.

use super::{
    gap::Gap,
    layout::{Layout, Range},
};
use crate::{
    Span,
    ast::{
        Argument, Assignment, BinaryOp, Call, ColumnDecl, Expr, ExprKind, Literal, NamedExpr,
        Operator, OrderKey,
    },
    deep_stack::with_deep_stack,
    lexer::{Keyword, TokenKind},
};

/// Functions whose arguments come in pairs: a condition and a value, or a key and a value.
const PAIRED: [&str; 4] = ["bag_pack", "case", "pack", "pack_dictionary"];

impl Layout<'_, '_> {
    /// Lays out an expression.
    pub(super) fn expr(&mut self, expr: &Expr) {
        with_deep_stack(|| self.expr_here(expr));
    }

    /// Lays out expressions, one after the other.
    pub(super) fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    /// Lays out expressions that may have names.
    pub(super) fn named<'e>(&mut self, exprs: impl IntoIterator<Item = &'e NamedExpr>) {
        for expr in exprs {
            match &expr.name {
                Assignment::None => {}
                Assignment::Name(name) => self.name(name),
                Assignment::Names(names) => self.names(names),
            }
            self.expr(&expr.value);
        }
    }

    /// Lays out sort keys.
    pub(super) fn order_keys<'e>(&mut self, keys: impl IntoIterator<Item = &'e OrderKey>) {
        self.named(keys.into_iter().map(|key| &key.expr));
    }

    /// Lays out columns with their types.
    pub(super) fn columns(&mut self, columns: &[ColumnDecl]) {
        for column in columns {
            self.name(&column.name);
            self.exprs(&column.default);
        }
    }

    fn expr_here(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(Literal::Dynamic(_)) => self.call_paren(expr.span),
            ExprKind::Literal(_) | ExprKind::Error => {}
            ExprKind::Name(name) => self.name(name),
            ExprKind::Wildcard(_) => self.keep(expr.span),
            ExprKind::Member { base, name } => {
                self.expr(base);
                self.name(name);
            }
            ExprKind::Index { base, index } => self.index(expr.span, base, index),
            ExprKind::Call(call) => self.call(call),
            ExprKind::MethodCall { base, call } => {
                self.expr(base);
                self.call(call);
            }
            ExprKind::Unary { operand, .. } => {
                if let Some(sign) = self.first_of(expr.span) {
                    self.gap(sign.saturating_add(1), Gap::None);
                }
                self.expr(operand);
            }
            ExprKind::Binary { op, op_span, left, right } => match arithmetic(*op) {
                Some(level) => self.arithmetic_chain(expr, level),
                None => self.around_operator(*op_span, [left, right]),
            },
            ExprKind::Match { op_span, left, right, .. } => {
                self.around_operator(*op_span, [left, right]);
            }
            ExprKind::In { op_span, left, list, .. } => {
                self.around_operator(*op_span, [left]);
                self.exprs(list);
            }
            ExprKind::Between { value, low, high, .. } => {
                self.exprs([value.as_ref(), low.as_ref(), high.as_ref()]);
            }
            ExprKind::Logical { operands, .. } => self.logical(expr.span, operands),
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Pipeline { source, operators } => {
                self.exprs(source.as_deref());
                self.pipeline(expr.span, operators);
            }
            _ => self.special_form(expr),
        }
    }

    fn special_form(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Datatable { columns, values } => {
                self.columns(columns);
                self.rows(columns.len(), values);
            }
            ExprKind::ExternalData { columns, uris, properties } => {
                self.columns(columns);
                self.exprs(uris);
                // An address alone is long enough to take a line.
                if let Some(first) = uris.first().and_then(|uri| self.first_of(uri.span)) {
                    self.gap(first, Gap::Soft);
                }
                self.named(properties);
                for property in properties {
                    if let Assignment::Name(name) = &property.name {
                        self.tight_equal(name.span);
                    }
                }
            }
            ExprKind::ContextualTable { name, columns } => {
                self.name(name);
                if let Some(paren) = self.after(name.span) {
                    self.gap(paren, Gap::Space);
                }
                self.columns(columns);
            }
            ExprKind::EntityGroup(entities) => self.exprs(entities),
            ExprKind::TypeOf(columns) => {
                self.call_paren(expr.span);
                self.columns(columns);
            }
            ExprKind::Ordered(key) => self.order_keys([key.as_ref()]),
            _ => {}
        }
    }

    /// Lays out a call: no space before its parenthesis.
    pub(super) fn call(&mut self, call: &Call) {
        self.name(&call.name);
        if let Some(paren) = self.after(call.name.span) {
            self.open_call(paren);
        }
        for arg in &call.args {
            self.names(&arg.name);
            self.expr(&arg.value);
        }
        if PAIRED.contains(&call.name.text.as_str()) {
            self.pairs(&call.args);
        }
    }

    /// Keeps arguments that belong together on one line, if they fit.
    fn pairs(&mut self, args: &[Argument]) {
        for pair in args.chunks_exact(2) {
            let [left, right] = pair else { return };
            let (Some((first, _)), Some((middle, last))) =
                (self.tokens_of(left.value.span), self.tokens_of(right.value.span))
            else {
                continue;
            };
            self.group((first, last));
            self.gap(middle, Gap::Line);
            self.nest((middle, last));
        }
    }

    /// Takes the space away between a span's first token and a parenthesis.
    fn call_paren(&mut self, span: Span) {
        if let Some(first) = self.first_of(span) {
            self.open_call(first.saturating_add(1));
        }
    }

    /// Takes the space away before a parenthesis.
    ///
    /// Not after the name of a type: `long (x)` is a call, `long(x)` would be a literal.
    pub(super) fn open_call(&mut self, paren: usize) {
        if self.source.kind(paren) != TokenKind::OpenParen {
            return;
        }
        let is_type = matches!(
            self.source.kind_before(paren),
            TokenKind::Keyword(Keyword::Type | Keyword::LegacyType)
        );
        self.gap(paren, if is_type { Gap::Keep } else { Gap::None });
    }

    fn index(&mut self, span: Span, base: &Expr, index: &Expr) {
        self.exprs([base, index]);
        let open = self.tokens_of(span).and_then(|(_, last)| self.source.partner(last));
        if let Some(open) = open {
            self.tighten(open);
            self.gap(open, Gap::None);
        }
    }

    /// Lays out operands, and spaces around the operator; `Title:"x"` has none.
    fn around_operator<'e>(&mut self, op: Span, operands: impl IntoIterator<Item = &'e Box<Expr>>) {
        if let Some((first, last)) = self.tokens_of(op) {
            let is_colon = self.source.kind(first) == TokenKind::Colon;
            let gap = if is_colon { Gap::None } else { Gap::Space };
            self.gap(first, gap);
            self.gap(last.saturating_add(1), gap);
        }
        self.exprs(operands.into_iter().map(Box::as_ref));
    }

    /// Lays out `a and b and c`: each operator may start a line.
    fn logical(&mut self, span: Span, operands: &[Expr]) {
        let operators: Vec<_> = operands
            .iter()
            .skip(1)
            .filter_map(|operand| self.first_of(operand.span)?.checked_sub(1))
            .collect();
        self.exprs(operands);
        self.chain(span, operators);
    }

    /// Lays out `a + b - c`, a tree that leans to the left.
    fn arithmetic_chain(&mut self, expr: &Expr, level: Level) {
        let mut operators = Vec::new();
        let mut rest = expr;
        while let ExprKind::Binary { op, op_span, left, right } = &rest.kind
            && arithmetic(*op) == Some(level)
        {
            if let Some(at) = self.first_of(*op_span) {
                operators.push(at);
                self.gap(at.saturating_add(1), Gap::Space);
            }
            self.expr(right);
            rest = left;
        }
        self.expr(rest);
        operators.reverse();
        self.chain(expr.span, operators);
    }

    fn chain(&mut self, span: Span, operators: Vec<usize>) {
        let Some(range) = self.tokens_of(span) else { return };
        self.group(range);
        if self.hangs(range) {
            // Brackets of the first operand, too, so that they close below the operators.
            self.nest((range.0.saturating_add(1), range.1));
        }
        for at in operators {
            self.gap(at, Gap::Line);
        }
    }

    /// Lays out the values of a `datatable`, a line for each row.
    fn rows(&mut self, columns: usize, values: &[Expr]) {
        self.exprs(values);
        let between = if values.len() > columns { Gap::Hard } else { Gap::Line };
        for (index, value) in values.iter().enumerate().skip(1) {
            let starts_row = index.checked_rem(columns).is_none_or(|column| column == 0);
            if let Some(first) = self.first_of(value.span) {
                self.gap(first, if starts_row { between } else { Gap::Space });
            }
        }
    }

    /// Lays out operators, a line for each; in brackets, one alone may stay on the source's line.
    pub(super) fn pipeline(&mut self, span: Span, operators: &[Operator]) {
        let pipes = self.pipes(operators);
        if let (Some(range), Some(first_pipe)) = (self.tokens_of(span), pipes.first().copied()) {
            let is_alone = pipes.len() == 1 && self.is_in_parens(range);
            let gap = if is_alone { Gap::Line } else { Gap::Hard };
            for at in pipes {
                self.gap(at, gap);
            }
            if self.hangs(range) {
                self.nest((first_pipe, range.1));
            }
            if is_alone && !self.fills_brackets(range) {
                self.group(range);
            }
        }
        for operator in operators {
            with_deep_stack(|| self.operator(operator));
        }
    }

    /// Returns the pipes before operators.
    pub(super) fn pipes(&self, operators: &[Operator]) -> Vec<usize> {
        operators
            .iter()
            .filter_map(|operator| self.first_of(operator.span)?.checked_sub(1))
            .filter(|at| self.source.kind(*at) == TokenKind::Pipe)
            .collect()
    }

    fn is_in_parens(&self, (first, _): Range) -> bool {
        self.source
            .enclosing(first)
            .is_some_and(|open| self.source.kind(open) != TokenKind::OpenBrace)
    }
}

/// How tight an arithmetic operator binds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Sum,
    Product,
}

const fn arithmetic(op: BinaryOp) -> Option<Level> {
    match op {
        BinaryOp::Add | BinaryOp::Subtract => Some(Level::Sum),
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => Some(Level::Product),
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessOrEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterOrEqual => None,
    }
}
