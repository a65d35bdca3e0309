//! Functions whose meaning is not a computation on values: the query's time, other rows, the columns
//! that there are.

use std::sync::Arc;

use kql_syntax::{
    Span,
    ast::{Argument, BinaryOp, Call},
};
use kql_types::{KqlType, Value};

use crate::{
    binder::{Binder, Bound, Row, Scope, Wanted, broken_rows, column_expr, literal},
    codes, functions,
    tree::{Expr, ExprKind, Relation, RelationKind},
};

/// The data that may be missing, by the name that `__missing` has for it.
///
/// Each begins with [`MISSING`](crate::catalog::MISSING).
const MISSING_DATA: &[(&str, &str)] = &[
    ("watchlist", "missing: the watchlist"),
    ("file profiles", "missing: what is known of files"),
    ("devices", "missing: the inventory of devices"),
];

impl Binder<'_> {
    /// Binds a call of a function that has a rule of its own; `None` for all others.
    pub(in crate::scalar) fn bind_special(
        &mut self,
        call: &Call,
        scope: Scope<'_>,
        wanted: Wanted,
    ) -> Option<Bound> {
        Some(match (call.name.text.as_str(), call.args.as_slice()) {
            ("toscalar", [of]) => Bound::Scalar(self.bind_to_scalar(of, call.span)),
            ("materialize", [of, ..]) => Bound::Rows(self.bind_materialize(of, call.span)),
            ("table" | "external_table" | "materialized_view", [of, ..]) => {
                Bound::Rows(self.bind_table_call(of, call.span, scope))
            }
            ("stored_query_result", [_, ..]) => {
                let what = "stored_query_result";
                Bound::Rows(crate::binder::opaque(what, Vec::new(), Vec::new(), true, call.span))
            }
            ("now" | "ago", _) => Bound::Scalar(self.bind_time(call, scope)),
            ("column_ifexists" | "columnifexists", [name, default]) => {
                Bound::Scalar(self.bind_column_if_exists(name, default, scope))
            }
            ("iscolumnexists", [name]) => {
                let name = self.bind_column_text(name, scope)?;
                let row = scope.row?;
                let exists = row.get(&name).is_some();
                Bound::Scalar(
                    (exists || !row.is_open())
                        .then(|| literal(Value::Bool(Some(exists)), call.span)),
                )
            }
            ("pack_all", args) if args.len() <= 1 => {
                Bound::Scalar(self.bind_pack_all(args.first(), call.span, scope))
            }
            ("bag_pack_columns", _) => Bound::Scalar(self.bind_pack_columns(call, scope)),
            ("pack_array", [Argument { value, .. }]) if super::super::expand::is_star(value) => {
                Bound::Scalar(self.bind_star("pack_array", KqlType::Dynamic, call.span, scope))
            }
            ("estimate_data_size", [Argument { value, .. }])
                if super::super::expand::is_star(value) =>
            {
                Bound::Scalar(self.bind_star("estimate_data_size", KqlType::Long, call.span, scope))
            }
            ("__missing", [what]) => Bound::Rows(self.bind_missing(what, call.span)),
            ("ingestion_time", []) => {
                let row = scope.row?;
                let known = self.catalog.ingestion_time().iter().find_map(|name| row.get(name))?;
                let is_known = !self.is_unknown(known.id);
                Bound::Scalar(is_known.then(|| self.ingested(column_expr(known, call.span))))
            }
            ("column_names_of", [of]) => {
                Bound::Scalar(self.bind_column_names(&of.value, call.span))
            }
            ("view", []) if wanted == Wanted::Rows => return None,
            _ => return None,
        })
    }

    /// Returns when a row was ingested.
    ///
    /// - `event`: what its column says.
    fn ingested(&mut self, event: Expr) -> Expr {
        self.reads_ingestion_time = true;
        let (span, delay) = (event.span, self.catalog.ingestion_delay());
        if delay == 0 {
            return event;
        }
        let delay = literal(Value::Timespan(Some(delay)), span);
        let (left, right) = (Box::new(event), Box::new(delay));
        let kind = ExprKind::Binary { op: BinaryOp::Add, left, right };
        Expr { kind, ty: KqlType::Datetime, span }
    }

    /// Binds rows that are not there; their columns are not known.
    fn bind_missing(&mut self, what: &Argument, span: Span) -> Relation {
        let what = self.bind_scalar(&what.value, Scope::default());
        let what = what.as_ref().and_then(Expr::text_constant);
        let known = MISSING_DATA.iter().find(|(name, _)| Some(*name) == what);
        let what = known.map_or("missing: data", |(_, message)| message);
        crate::binder::opaque(what, Vec::new(), Vec::new(), true, span)
    }

    /// Binds `toscalar(T)`; a scalar is its own value.
    fn bind_to_scalar(&mut self, of: &Argument, span: Span) -> Option<Expr> {
        let rows = match self.bind_any(&of.value, Scope::default(), Wanted::Scalar) {
            Bound::Rows(rows) => rows,
            Bound::Scalar(scalar) => return scalar,
        };
        let known = rows.columns.first().filter(|first| !self.is_unknown(first.id));
        let Some(ty) = known.map(|first| first.ty) else {
            self.leave_unresolved(&rows);
            return None;
        };
        Some(Expr { kind: ExprKind::ToScalar(Box::new(rows)), ty, span })
    }

    fn bind_materialize(&mut self, of: &Argument, span: Span) -> Relation {
        let rows = self.bind_rows(&of.value);
        if rows.has_open_schema() {
            return rows;
        }
        let id = self.fresh_shared();
        let columns = rows.columns.iter().map(|it| self.renewed(it)).collect();
        Relation { kind: RelationKind::Shared { id, input: Arc::new(rows) }, columns, span }
    }

    /// Binds `table("name")`; a name that is a parameter's is not known yet.
    fn bind_table_call(&mut self, of: &Argument, span: Span, scope: Scope<'_>) -> Relation {
        let Some(name) = self.bind_scalar(&of.value, scope) else {
            return broken_rows(span);
        };
        let Some(text) = name.text_constant() else {
            return crate::binder::opaque("table", Vec::new(), Vec::new(), true, span);
        };
        if let Some(rows) = self.bind_table(text, span) {
            return rows;
        }
        self.unknown_table(text, of.value.span);
        broken_rows(span)
    }

    /// Binds `now()`, `now(offset)` and `ago(offset)`.
    fn bind_time(&mut self, call: &Call, scope: Scope<'_>) -> Option<Expr> {
        let function = functions::scalar(&call.name.text)?;
        let args = self.bind_call_arguments(&call.args, scope);
        self.choose_overload(function, call, &args)?;
        let now = self.now(call.span);
        let Some(offset) = args.into_iter().next() else { return Some(now) };
        let super::super::Arg::Scalar(offset) = offset.arg else { return None };
        let op = if function.name == "ago" { BinaryOp::Subtract } else { BinaryOp::Add };
        let kind = ExprKind::Binary { op, left: Box::new(now), right: Box::new(offset?) };
        Some(Expr { kind, ty: KqlType::Datetime, span: call.span })
    }

    fn bind_column_text(&mut self, name: &Argument, scope: Scope<'_>) -> Option<String> {
        let bound = self.bind_scalar(&name.value, Scope { row: None, ..scope })?;
        if let Some(text) = bound.text_constant() {
            return Some(text.to_owned());
        }
        if !bound.is_parameter() {
            let message = "expected a column's name as a constant string";
            self.error(codes::NOT_CONSTANT, name.value.span, message);
        }
        None
    }

    /// Binds `column_ifexists(name, default)`: the column, or the default if there is none.
    fn bind_column_if_exists(
        &mut self,
        name: &Argument,
        default: &Argument,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let default = self.bind_scalar(&default.value, scope);
        let name_span = name.value.span;
        let name = self.bind_column_text(name, scope)?;
        match scope.row.and_then(|row| row.get(&name)) {
            Some(column) if self.is_unknown(column.id) => None,
            Some(column) => Some(column_expr(column, name_span)),
            None if scope.row.is_some_and(Row::is_open) => None,
            None => default,
        }
    }

    /// Binds `pack_all()`: a bag of all columns; `pack_all(true)` leaves out what is null or empty.
    fn bind_pack_all(
        &mut self,
        ignore_empty: Option<&Argument>,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let ignore_empty = match ignore_empty {
            None => None,
            Some(argument) => Some(self.bind_predicate(&argument.value, scope)?),
        };
        let row = self.row_for_star(span, scope)?;
        let is_plain = matches!(
            ignore_empty.as_ref().map(|it| &it.kind),
            None | Some(ExprKind::Literal(Value::Bool(Some(false))))
        );
        let pairs = row.columns().iter().flat_map(|column| named_pair(column, span));
        let (function, args) = if is_plain {
            ("bag_pack", pairs.collect())
        } else {
            ("pack_all", ignore_empty.into_iter().chain(pairs).collect())
        };
        Some(Expr { kind: ExprKind::Call { function, args }, ty: KqlType::Dynamic, span })
    }

    fn bind_pack_columns(&mut self, call: &Call, scope: Scope<'_>) -> Option<Expr> {
        let mut args = Vec::new();
        for argument in &call.args {
            let name = super::super::result_name(self, &argument.value, scope);
            let value = self.bind_scalar(&argument.value, scope)?;
            if !matches!(value.kind, ExprKind::Column(_)) {
                self.error(codes::NOT_COLUMN, argument.value.span, "expected a column");
                return None;
            }
            args.push(literal(Value::String(name.unwrap_or_default()), argument.value.span));
            args.push(value);
        }
        let kind = ExprKind::Call { function: "bag_pack", args };
        Some(Expr { kind, ty: KqlType::Dynamic, span: call.span })
    }

    /// Binds a function of `*`: of all columns.
    fn bind_star(
        &mut self,
        function: &'static str,
        ty: KqlType,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let row = self.row_for_star(span, scope)?;
        let args = row.columns().iter().map(|it| column_expr(it, span)).collect();
        Some(Expr { kind: ExprKind::Call { function, args }, ty, span })
    }

    fn bind_column_names(&mut self, of: &kql_syntax::ast::Expr, span: Span) -> Option<Expr> {
        let rows = self.bind_rows(of);
        if rows.has_open_schema() {
            self.leave_unresolved(&rows);
            return None;
        }
        let args = rows
            .columns
            .iter()
            .map(|it| literal(Value::String(it.name.to_string()), span))
            .collect();
        let kind = ExprKind::Call { function: "pack_array", args };
        Some(Expr { kind, ty: KqlType::Dynamic, span })
    }

    /// Returns the row whose columns `*` stands for, or nothing if they are not known.
    fn row_for_star<'s>(&mut self, span: Span, scope: Scope<'s>) -> Option<&'s Row<'s>> {
        let Some(row) = scope.row else {
            self.error(codes::STAR_HERE, span, "there are no rows whose columns could be packed");
            return None;
        };
        let is_known = !row.is_open() && !row.columns().iter().any(|it| self.is_unknown(it.id));
        is_known.then_some(row)
    }

    /// Makes a column of the same name and type with an identity of its own.
    pub(crate) fn renewed(&mut self, column: &crate::tree::Column) -> crate::tree::Column {
        if self.is_unknown(column.id) {
            self.unknown_column(Arc::clone(&column.name))
        } else {
            self.fresh_column(Arc::clone(&column.name), column.ty)
        }
    }
}

fn named_pair(column: &crate::tree::Column, span: Span) -> [Expr; 2] {
    [literal(Value::String(column.name.to_string()), span), column_expr(column, span)]
}

impl Expr {
    /// Returns the text of a constant string.
    pub(crate) fn text_constant(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Literal(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Tells whether it stands for a parameter of a function that is being declared.
    pub(crate) fn is_parameter(&self) -> bool {
        match &self.kind {
            ExprKind::Call { function, args } => {
                *function == crate::binder::PARAMETER || args.iter().any(Self::is_parameter)
            }
            ExprKind::Convert(inner) => inner.is_parameter(),
            _ => false,
        }
    }
}
