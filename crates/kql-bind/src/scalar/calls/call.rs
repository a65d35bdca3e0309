//! Calls: the query's own functions, then KQL's, then aggregates and saved functions.

use std::rc::Rc;

use kql_syntax::{
    Span,
    ast::{Argument, Call},
};
use kql_types::KqlType;

use super::{
    arguments::{Arg, Placed},
    overload::{Choice, argument_type, choose, result_type},
};
use crate::{
    binder::{Binder, Binding, Bound, Scope, Wanted, broken_rows, did_you_mean},
    codes,
    conversion::convert,
    functions::{self, Form, Function, Param, Returns},
    tree::{Expr, ExprKind, PathStep},
};

/// A call of a function that may yield several columns.
pub(crate) struct Called {
    /// The columns' values; `None` where the type is not known.
    pub(crate) values: Vec<Option<Expr>>,
    /// The names of the columns, if the function names them.
    pub(crate) names: Vec<String>,
}

impl Binder<'_> {
    /// Binds a call.
    pub(in crate::scalar) fn bind_call(
        &mut self,
        call: &Call,
        scope: Scope<'_>,
        wanted: Wanted,
    ) -> Bound {
        let name = call.name.text.as_str();
        if let Some(binding) = self.env.get(name).map(Rc::clone) {
            return self.bind_variable_call(call, &binding, scope);
        }
        if let Some(bound) = self.bind_graph_call(call, scope) {
            return bound;
        }
        if let Some(bound) = self.bind_special(call, scope, wanted) {
            return bound;
        }
        if scope.aggregates.is_some()
            && let Some(aggregate) = functions::aggregate(name)
        {
            return Bound::Scalar(self.bind_aggregate_value(aggregate, call, scope));
        }
        if let Some(function) = functions::scalar(name).or_else(|| functions::of_views(name)) {
            let args = self.bind_call_arguments(&call.args, scope);
            return Bound::Scalar(self.bind_scalar_call(function, call, args));
        }
        if let Some(bound) = self.call_saved(&call.name, &call.args, None, scope, call.span) {
            return bound;
        }
        self.unknown_call(call, scope, wanted)
    }

    /// Binds a call of a known function whose arguments are bound.
    pub(in crate::scalar) fn bind_scalar_call(
        &mut self,
        function: &'static Function,
        call: &Call,
        args: Vec<Placed>,
    ) -> Option<Expr> {
        let choice = self.choose_overload(function, call, &args)?;
        let result = result_type(&choice, &args);
        let args = typed_arguments(&choice, args, result)?;
        if let (true, [from]) = (is_conversion(function), args.as_slice()) {
            self.check_conversion(from, result?, call.span);
        }
        Some(finish(function, args, &choice, result?, call.span))
    }

    /// Binds a call in a place where all of its columns count: `extend series_stats(a)`.
    ///
    /// `None` if the function yields one column only, and is to be bound as any other expression.
    pub(crate) fn bind_columns_call(&mut self, call: &Call, scope: Scope<'_>) -> Option<Called> {
        if self.env.get(&call.name.text).is_some() {
            return None;
        }
        let function = functions::scalar(&call.name.text)?;
        let returns = function.overloads.first()?.returns;
        if !matches!(returns, Returns::Columns(_) | Returns::Sorted) {
            return None;
        }
        let names: Vec<Option<String>> =
            call.args.iter().map(|it| super::super::result_name(self, &it.value, scope)).collect();
        let args = self.bind_call_arguments(&call.args, scope);
        let arrays = args.iter().filter(|it| it.arg.ty() == Some(KqlType::Dynamic)).count();
        let value = self.bind_scalar_call(function, call, args);
        Some(match returns {
            Returns::Columns(columns) => named_columns(function, &names, columns, value.as_ref()),
            _ => sorted_columns(names, arrays, value),
        })
    }

    /// Chooses an overload and reports arguments that do not fit it.
    pub(crate) fn choose_overload(
        &mut self,
        function: &'static Function,
        call: &Call,
        args: &[Placed],
    ) -> Option<Choice> {
        let Some(choice) = choose(function, args) else {
            let message = format!("`{}` takes {}", function.name, arity(function));
            let help = signature_help(function);
            self.error_with_help(codes::ARGUMENT_COUNT, call.span, message, help);
            return None;
        };
        for at in &choice.misfits {
            if let (Some(placed), Some(param)) = (args.get(*at), choice.params.get(*at)) {
                self.misfit(function, placed, param);
            }
        }
        for (placed, param) in args.iter().zip(&choice.params) {
            self.check_form(function, placed, param);
            self.check_reading(function, placed, param);
        }
        self.check_readings_together(function, args);
        choice.misfits.is_empty().then_some(choice)
    }

    fn misfit(&mut self, function: &Function, placed: &Placed, param: &Param) {
        let found = match &placed.arg {
            Arg::Scalar(Some(expr)) => format!("a {}", expr.ty),
            Arg::Scalar(None) => return,
            Arg::Rows => "a table".into(),
            Arg::Type(_) => "a type".into(),
            Arg::Star => "`*`".into(),
        };
        let expected = match param.ty {
            functions::ParamType::Of(ty) => format!("a {ty}"),
            ty => ty.describe().to_owned(),
        };
        let message =
            format!("`{}` needs {expected} as `{}`, found {found}", function.name, param.name);
        let help = conversion_help(&placed.arg, param.ty);
        self.error_with_help(codes::ARGUMENT_TYPE, placed.span, message, help);
    }

    fn check_form(&mut self, function: &Function, placed: &Placed, param: &Param) {
        let Arg::Scalar(Some(expr)) = &placed.arg else { return };
        if let (Form::OneOf(texts), Some(text)) = (param.form, expr.text_constant()) {
            self.check_text(function, texts, text, placed.span);
            return;
        }
        let message = match param.form {
            Form::Constant | Form::OneOf(_) if !expr.is_constant() => {
                format!("`{}` needs a constant as `{}`", function.name, param.name)
            }
            _ => return,
        };
        self.error(codes::NOT_CONSTANT, placed.span, message);
    }

    /// Reports a text that is none of those an argument can be; case does not count.
    fn check_text(&mut self, function: &Function, texts: &[&str], text: &str, span: Span) {
        if texts.iter().any(|it| it.eq_ignore_ascii_case(text)) {
            return;
        }
        let message = format!("`{}` does not take `{text}`", function.name);
        let help = did_you_mean(text, texts.iter().copied())
            .or_else(|| Some(format!("one of: {}", texts.join(", "))));
        self.error_with_help(codes::UNKNOWN_ARGUMENT_VALUE, span, message, help);
    }

    fn bind_variable_call(&mut self, call: &Call, binding: &Binding, scope: Scope<'_>) -> Bound {
        let name = &call.name.text;
        match binding {
            Binding::Function(function) => {
                self.call_function(name, function, &call.args, None, scope, call.span)
            }
            Binding::Rows { rows, deferred, .. } if call.args.is_empty() => {
                self.report_deferred(*deferred);
                Bound::Rows(self.instantiate(rows, call.span))
            }
            Binding::Scalar(None) => Bound::Scalar(None),
            Binding::Pattern { .. } => {
                self.bind_pattern_call(call, None).unwrap_or(Bound::Scalar(None))
            }
            Binding::Rows { .. } | Binding::Scalar(Some(_)) => {
                if let Some(function) = functions::scalar(name) {
                    let args = self.bind_call_arguments(&call.args, scope);
                    return Bound::Scalar(self.bind_scalar_call(function, call, args));
                }
                let message = format!("`{name}` is not a function");
                self.error(codes::UNKNOWN_FUNCTION, call.name.span, message);
                Bound::Scalar(None)
            }
        }
    }

    fn unknown_call(&mut self, call: &Call, scope: Scope<'_>, wanted: Wanted) -> Bound {
        let name = call.name.text.as_str();
        if functions::aggregate(name).is_some() {
            let message = format!("the aggregate `{name}` cannot be used here");
            let help = Some("aggregates stand in `summarize`".to_owned());
            self.error_with_help(codes::AGGREGATE_HERE, call.name.span, message, help);
        } else {
            let variables = Rc::clone(&self.env);
            let known = functions::scalars().map(|it| it.name).chain(variables.names());
            let help = did_you_mean(name, known);
            let message = format!("unknown function `{name}`");
            self.error_with_help(codes::UNKNOWN_FUNCTION, call.name.span, message, help);
        }
        self.bind_lost_arguments(&call.args, scope);
        match wanted {
            Wanted::Rows => Bound::Rows(broken_rows(call.span)),
            Wanted::Scalar => Bound::Scalar(None),
        }
    }

    /// Binds arguments for the errors in them alone.
    fn bind_lost_arguments(&mut self, args: &[Argument], scope: Scope<'_>) {
        self.bind_call_arguments(args, scope);
    }
}

