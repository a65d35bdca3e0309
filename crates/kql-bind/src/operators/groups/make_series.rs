//! `make-series`: arrays of values in steps of an axis.
//!
//! Rows are grouped by the keys and the step, the groups of a key gathered, and the gaps filled.
//! Without `from` or `to`, the first and the last step of the key are the limits.
//!
//! The older form, `in range (start, stop, step)`, has steps at multiples of `step`, and the one that `stop` lies in
//! belongs to it with all of its rows. What it does with a start that is not such a multiple is not documented: that
//! ends the query.
//!
//! Source: <https://learn.microsoft.com/kusto/query/make-series-operator>; for the rows of the last step, the example
//! with data that the page had before `from` and `to`.

use std::cell::RefCell;

use kql_syntax::{
    Span,
    ast::{self, BinaryOp, MakeSeriesAxis, NamedExpr, Param},
};
use kql_types::{KqlType, Value};

use super::{
    super::{
        parameter,
        parts::{
            build::{aggregate, binary, call, filtered, numbered, text},
            item::{Item, ItemName},
            projection::Projection,
        },
        word,
    },
    summarize::Constants,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, literal, opaque},
    conversion::convert,
    scalar::result_name,
    tree::{Aggregate, Column, Expr, Relation, RelationKind},
};

/// The clauses of the operator.
pub(in crate::operators) struct Clauses<'a> {
    pub(in crate::operators) params: &'a [Param],
    pub(in crate::operators) aggregates: &'a [(NamedExpr, Option<ast::Expr>)],
    pub(in crate::operators) axis: &'a MakeSeriesAxis,
    pub(in crate::operators) by: &'a [NamedExpr],
}

/// The axis once it is bound.
struct Axis {
    on: Expr,
    from: Option<Expr>,
    /// The first place behind the series.
    to: Option<Expr>,
    step: Expr,
    /// The form with a range.
    is_range: bool,
}

/// The operator once it is bound.
struct Bound {
    keys: Vec<(Column, Expr)>,
    aggregates: Vec<Aggregate>,
    /// A value for each step, and what stands where there is none.
    values: Vec<(Expr, Expr)>,
    axis: Axis,
    /// Without rows there is still one series.
    is_never_empty: bool,
    columns: Vec<Column>,
    span: Span,
}

