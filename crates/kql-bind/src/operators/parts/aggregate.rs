//! Calls of aggregates: arguments, filter, and the columns that come out.

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{self, Assignment, Call, NamedExpr},
};
use kql_types::{KqlType, Value};

use super::item::unparenthesised;
use crate::{
    binder::{Binder, Scope, column_expr, literal},
    codes,
    conversion::{at_least_long, convert},
    functions::{self, Function, Returns},
    scalar::{
        Arg, Called, Choice, Placed, name_by, percentile_name, percentile_text, result_name,
        result_type, typed_arguments,
    },
    tree::{Aggregate, Column, Expr, ExprKind},
};

/// How many values `makeset` and `makelist` keep unless told otherwise.
///
/// Source: <https://learn.microsoft.com/kusto/query/make-set-aggregation-function>
const LEGACY_SIZE: i64 = 128;

impl Binder<'_> {
    /// Binds an aggregate within an expression, where it stands for its first column.
    pub(crate) fn bind_aggregate_value(
        &mut self,
        function: &'static Function,
        call: &Call,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let called = self.bind_aggregate(function, call, scope, &HashSet::new());
        called.values.into_iter().next().flatten()
    }

    /// Binds an element of a list of aggregates that is an aggregate's call; `None` if it is not.
    ///
    /// `keys` are the columns grouped by, which `*` does not stand for.
    pub(in crate::operators) fn bind_aggregate_item(
        &mut self,
        item: &NamedExpr,
        scope: Scope<'_>,
        keys: &HashSet<String>,
    ) -> Option<Called> {
        let ast::ExprKind::Call(call) = &unparenthesised(&item.value).kind else { return None };
        if self.env.get(&call.name.text).is_some() {
            return None;
        }
        let function = functions::aggregate(&call.name.text)?;
        Some(self.bind_aggregate(function, call, scope, keys))
    }

    fn bind_aggregate(
        &mut self,
        function: &'static Function,
        call: &Call,
        scope: Scope<'_>,
        keys: &HashSet<String>,
    ) -> Called {
        let within = Scope { aggregates: None, ..scope };
        let args = self.bind_call_arguments(&call.args, within);
        let names = self.argument_names(call, scope);
        let Some(choice) = self.choose_overload(function, call, &args) else {
            let name = aggregate_name(function, &names);
            return Called { values: vec![None], names: vec![name] };
        };
        match choice.overload.returns {
            Returns::Arguments => self.bind_arguments_of(function, call, args, names, scope, keys),
            Returns::Percentiles => {
                self.bind_percentiles(function, call, &choice, args, &names, scope)
            }
            _ => {
                let name = aggregate_name(function, &names);
                let value = self.bind_single(function, call, &choice, args, scope);
                Called { values: vec![value], names: vec![name] }
            }
        }
    }

    fn argument_names(&mut self, call: &Call, scope: Scope<'_>) -> Vec<Option<String>> {
        call.args
            .iter()
            .map(|argument| match &argument.name {
                Some(name) => Some(name.text.clone()),
                None => result_name(self, &argument.value, scope),
            })
            .collect()
    }

    /// Binds an aggregate of one column.
    fn bind_single(
        &mut self,
        function: &'static Function,
        call: &Call,
        choice: &Choice,
        args: Vec<Placed>,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let ty = result_type(choice, &args);
        let predicate = choice.params.iter().position(|param| param.name == "predicate");
        let mut bound = typed_arguments(choice, args, ty)?;
        let ty = ty?;
        let filter = predicate.filter(|at| *at < bound.len()).map(|at| bound.remove(at));
        if matches!(function.name, "makeset" | "makelist") && bound.len() == 1 {
            bound.push(literal(Value::Long(Some(LEGACY_SIZE)), call.span));
        }
        match function.canonical {
            // `count(x)` counts rows as `count()` does, nulls included; measured.
            "count" => bound.clear(),
            "sum" | "sumif" => bound = bound.into_iter().map(|it| convert(it, ty)).collect(),
            _ => {}
        }
        let name =
            if filter.is_some() { without_if(function.canonical) } else { function.canonical };
        let output = self.fresh_column(name, ty);
        Some(push(scope, name, bound, filter, vec![output], call.span)?.swap_remove(0))
    }

    /// Binds one aggregate for each percentile.
    fn bind_percentiles(
        &mut self,
        function: &'static Function,
        call: &Call,
        choice: &Choice,
        args: Vec<Placed>,
        names: &[Option<String>],
        scope: Scope<'_>,
    ) -> Called {
        let is_weighted = function.name.contains('w');
        let canonical = if is_weighted { "percentilew" } else { "percentile" };
        let of = names.first().cloned().flatten().unwrap_or_default();
        let ty = result_type(choice, &args).map(at_least_long);
        let count = args.len();
        let leading = if is_weighted { 2 } else { 1 };
        let bound = typed_arguments(choice, args, ty);
        let mut called = Called { values: Vec::new(), names: Vec::new() };
        for at in leading..count {
            let percentile = bound.as_ref().and_then(|args| args.get(at)).cloned();
            let text = percentile.as_ref().map(percentile_text).unwrap_or_default();
            called.names.push(percentile_name(&of, &text));
            let value =
                bound.as_ref().zip(percentile).zip(ty).and_then(|((args, percentile), ty)| {
                    let args: Vec<Expr> = args
                        .iter()
                        .take(leading)
                        .cloned()
                        .chain([convert(percentile, KqlType::Real)])
                        .collect();
                    let output = self.fresh_column(canonical, ty);
                    push(scope, canonical, args, None, vec![output], call.span)?.pop()
                });
            called.values.push(value);
        }
        called
    }

    /// Binds `arg_max`, `arg_min` and `take_any`: a column for each argument, `*` for all that are
    /// neither keys nor listed.
    fn bind_arguments_of(
        &mut self,
        function: &'static Function,
        call: &Call,
        args: Vec<Placed>,
        names: Vec<Option<String>>,
        scope: Scope<'_>,
        keys: &HashSet<String>,
    ) -> Called {
        let primary = names.first().cloned().flatten();
        let mut listed: HashSet<String> = keys.clone();
        let mut values: Vec<(Option<Expr>, String)> = Vec::new();
        for (at, (placed, name)) in args.into_iter().zip(names).enumerate() {
            match placed.arg {
                Arg::Star => {
                    let row = scope.row.map_or(&[][..], crate::binder::Row::columns);
                    for column in row {
                        let name = column.name.to_string();
                        if listed.insert(name.clone()) {
                            values.push((self.known(column, placed.span), name));
                        }
                    }
                }
                Arg::Scalar(expr) => {
                    let name = name.filter(|name| !name.is_empty());
                    if let (Some(Expr { kind: ExprKind::Column(_), .. }), Some(name)) =
                        (&expr, &name)
                    {
                        listed.insert(name.clone());
                    }
                    let name = name.unwrap_or_else(|| unnamed(function, at, primary.as_deref()));
                    values.push((expr, name));
                }
                Arg::Rows | Arg::Type(_) => {}
            }
        }
        let names = values.iter().enumerate().map(|(at, (_, name))| {
            prefixed(function, at, name, values.first().map_or("", |it| &it.1))
        });
        let names = names.collect();
        let values = self.push_arguments(function, call, values, scope);
        Called { values, names }
    }

    fn push_arguments(
        &mut self,
        function: &'static Function,
        call: &Call,
        values: Vec<(Option<Expr>, String)>,
        scope: Scope<'_>,
    ) -> Vec<Option<Expr>> {
        let known: Vec<Expr> = values.iter().filter_map(|(value, _)| value.clone()).collect();
        let outputs: Vec<Column> =
            known.iter().map(|value| self.fresh_column(function.canonical, value.ty)).collect();
        let pushed = push(scope, function.canonical, known, None, outputs, call.span);
        let mut pushed = pushed.unwrap_or_default().into_iter();
        values.into_iter().map(|(value, _)| value.and_then(|_| pushed.next())).collect()
    }

    fn known(&self, column: &Column, span: Span) -> Option<Expr> {
        (!self.is_unknown(column.id)).then(|| column_expr(column, span))
    }

    /// Reports what stands where an aggregate has to.
    pub(in crate::operators) fn not_aggregated(&mut self, span: Span, found: &str) {
        let message = format!("expected an aggregate, found {found}");
        let help = Some("`take_any(…)` takes one of its values; keys stand after `by`".to_owned());
        self.error_with_help(codes::NOT_AGGREGATED, span, message, help);
    }
}