/// Converts the arguments to what the overload takes; types and `*` are left out.
pub(crate) fn typed_arguments(
    choice: &Choice,
    args: Vec<Placed>,
    result: Option<KqlType>,
) -> Option<Vec<Expr>> {
    args.into_iter()
        .zip(&choice.params)
        .filter_map(|(placed, param)| match placed.arg {
            Arg::Scalar(expr) => {
                Some(expr.map(|expr| match argument_type(choice, param, result) {
                    Some(ty) => convert(expr, ty),
                    None => expr,
                }))
            }
            Arg::Rows | Arg::Type(_) | Arg::Star => None,
        })
        .collect()
}

/// Makes the call's value: a conversion, a negation, or the call itself.
fn finish(
    function: &'static Function,
    mut args: Vec<Expr>,
    choice: &Choice,
    ty: KqlType,
    span: Span,
) -> Expr {
    match (function.canonical, args.len()) {
        (_, 1) if is_conversion(function) => {
            args.pop().map_or_else(|| lost(span), |it| moved(it, ty, span))
        }
        // Measured; the language service says long.
        ("datetime_diff", _) if counts_weeks(&args) => {
            let kind = ExprKind::Call { function: function.canonical, args };
            moved(Expr { kind, ty, span }, KqlType::Real, span)
        }
        ("not", 1) => {
            // A number is true unless it is 0 (measured).
            let operand = convert(args.pop().unwrap_or_else(|| lost(span)), KqlType::Bool);
            Expr { kind: ExprKind::Not(Box::new(operand)), ty, span }
        }
        _ => {
            let kind = ExprKind::Call { function: function.canonical, args };
            match choice.overload.returns {
                // The typed forms of `extract` and the like convert what the untyped ones give.
                Returns::NamedType(_) => {
                    let text = Expr { kind, ty: KqlType::String, span };
                    moved(text, ty, span)
                }
                _ => Expr { kind, ty, span },
            }
        }
    }
}

