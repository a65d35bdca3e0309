//! `parse-kv`: keys of a text as columns.
//!
//! Source: <https://learn.microsoft.com/kusto/query/parse-kv-operator>

use kql_syntax::{
    Span,
    ast::{self, ColumnDecl, Param},
};
use kql_types::{KqlType, Value, dynamic};

use super::{
    super::parts::build::{call, element_of, text, with_columns},
    mv_expand::place,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, literal, opaque},
    conversion::convert,
    tree::{Column, Expr, ExprKind, PathStep, Relation, RelationKind},
};

/// What stands after `with`.
#[derive(Default)]
struct Properties {
    pair: Option<String>,
    kv: Option<String>,
    regex: Option<String>,
    /// Opening and closing quotes in turn.
    quotes: String,
    escapes: String,
    is_greedy: bool,
    /// There is something among them that does not run.
    is_other: bool,
}

impl Binder<'_> {
    /// Adds the keys listed as columns; one of a name that is there is replaced.
    pub(in crate::operators) fn bind_parse_kv(
        &mut self,
        rows: Relation,
        source: &ast::Expr,
        declared: &[ColumnDecl],
        properties: &[Param],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let source = self.bind_scalar(source, Scope::over(&row));
        let found = self.declared_columns(declared);
        let mut columns = rows.columns.clone();
        for column in &found {
            place(&mut columns, column.clone());
        }
        let properties = self.bind_properties(properties);
        let is_known = !found.iter().any(|column| self.is_unknown(column.id));
        let is_open = rows.has_open_schema();
        let pairs = source.and_then(|source| properties.pairs(source, &found, span));
        let Some(pairs) = pairs.filter(|_| is_known && !is_open) else {
            return opaque("this form of parse-kv", vec![rows], columns, is_open, span);
        };
        let bag = self.hidden_column("pairs", KqlType::Dynamic);
        let rows = with_columns(rows, vec![(bag.clone(), pairs)]);
        let exprs = columns.iter().map(|column| {
            if !found.iter().any(|it| it.id == column.id) {
                return column_expr(column, span);
            }
            let steps = vec![PathStep::Key(column.name.to_string())];
            element_of(column_expr(&bag, span), steps, column.ty)
        });
        let exprs = exprs.collect();
        Relation { kind: RelationKind::Project { input: Box::new(rows), exprs }, columns, span }
    }

    fn bind_properties(&mut self, params: &[Param]) -> Properties {
        let mut properties = Properties::default();
        for param in params {
            let value = self.bind_scalar(&param.value, Scope::default());
            let value = value.map(|value| value.kind);
            match (param.name.text.as_str(), value) {
                (name, Some(ExprKind::Literal(Value::String(text)))) => properties.set(name, text),
                ("greedy", Some(ExprKind::Literal(Value::Bool(Some(greedy))))) => {
                    properties.is_greedy = greedy;
                }
                _ => properties.is_other = true,
            }
        }
        properties
    }
}

impl Properties {
    fn set(&mut self, name: &str, value: String) {
        match (name, value.chars().count()) {
            ("pair_delimiter", _) => self.pair = Some(value),
            ("kv_delimiter", _) => self.kv = Some(value),
            ("regex", _) => self.regex = Some(value),
            ("quote", 1) => self.quotes.push_str(&value.repeat(2)),
            ("quote", 2) => self.quotes.push_str(&value),
            ("escape", 1) => self.escapes.push_str(&value),
            _ => self.is_other = true,
        }
    }

    /// Returns the bag of keys and values; nothing for a form that does not run.
    fn pairs(&self, source: Expr, columns: &[Column], span: Span) -> Option<Expr> {
        let source = convert(source, KqlType::String);
        if self.is_other {
            return None;
        }
        if let Some(regex) = &self.regex {
            let args = vec![source, text(regex, span)];
            return Some(call("parse_kv_regex", args, KqlType::Dynamic, span));
        }
        let (pair, kv) = (self.pair.as_ref()?, self.kv.as_ref()?);
        if pair.is_empty() || kv.is_empty() {
            return None;
        }
        let mut keys = String::from("[");
        for column in columns.iter().filter(|_| self.is_greedy) {
            if keys.len() > 1 {
                keys.push(',');
            }
            dynamic::quote(&column.name, &mut keys);
        }
        keys.push(']');
        let keys = literal(Value::Dynamic(Some(keys)), span);
        let texts = [pair, kv, &self.quotes, &self.escapes].map(|it| text(it, span));
        let args = std::iter::once(source).chain(texts).chain([keys]).collect();
        Some(call("parse_kv", args, KqlType::Dynamic, span))
    }
}