impl Binder<'_> {
    /// Makes series: the keys, an array for each aggregate, and the array of the axis.
    pub(in crate::operators) fn bind_make_series(
        &mut self,
        rows: Relation,
        clauses: &Clauses<'_>,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut series = Projection::new(span);
        let aggregates = clauses.aggregates.iter().map(|(aggregate, _)| aggregate);
        series.reserve(clauses.by.iter().chain(aggregates).chain([&clauses.axis.on]));
        for item in self.bind_items(clauses.by, Scope::key_over(&row)) {
            series.add(self, item);
        }
        let (key_columns, keys) = series.clone().into_parts();
        let key_names = self.key_names(clauses.by, &row, &keys);
        let found = RefCell::new(Vec::new());
        let mut values = Vec::new();
        for (aggregate, default) in clauses.aggregates {
            // What is not there is 0 unless said otherwise.
            let default = match default {
                Some(default) => self.bind_scalar(default, Scope::default()),
                None => Some(literal(Value::Long(Some(0)), span)),
            };
            let items = self.bind_aggregates(
                std::slice::from_ref(aggregate),
                &row,
                &key_names,
                &found,
                Constants::Taken,
            );
            for item in items {
                let default = filling(item.value.as_ref(), default.clone());
                values.push(item.value.clone().zip(default));
                series.add(self, array(item));
            }
        }
        let axis = self.bind_axis(clauses.axis, &row, &mut series, span);
        let columns = series.into_parts().0;
        let values = values.into_iter().collect::<Option<Vec<_>>>();
        let is_open = rows.has_open_schema();
        match (axis, values) {
            (Some(axis), Some(values)) if !is_open => {
                let kind = parameter(clauses.params, "kind").and_then(word);
                let (aggregates, keys) = (found.into_inner(), key_columns.into_iter().zip(keys));
                let (keys, is_never_empty) = (keys.collect(), kind == Some("nonempty"));
                let bound = Bound { keys, aggregates, values, axis, is_never_empty, columns, span };
                self.series(rows, bound)
            }
            _ => {
                let is_open = is_open && keys.is_empty() && clauses.aggregates.is_empty();
                opaque("this form of make-series", vec![rows], columns, is_open, span)
            }
        }
    }

    fn bind_axis(
        &mut self,
        axis: &MakeSeriesAxis,
        row: &Row<'_>,
        series: &mut Projection,
        span: Span,
    ) -> Option<Axis> {
        let on = self.bind_scalar(&axis.on.value, Scope::over(row));
        let mut limit = |limit: &ast::Expr| self.bind_scalar(limit, Scope::default());
        let from = axis.from.as_ref().and_then(&mut limit);
        let to = axis.to.as_ref().and_then(&mut limit);
        let step = limit(&axis.step);
        let is_column = matches!(on, Some(Expr { kind: crate::tree::ExprKind::Column(_), .. }));
        let name_of = if is_column { ItemName::Reference } else { ItemName::Inferred };
        let name = match &axis.on.name {
            ast::Assignment::Name(name) => ItemName::Declared(name.text.clone()),
            _ => {
                result_name(self, &axis.on.value, Scope::over(row)).map_or(ItemName::Fresh, name_of)
            }
        };
        series.add(self, array(Item { name, value: None, span }));
        let (on, step) = (on?, step?);
        let ty = on.ty;
        let step_ty = match ty {
            KqlType::Datetime | KqlType::Timespan => KqlType::Timespan,
            KqlType::Int | KqlType::Long => KqlType::Long,
            _ => return None,
        };
        let on = convert(on, if ty == KqlType::Int { KqlType::Long } else { ty });
        if from.is_some() != axis.from.is_some() || to.is_some() != axis.to.is_some() {
            return None;
        }
        let [from, to] = [from, to].map(|limit| limit.map(|limit| convert(limit, on.ty)));
        let behind = |to: Expr| binary(BinaryOp::Add, to, tick(ty, span), on.ty);
        let to = if axis.is_range { to.map(behind) } else { to };
        Some(Axis { from, to, step: convert(step, step_ty), on, is_range: axis.is_range })
    }

    fn series(&mut self, rows: Relation, bound: Bound) -> Relation {
        let Bound { keys, aggregates, values, axis, is_never_empty, columns, span } = bound;
        let at = self.hidden_column("at", axis.on.ty);
        let stepped = stepped(rows, keys, aggregates, &axis, at.clone(), span);
        let key_columns: Vec<Column> =
            stepped.columns.iter().take_while(|it| it.id != at.id).cloned().collect();
        let point = self.hidden_column("point", KqlType::Dynamic);
        let point_args = std::iter::once(convert(column_expr(&at, span), KqlType::Long))
            .chain(values.iter().map(|(value, _)| value.clone()))
            .collect();
        let mut made = key_columns.clone();
        made.extend([at.clone(), point.clone()]);
        let exprs = key_columns.iter().chain([&at]).map(|it| column_expr(it, span));
        let exprs = exprs.chain([call("pack_array", point_args, KqlType::Dynamic, span)]).collect();
        let kind = RelationKind::Project { input: Box::new(stepped), exprs };
        let points = Relation { kind, columns: made, span };
        let gathered = self.hidden_column("points", KqlType::Dynamic);
        let (mut aggregates, mut outputs) = (Vec::new(), key_columns.clone());
        let list = vec![column_expr(&point, span)];
        // Pairs stay pairs: `make_list` takes arrays apart.
        aggregates.push(aggregate("make_list_with_nulls", list, gathered.clone(), span));
        outputs.push(gathered.clone());
        let limits = [(axis.from.clone(), "min"), (axis.to.clone(), "max")];
        let [from, to] = limits.map(|(given, found)| {
            given.unwrap_or_else(|| {
                let output = self.hidden_column(found, at.ty);
                let args = vec![column_expr(&at, span)];
                aggregates.push(aggregate(found, args, output.clone(), span));
                outputs.push(output.clone());
                column_expr(&output, span)
            })
        });
        // The end is given, or the one behind the last step.
        let to = match axis.to {
            Some(_) => to,
            None => binary(BinaryOp::Add, to, axis.step.clone(), at.ty),
        };
        let has_keys = !key_columns.is_empty();
        let keys = key_columns.iter().map(|it| column_expr(it, span)).collect();
        let kind = RelationKind::Aggregate { input: Box::new(points), keys, aggregates };
        let mut rows = Relation { kind, columns: outputs, span };
        if !has_keys && !is_never_empty {
            let length = vec![column_expr(&gathered, span)];
            let length = call("array_length", length, KqlType::Long, span);
            let none = literal(Value::Long(Some(0)), span);
            rows = filtered(rows, binary(BinaryOp::Greater, length, none, KqlType::Bool), span);
        }
        let axis_values = axis_values(&from, &to, &axis.step, span);
        let series = values.into_iter().zip(1_i64..).map(|((_, default), place)| {
            let limits = [&from, &to, &axis.step].map(|it| convert(it.clone(), KqlType::Long));
            let mut args = vec![column_expr(&gathered, span)];
            args.extend(limits);
            args.extend([literal(Value::Long(Some(place)), span), default]);
            call("series_of_points", args, KqlType::Dynamic, span)
        });
        let keys = key_columns.iter().map(|it| column_expr(it, span));
        let exprs = keys.chain(series).chain([axis_values]).collect();
        Relation { kind: RelationKind::Project { input: Box::new(rows), exprs }, columns, span }
    }
}