/// Tells whether a function is one of those that convert.
fn is_conversion(function: &Function) -> bool {
    matches!(
        function.canonical,
        "tostring"
            | "toint"
            | "tolong"
            | "toreal"
            | "todecimal"
            | "tobool"
            | "todatetime"
            | "totimespan"
            | "toguid"
    )
}

/// Tells whether the unit of a difference is the week.
fn counts_weeks(args: &[Expr]) -> bool {
    args.first().and_then(Expr::text_constant).is_some_and(|it| it.eq_ignore_ascii_case("week"))
}

fn moved(expr: Expr, ty: KqlType, span: Span) -> Expr {
    Expr { span, ..convert(expr, ty) }
}

/// Stands for an argument that is known to be there.
fn lost(span: Span) -> Expr {
    crate::binder::literal(kql_types::Value::Dynamic(None), span)
}

fn named_columns(
    function: &Function,
    names: &[Option<String>],
    columns: &[(&str, KqlType)],
    value: Option<&Expr>,
) -> Called {
    let first = names.first().and_then(Option::as_deref).unwrap_or_default();
    let values = columns
        .iter()
        .map(|(suffix, ty)| {
            let value = value?.clone();
            let span = value.span;
            let steps = vec![PathStep::Key((*suffix).to_owned())];
            let kind = ExprKind::Path { base: Box::new(value), steps };
            Some(convert(Expr { kind, ty: KqlType::Dynamic, span }, *ty))
        })
        .collect();
    let names =
        columns.iter().map(|(suffix, _)| format!("{}_{first}_{suffix}", function.name)).collect();
    Called { values, names }
}

