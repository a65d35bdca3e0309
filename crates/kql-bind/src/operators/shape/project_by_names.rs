//! `project-by-names`: the columns that texts name, in the order of the texts.
//!
//! Source: <https://learn.microsoft.com/kusto/query/project-by-names-operator>

use std::collections::HashSet;

use kql_syntax::{Span, ast};
use kql_types::{
    Value,
    dynamic::{self, Kind},
};

use super::super::parts::build::{pick, select};
use crate::{
    binder::{Binder, Scope},
    catalog::matches_pattern,
    codes,
    tree::{Expr, ExprKind, Relation},
};

impl Binder<'_> {
    /// Keeps the columns that constant texts, lists of texts or patterns name. A text that names none
    /// is passed over, as long as one names any.
    pub(in crate::operators) fn bind_project_by_names(
        &mut self,
        rows: Relation,
        names: &[ast::Expr],
        span: Span,
    ) -> Relation {
        let mut patterns = Vec::new();
        for name in names {
            let Some(bound) = self.bind_scalar(name, Scope::default()) else { continue };
            match texts(&bound) {
                Some(found) => patterns.extend(found),
                None if bound.is_parameter() => {}
                None => {
                    let message = "expected names of columns as constant texts";
                    let help = Some("a name alone stands in `project-keep`".to_owned());
                    self.error_with_help(codes::NOT_CONSTANT, name.span, message, help);
                }
            }
        }
        let mut seen = HashSet::new();
        let mut order = Vec::new();
        for pattern in &patterns {
            let all = rows.columns.iter().enumerate();
            let fitting = all.filter(|(_, column)| matches_pattern(pattern, &column.name));
            order.extend(fitting.map(|(at, _)| at).filter(|at| seen.insert(*at)));
        }
        if order.is_empty() && !patterns.is_empty() && !rows.has_open_schema() {
            self.error(codes::UNKNOWN_COLUMN, span, "none of these names is a column's");
        }
        let columns = pick(&rows, order.into_iter());
        select(rows, columns, span)
    }
}

/// Returns the texts of a constant text, or of a constant list of texts.
fn texts(value: &Expr) -> Option<Vec<String>> {
    match &value.kind {
        ExprKind::Literal(Value::String(text)) => Some(vec![text.clone()]),
        ExprKind::Literal(Value::Dynamic(Some(json))) => list(json),
        ExprKind::Call { function: "pack_array", args } => {
            args.iter().map(|item| item.text_constant().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

/// Reads the texts of a JSON array, or a text alone.
fn list(json: &str) -> Option<Vec<String>> {
    match dynamic::kind(json) {
        Kind::Array => dynamic::elements(json).map(text).collect(),
        _ => text(json).map(|text| vec![text]),
    }
}

fn text(json: &str) -> Option<String> {
    (dynamic::kind(json) == Kind::String).then(|| dynamic::unquote(json).into_owned())
}