/// Groups the rows within the limits by the keys and the step; the step's start is the column `at`.
fn stepped(
    rows: Relation,
    keys: Vec<(Column, Expr)>,
    aggregates: Vec<Aggregate>,
    axis: &Axis,
    at: Column,
    span: Span,
) -> Relation {
    let bin = |value: &Expr| call("bin", vec![value.clone(), axis.step.clone()], at.ty, span);
    let there = call("isnotnull", vec![axis.on.clone()], KqlType::Bool, span);
    let on = || if axis.is_range { bin(&axis.on) } else { axis.on.clone() };
    let from = axis.from.clone().map(|from| (BinaryOp::GreaterOrEqual, from));
    let to = axis.to.clone().map(|to| (BinaryOp::Less, to));
    let within = from.into_iter().chain(to);
    let within = within.map(|(op, limit)| binary(op, on(), limit, KqlType::Bool));
    let on_step =
        axis.from.iter().filter(|_| axis.is_range).map(|from| is_on_step(from, bin(from), span));
    let tests = std::iter::once(there).chain(on_step).chain(within);
    let rows = tests.fold(rows, |rows, test| filtered(rows, test, span));
    let start = match &axis.from {
        Some(from) if !axis.is_range => {
            call("bin_at", vec![on(), axis.step.clone(), from.clone()], at.ty, span)
        }
        _ => bin(&axis.on),
    };
    let outputs = aggregates.iter().flat_map(|it| it.outputs.iter().cloned());
    let (mut columns, mut exprs): (Vec<Column>, Vec<Expr>) = keys.into_iter().unzip();
    columns.push(at);
    exprs.push(start);
    columns.extend(outputs);
    let kind = RelationKind::Aggregate { input: Box::new(rows), keys: exprs, aggregates };
    Relation { kind, columns: numbered(columns), span }
}

/// Returns a test that ends the query where a start is not the step it lies in.
fn is_on_step(from: &Expr, step: Expr, span: Span) -> Expr {
    let is_equal = binary(BinaryOp::Equal, step, from.clone(), KqlType::Bool);
    // Two that are missing are neither equal nor unequal.
    let or_missing = vec![is_equal, literal(Value::Bool(Some(true)), span)];
    let is_on_step = call("coalesce", or_missing, KqlType::Bool, span);
    let message = text(OFF_STEP, span);
    call("assert", vec![is_on_step, message], KqlType::Bool, span)
}

const OFF_STEP: &str = "`make-series … in range` starts between two steps: whether its series have the step before is \
     not documented; start it at a multiple of the step, with `bin` for example, or use `from … to … step`";

/// Returns the least difference of two values of an axis.
fn tick(ty: KqlType, span: Span) -> Expr {
    let tick = match ty {
        KqlType::Datetime | KqlType::Timespan => Value::Timespan(Some(1)),
        _ => Value::Long(Some(1)),
    };
    literal(tick, span)
}

/// Returns the values of the axis, of which the end is none.
fn axis_values(from: &Expr, to: &Expr, step: &Expr, span: Span) -> Expr {
    let last = binary(BinaryOp::Subtract, to.clone(), tick(to.ty, span), to.ty);
    call("range", vec![from.clone(), last, step.clone()], KqlType::Dynamic, span)
}

/// Returns what stands where there is no value: a number as the value's type.
fn filling(value: Option<&Expr>, default: Option<Expr>) -> Option<Expr> {
    let (ty, default) = (value?.ty, default?);
    let is_number = matches!(default.ty, KqlType::Int | KqlType::Long | KqlType::Real);
    let wanted = if is_number && ty.is_numeric() { convert(default, ty) } else { default };
    Some(convert(wanted, KqlType::Dynamic))
}

/// Returns the column of arrays that a value per step becomes.
fn array(item: Item) -> Item {
    let missing = Value::missing(KqlType::Dynamic);
    Item { value: Some(literal(missing, item.span)), ..item }
}