/// An array without a name is `array0`, `array1`, … by its place. Source: the examples of
/// <https://learn.microsoft.com/kusto/query/array-sort-asc-function>.
fn sorted_columns(names: Vec<Option<String>>, arrays: usize, value: Option<Expr>) -> Called {
    let arrays = arrays.max(1);
    let names = names.into_iter().take(arrays).enumerate();
    let names =
        names.map(|(at, name)| format!("{}_sorted", name.unwrap_or_else(|| format!("array{at}"))));
    let names = names.collect();
    if arrays == 1 {
        return Called { values: vec![value], names };
    }
    let values = (0..arrays)
        .map(|at| {
            let value = value.clone()?;
            let span = value.span;
            let steps = vec![PathStep::Index(i64::try_from(at).ok()?)];
            let kind = ExprKind::Path { base: Box::new(value), steps };
            Some(Expr { kind, ty: KqlType::Dynamic, span })
        })
        .collect();
    Called { values, names }
}

fn conversion_help(arg: &Arg, wanted: functions::ParamType) -> Option<String> {
    match (arg.ty()?, wanted) {
        (KqlType::Dynamic, functions::ParamType::Of(ty)) => {
            Some(format!("`to{ty}(…)` reads the dynamic as a {ty}"))
        }
        (KqlType::String, functions::ParamType::Array | functions::ParamType::Bag) => {
            Some("`parse_json(…)` makes a dynamic of a string".into())
        }
        (_, functions::ParamType::Of(KqlType::String)) => {
            Some("`tostring(…)` makes a string of it".into())
        }
        (
            KqlType::Int | KqlType::Long | KqlType::Real,
            functions::ParamType::Of(KqlType::Timespan),
        ) => Some("lengths of time have a unit: `7d`, `1h`, `30m`".into()),
        (KqlType::String, functions::ParamType::Of(ty)) => {
            Some(format!("`to{ty}(…)` reads the string as a {ty}"))
        }
        _ => None,
    }
}

/// Returns how a function is called, as text; `None` if it takes nothing.
fn signature_help(function: &Function) -> Option<String> {
    let params = function.overloads.first()?.params;
    let params: Vec<String> = params
        .iter()
        .map(|param| match (param.least, param.most) {
            (0, 1) => format!("[{}]", param.name),
            (_, 1) => param.name.to_owned(),
            _ => format!("{}, …", param.name),
        })
        .collect();
    let is_known = !params.is_empty();
    is_known.then(|| format!("it is called `{}({})`", function.name, params.join(", ")))
}

/// Returns how many arguments a function takes, as text.
fn arity(function: &Function) -> String {
    let least = |params: &[Param]| params.iter().map(|it| it.least).sum::<usize>();
    let most =
        |params: &[Param]| params.iter().fold(0_usize, |sum, param| sum.saturating_add(param.most));
    let least = function.overloads.iter().map(|it| least(it.params)).min().unwrap_or_default();
    let most = function.overloads.iter().map(|it| most(it.params)).max().unwrap_or_default();
    match (least, most) {
        (least, usize::MAX) => format!("at least {least} arguments"),
        (1, 1) => "1 argument".into(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    }
}
