//! Example calls, made of a function's signature, and whether they run.

use engine::Environment;
use kql_bind::functions::{Form, Function, Overload, Param, ParamType};
use kql_syntax::{Diagnostic, Severity};
use kql_types::KqlType;

/// The types of KQL, each with a column's name that no function has.
const COLUMNS: [(&str, KqlType); 10] = [
    ("bool_", KqlType::Bool),
    ("int_", KqlType::Int),
    ("long_", KqlType::Long),
    ("real_", KqlType::Real),
    ("decimal_", KqlType::Decimal),
    ("string_", KqlType::String),
    ("datetime_", KqlType::Datetime),
    ("timespan_", KqlType::Timespan),
    ("guid_", KqlType::Guid),
    ("dynamic_", KqlType::Dynamic),
];

/// What is known of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    Yes,
    /// With arguments of some types only.
    Partly,
    No,
}

impl Runs {
    /// Returns what stands in a table.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "some types",
            Self::No => "",
        }
    }

    pub(super) const fn is_running(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// Tells whether a query gets a plan; `None` if it is not valid as it stands.
pub(super) fn runs(query: &str) -> Option<bool> {
    // Views are for tables, which no example reads.
    match engine::compile(query, &Environment::empty(), false) {
        Ok(_) => Some(true),
        Err(found) if found.iter().filter(|it| is_error(it)).all(is_refusal) => Some(false),
        Err(_) => None,
    }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

fn is_refusal(diagnostic: &Diagnostic) -> bool {
    (900..999).contains(&diagnostic.code.0)
}

/// Tells whether calls of a function run, one for each way to call it.
///
/// - `before`: the operator that calls it, `project r =` for example.
/// - `example`: a call with arguments that no type tells, the names of units for example.
pub(super) fn function_runs(function: &Function, before: &str, example: Option<&str>) -> Runs {
    let overloads = function.overloads.iter();
    let outcomes: Vec<bool> = overloads
        .flat_map(|overload| calls(function.name, overload))
        .filter_map(|call| runs(&format!("{}T | {before} {call}", rows(&call))))
        .collect();
    match (outcomes.contains(&true), outcomes.contains(&false)) {
        (true, false) => Runs::Yes,
        (true, true) => Runs::Partly,
        (false, _) if example.is_some_and(|it| runs(&format!("print {it}")) == Some(true)) => {
            Runs::Yes
        }
        (false, _) => Runs::No,
    }
}

/// Returns a table of the columns that a call names: a type that does not run yet would keep every
/// call from running.
fn rows(call: &str) -> String {
    let used = COLUMNS.iter().filter(|(name, _)| call.contains(name));
    let mut columns: Vec<String> = used.map(|(name, ty)| format!("{name}: {ty}")).collect();
    if columns.is_empty() {
        columns.push("long_: long".to_owned());
    }
    format!("let T = datatable ({}) [];\n", columns.join(", "))
}

/// Returns calls of an overload: of each type that its parameters take.
fn calls(name: &str, overload: &Overload) -> Vec<String> {
    let most = overload.params.iter().map(|param| types(param.ty).len()).max().unwrap_or(1);
    (0..most.max(1))
        .map(|at| {
            let args: Vec<String> = overload
                .params
                .iter()
                .filter(|param| param.least > 0)
                .flat_map(|param| std::iter::repeat_n(argument(param, at), param.least))
                .collect();
            format!("{name}({})", args.join(", "))
        })
        .collect()
}

/// Returns an argument for a parameter, of one of the types that it takes.
fn argument(param: &Param, at: usize) -> String {
    let types = types(param.ty);
    let ty = at.checked_rem(types.len()).and_then(|at| types.get(at)).copied();
    match (param.form, param.ty) {
        (Form::OneOf(texts), _) => format!("'{}'", texts.first().copied().unwrap_or_default()),
        (Form::StarOnly, _) => "*".to_owned(),
        (Form::Aggregate, _) => "count()".to_owned(),
        (_, ParamType::Table) => "T".to_owned(),
        (_, ParamType::TypeName) => "typeof(string)".to_owned(),
        (Form::Constant, _) => constant(ty.unwrap_or(KqlType::Long)).to_owned(),
        _ => format!("{}_", ty.unwrap_or(KqlType::String)),
    }
}

const fn constant(ty: KqlType) -> &'static str {
    match ty {
        KqlType::Bool => "true",
        KqlType::Int => "int(1)",
        KqlType::Long => "1",
        KqlType::Real => "1.5",
        KqlType::Decimal => "decimal(1)",
        KqlType::String => "'a'",
        KqlType::Datetime => "datetime(2024-01-01)",
        KqlType::Timespan => "1d",
        KqlType::Guid => "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
        KqlType::Dynamic => "dynamic([1])",
    }
}

/// Returns types that a parameter takes, the usual ones first.
fn types(ty: ParamType) -> &'static [KqlType] {
    use KqlType::{Bool, Datetime, Dynamic, Int, Long, Real, String, Timespan};

    const EACH: &[&[KqlType]] = &[
        &[KqlType::Bool],
        &[KqlType::Int],
        &[KqlType::Long],
        &[KqlType::Real],
        &[KqlType::Decimal],
        &[KqlType::String],
        &[KqlType::Datetime],
        &[KqlType::Timespan],
        &[KqlType::Guid],
        &[KqlType::Dynamic],
    ];
    match ty {
        ParamType::Of(wanted) => {
            let one = EACH.iter().find(|types| types.first() == Some(&wanted));
            one.copied().unwrap_or_default()
        }
        ParamType::Number
        | ParamType::NumberAsReal
        | ParamType::NumberOrBool
        | ParamType::NumberOrBoolAsReal => &[Long, Int, Real],
        ParamType::Integer | ParamType::IntOrLong | ParamType::IntegerOrBool => &[Long, Int],
        ParamType::IntegerOrArray => &[Long, Int, Dynamic],
        ParamType::RealOrDecimal => &[Real],
        ParamType::Array | ParamType::Bag => &[Dynamic],
        ParamType::Summable => &[Long, Int, Real, Timespan, Datetime],
        ParamType::Orderable | ParamType::CommonOrderable => {
            &[Long, Int, Real, Datetime, Timespan, String]
        }
        ParamType::Text | ParamType::StringOrDynamic | ParamType::StringOrArray => {
            &[String, Dynamic]
        }
        ParamType::DynamicText => &[String, Dynamic],
        ParamType::NotRealOrBool => &[String, Long, Datetime],
        ParamType::NotDynamic | ParamType::NotBool => &[String, Long, Real, Datetime],
        ParamType::Scalar
        | ParamType::Common
        | ParamType::OneType
        | ParamType::OneTypeOrDynamic
        | ParamType::Any => &[String, Long, Int, Real, Bool, Datetime, Timespan, Dynamic],
        ParamType::Table | ParamType::TypeName => &[],
    }
}