/// Registers an aggregate and returns its columns as values.
fn push(
    scope: Scope<'_>,
    function: &'static str,
    args: Vec<Expr>,
    filter: Option<Expr>,
    outputs: Vec<Column>,
    span: Span,
) -> Option<Vec<Expr>> {
    let values = outputs.iter().map(|column| column_expr(column, span)).collect();
    let aggregate = Aggregate { function, args, filter, outputs, span };
    scope.aggregates?.borrow_mut().push(aggregate);
    Some(values)
}

/// Returns the name of an aggregate's column, empty if the operator has to make one.
fn aggregate_name(function: &Function, names: &[Option<String>]) -> String {
    let name = |at: usize| names.get(at).cloned().flatten();
    name_by(function.naming, names.len(), name).unwrap_or_default()
}

/// Returns the name of an argument's column if the argument has none.
fn unnamed(function: &Function, at: usize, primary: Option<&str>) -> String {
    let prefix = match function.canonical {
        "arg_max" => "max",
        "arg_min" => "min",
        _ => return format!("arg{at}"),
    };
    match at {
        0 => format!("{prefix}_"),
        _ => format!("{prefix}_{}_arg{at}", primary.unwrap_or_default()),
    }
}

/// Returns the name of a column as the older functions have it: `argmax(x, y)` gives `max_x` and
/// `max_x_y`, `any(x, y)` gives `any_x` and `any_y`.
fn prefixed(function: &Function, at: usize, name: &str, first: &str) -> String {
    match function.name {
        "argmax" | "argmin" => {
            let prefix = if function.name == "argmax" { "max" } else { "min" };
            if at == 0 { format!("{prefix}_{name}") } else { format!("{prefix}_{first}_{name}") }
        }
        "any" => format!("any_{name}"),
        _ => name.to_owned(),
    }
}

/// Returns the aggregate that a conditional one applies to the rows it keeps.
fn without_if(name: &'static str) -> &'static str {
    match name {
        "countif" => "count",
        "sumif" => "sum",
        "avgif" => "avg",
        "minif" => "min",
        "maxif" => "max",
        "dcountif" => "dcount",
        "hll_if" => "hll",
        "make_list_if" => "make_list",
        "make_set_if" => "make_set",
        "make_bag_if" => "make_bag",
        "stdevif" => "stdev",
        "varianceif" => "variance",
        "variancepif" => "variancep",
        "covarianceif" => "covariance",
        "covariancepif" => "covariancep",
        "take_anyif" => "take_any",
        "count_distinctif" => "count_distinct",
        name => name,
    }
}

/// Tells whether an element of a list names its columns itself.
pub(in crate::operators) fn has_name(item: &NamedExpr) -> bool {
    !matches!(item.name, Assignment::None)
}
