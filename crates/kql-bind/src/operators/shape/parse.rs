//! `parse` and `parse-where`: columns that a pattern finds in a text.
//!
//! The pattern becomes one regular expression; what its groups capture is computed once for each row,
//! and each column converts its part. Where the pattern does not match, or, unless it is relaxed, where
//! one part does not convert, all columns are missing.
//!
//! Source: <https://learn.microsoft.com/kusto/query/parse-operator>, and measured.

use kql_syntax::{
    Span,
    ast::{self, ColumnDecl, Literal, Param, ParsePart},
};
use kql_types::{KqlType, Value};

use super::{
    super::{
        parameter,
        parts::build::{all_of, call, element_of, filtered, with_columns},
        word,
    },
    mv_expand::place,
    parse_pattern::{Kind, Pattern},
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, literal, opaque},
    codes,
    conversion::convert,
    tree::{Column, Expr, PathStep, Relation, RelationKind},
};

impl Binder<'_> {
    /// Adds the columns that a pattern finds in a text; one of a name that is there is replaced.
    pub(in crate::operators) fn bind_parse(
        &mut self,
        rows: Relation,
        filter: bool,
        params: &[Param],
        source: &ast::Expr,
        pattern: &[ParsePart],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let source = self.bind_scalar(source, Scope::over(&row));
        let kind = self.parse_kind(params, filter);
        self.check_pattern(pattern, kind == Kind::Regex);
        self.check_names(pattern.iter().filter_map(|part| match part {
            ParsePart::Column(declared) => Some(&declared.name),
            ParsePart::Star(_) | ParsePart::Text(..) => None,
        }));
        let found: Vec<Column> = pattern.iter().filter_map(|it| self.pattern_column(it)).collect();
        let mut columns = rows.columns.clone();
        for column in &found {
            place(&mut columns, column.clone());
        }
        let flags = parameter(params, "flags").and_then(word).unwrap_or_default();
        let regex = Pattern { kind, flags, parts: pattern, columns: &found }.regex();
        if let (Kind::Regex, Ok(regex)) = (kind, &regex) {
            self.check_regex(regex, pattern_span(pattern).unwrap_or(span));
        }
        let is_open = rows.has_open_schema();
        let is_known = !found.iter().any(|column| self.is_unknown(column.id));
        match (source, regex) {
            (Some(source), Ok(regex)) if !is_open && is_known => {
                let parsed = Parsed { rows, source, regex, found, span };
                self.parsed(parsed, kind != Kind::Relaxed, filter, columns)
            }
            (_, Err(what)) => opaque(what, vec![rows], columns, is_open, span),
            _ => opaque("parse", vec![rows], columns, is_open, span),
        }
    }

    fn parse_kind(&mut self, params: &[Param], filter: bool) -> Kind {
        let Some(kind) = parameter(params, "kind") else { return Kind::Simple };
        match word(kind) {
            Some("simple") | None => Kind::Simple,
            Some("regex") => Kind::Regex,
            Some("relaxed") if !filter => Kind::Relaxed,
            Some(other) => {
                let operator = if filter { "parse-where" } else { "parse" };
                let message = format!("`{operator}` has no kind `{other}`");
                let help =
                    if filter { "`simple` or `regex`" } else { "`simple`, `regex` or `relaxed`" };
                let help = Some(help.to_owned());
                self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, kind.span, message, help);
                Kind::Simple
            }
        }
    }

    fn pattern_column(&mut self, part: &ParsePart) -> Option<Column> {
        let ParsePart::Column(declared) = part else { return None };
        let name = declared.name.text.as_str();
        Some(match declared.ty.as_ref().map(|ty| self.type_named(ty)) {
            None => self.fresh_column(name, KqlType::String),
            Some(Some(ty)) => self.fresh_column(name, ty),
            Some(None) => self.unknown_column(name),
        })
    }

    /// Makes the relation: the captures, their values, and the test whether all is there.
    fn parsed(
        &mut self,
        parsed: Parsed,
        is_strict: bool,
        filter: bool,
        columns: Vec<Column>,
    ) -> Relation {
        let Parsed { rows, source, regex, found, span } = parsed;
        let captures = self.hidden_column("captures", KqlType::Dynamic);
        let args = vec![convert(source, KqlType::String), literal(Value::String(regex), span)];
        let captured = call("parse_captures", args, KqlType::Dynamic, span);
        let rows = with_columns(rows, vec![(captures.clone(), captured)]);
        let values: Vec<Expr> = found
            .iter()
            .enumerate()
            .map(|(at, column)| capture(&captures, at, column.ty, span))
            .collect();
        let typed = values.iter().filter(|value| value.ty != KqlType::String);
        let there = std::iter::once(column_expr(&captures, span)).chain(typed.cloned());
        let tests = there.map(|it| call("isnotnull", vec![it], KqlType::Bool, span)).collect();
        let is_found = all_of(tests, span);
        let needs_test = is_strict && !filter;
        let exprs = columns.iter().map(|column| {
            let Some(at) = found.iter().position(|it| it.id == column.id) else {
                return column_expr(column, span);
            };
            let value = values.get(at).cloned();
            let missing = literal(Value::missing(column.ty), span);
            match value {
                Some(value) if needs_test => {
                    call("iff", vec![is_found.clone(), value, missing], column.ty, span)
                }
                Some(value) => value,
                None => missing,
            }
        });
        let exprs = exprs.collect();
        let rows = if filter { filtered(rows, is_found.clone(), span) } else { rows };
        Relation { kind: RelationKind::Project { input: Box::new(rows), exprs }, columns, span }
    }

    /// Reports a text column followed by what does not say where it ends, and an empty text.
    fn check_pattern(&mut self, pattern: &[ParsePart], is_regex: bool) {
        for part in pattern {
            if let ParsePart::Text(Literal::String(text), span) = part
                && text.is_empty()
            {
                self.error(codes::PARSE_PATTERN, *span, "an empty text separates nothing");
            }
        }
        for pair in pattern.windows(2) {
            let [ParsePart::Column(first), second] = pair else { continue };
            let is_text = first.ty.as_ref().is_none_or(|ty| ty.text == "string");
            let span = match second {
                ParsePart::Star(span) if is_text => *span,
                ParsePart::Column(second) if is_text || is_regex => second.name.span,
                _ => continue,
            };
            self.open_ended(first, span);
        }
    }

    fn open_ended(&mut self, column: &ColumnDecl, span: Span) {
        let message = format!("nothing says where `{}` ends", column.name.text);
        let help = Some("put a text between them".to_owned());
        self.error_with_help(codes::PARSE_PATTERN, span, message, help);
    }
}

/// What a pattern is applied to, and what it finds.
struct Parsed {
    rows: Relation,
    source: Expr,
    regex: String,
    found: Vec<Column>,
    span: Span,
}

/// Returns what a group captured, as a column's type; `""` and null if nothing did.
fn capture(captures: &Column, at: usize, ty: KqlType, span: Span) -> Expr {
    let steps = vec![PathStep::Index(i64::try_from(at).unwrap_or(i64::MAX))];
    element_of(column_expr(captures, span), steps, ty)
}

/// Returns where the texts of a pattern stand.
fn pattern_span(pattern: &[ParsePart]) -> Option<Span> {
    let texts = pattern.iter().filter_map(|part| match part {
        ParsePart::Text(_, span) => Some(*span),
        ParsePart::Star(_) | ParsePart::Column(_) => None,
    });
    texts.reduce(Span::to)
}
