//! The values of a query's parameters: `declare query_parameters(…)` in the query, `Parameters` in the request.
//!
//! A value takes the place of its parameter's default, and only if it is one literal: no value of a client's
//! becomes a part of the query.
//!
//! Source: <https://learn.microsoft.com/kusto/query/query-parameters-statement>.

use engine::Environment;
use kql_syntax::{
    Severity,
    ast::{Expr, ExprKind, Literal, OperatorKind, ParamDecl, ParamType, Query, StatementKind},
};
use kql_types::KqlType;
use serde_json::{Map, Value};

use super::literal;
use crate::query_error::QueryError;

/// Gives a query's parameters their values.
///
/// # Errors
///
/// If a value is not one of its parameter's type, a parameter has none, or the query does not declare it.
pub(super) fn with_parameters(
    query: String,
    values: &Map<String, Value>,
) -> Result<String, QueryError> {
    let (parsed, diagnostics) = kql_syntax::parse(&query);
    if diagnostics.iter().any(|it| it.severity == Severity::Error) {
        // Whoever runs it says what is wrong, with its place.
        return Ok(query);
    }
    let declared: Vec<&ParamDecl> = declared(&parsed).collect();
    if let Some(name) = values.keys().find(|name| !declared.iter().any(|it| it.name.text == **name))
    {
        return Err(wrong(name, "is not declared by the query"));
    }
    let mut text = String::new();
    let mut done = 0;
    for parameter in declared {
        let name = parameter.name.text.as_str();
        match values.get(name) {
            Some(value) => {
                let (from, to) = place(parameter)
                    .ok_or_else(|| wrong(name, "has no place for a value in the query"))?;
                let before = query.get(done..from).unwrap_or_default();
                text.extend([before, " = ", &literal_of(parameter, value)?]);
                done = to;
            }
            None if parameter.default.is_none() => {
                return Err(wrong(name, "has no value, neither in the query nor in the request"));
            }
            None => {}
        }
    }
    text.push_str(query.get(done..).unwrap_or_default());
    Ok(text)
}

fn wrong(name: &str, what: &str) -> QueryError {
    QueryError::Request(format!("the query parameter `{name}` {what}"))
}

fn declared(query: &Query) -> impl Iterator<Item = &ParamDecl> {
    query.statements.iter().flat_map(|statement| match &statement.kind {
        StatementKind::DeclareQueryParameters(parameters) => parameters.as_slice(),
        _ => &[],
    })
}

/// Returns where the default of a parameter stands, from behind its type.
fn place(parameter: &ParamDecl) -> Option<(usize, usize)> {
    let ParamType::Scalar(ty) = &parameter.ty else { return None };
    let offset = |offset: u32| usize::try_from(offset).ok();
    let from = offset(ty.span.end)?;
    let Some(default) = &parameter.default else { return Some((from, from)) };
    Some((from, offset(default.span.end)?))
}

/// Returns a value as a literal of its parameter's type.
///
/// Clients send literals, as the one for Go does, and bare text, whatever the type; the type decides.
fn literal_of(parameter: &ParamDecl, value: &Value) -> Result<String, QueryError> {
    let name = &parameter.name.text;
    let ParamType::Scalar(ty) = &parameter.ty else {
        return Err(wrong(name, "is a table, which a request cannot have"));
    };
    let Ok(kql_type) = ty.text.parse::<KqlType>() else {
        return Err(wrong(name, &format!("is of the type `{}`, which is none", ty.text)));
    };
    let value = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err(wrong(name, "is not a text, a number or a truth value")),
    };
    let bare = match kql_type {
        KqlType::String => Some(literal::text(&value)),
        // `long()` would be a null, which nobody has asked for.
        _ if value.is_empty() => None,
        ty => Some(format!("{}({value})", ty.name())),
    };
    let mut candidates = [Some(value.clone()), bare].into_iter().flatten();
    let found = candidates.find(|it| type_of(it).is_some_and(|found| fits(found, kql_type, it)));
    found.ok_or_else(|| {
        wrong(name, &format!("cannot be `{value}`: it is of the type `{}`", kql_type.name()))
    })
}

/// Tells whether a literal is one of a type; a whole number is one of any type of numbers.
fn fits(found: KqlType, ty: KqlType, literal: &str) -> bool {
    match (found, ty) {
        (KqlType::Long, KqlType::Int) => literal.parse::<i32>().is_ok(),
        (KqlType::Long, KqlType::Real | KqlType::Decimal) => true,
        _ => found == ty,
    }
}

/// Returns the type of a text that is one literal and nothing else.
fn type_of(text: &str) -> Option<KqlType> {
    const BEFORE: &str = "print ";
    let query = format!("{BEFORE}{text}");
    let (parsed, diagnostics) = kql_syntax::parse(&query);
    let [statement] = parsed.statements.as_slice() else { return None };
    let StatementKind::Expr(Expr { kind: ExprKind::Pipeline { source: None, operators }, .. }) =
        &statement.kind
    else {
        return None;
    };
    let [operator] = operators.as_slice() else { return None };
    let OperatorKind::Print(values) = &operator.kind else { return None };
    let [value] = values.as_slice() else { return None };
    let is_all = usize::try_from(value.span.start).ok()? == BEFORE.len()
        && usize::try_from(value.value.span.end).ok()? == query.len()
        && value.value.span.start == value.span.start;
    // What stands in a literal such as `timespan(…)` is looked at when it is bound.
    let is_literal = diagnostics.is_empty() && is_all;
    if !is_literal || !engine::check(&query, &Environment::empty()).is_ok() {
        return None;
    }
    match &value.value.kind {
        // Nobody says what becomes of an `int` that is none.
        ExprKind::Literal(Literal::Int(Some(number))) if i32::try_from(*number).is_err() => None,
        ExprKind::Literal(literal) => Some(literal_type(literal)),
        _ => None,
    }
}

fn literal_type(literal: &Literal) -> KqlType {
    match literal {
        Literal::Bool(_) => KqlType::Bool,
        Literal::Int(_) => KqlType::Int,
        Literal::Long(_) => KqlType::Long,
        Literal::Real(_) => KqlType::Real,
        Literal::Decimal(_) => KqlType::Decimal,
        Literal::Datetime(_) => KqlType::Datetime,
        Literal::Timespan(_) => KqlType::Timespan,
        Literal::Guid(_) => KqlType::Guid,
        Literal::String(_) => KqlType::String,
        Literal::Dynamic(_) => KqlType::Dynamic,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(query: &str, values: Value) -> Result<String, String> {
        let Value::Object(values) = values else { panic!("not an object") };
        with_parameters(query.to_owned(), &values).map_err(|error| error.to_string())
    }

    #[test]
    fn values_take_the_places_of_defaults() {
        let query =
            "declare query_parameters(n:long = 1, s : string, t:string='é');\nT | where a == n";
        assert_eq!(
            with(query, json!({ "n": "7", "s": "'x'" })).unwrap(),
            "declare query_parameters(n:long = 7, s : string = 'x', t:string='é');\nT | where a == n"
        );
        assert_eq!(with("print 1", json!({})).unwrap(), "print 1");
    }

    #[test]
    fn a_value_is_a_literal_or_what_stands_in_one() {
        for (ty, value, literal) in [
            ("long", json!("-5"), "long(-5)"),
            ("long", json!(5), "5"),
            ("int", json!("5"), "5"),
            ("int", json!("int(5)"), "int(5)"),
            ("real", json!("1"), "1"),
            ("real", json!("1.5e3"), "1.5e3"),
            ("decimal", json!("1.5"), "decimal(1.5)"),
            ("bool", json!(true), "true"),
            ("string", json!("\"a b\""), "\"a b\""),
            ("string", json!("OHIO"), "\"OHIO\""),
            ("string", json!("it's; drop"), "\"it's; drop\""),
            ("string", json!("5"), "\"5\""),
            ("string", json!(""), "\"\""),
            ("datetime", json!("datetime(2024-05-01)"), "datetime(2024-05-01)"),
            ("datetime", json!("2024-05-01T10:00:00Z"), "datetime(2024-05-01T10:00:00Z)"),
            ("timespan", json!("1d"), "1d"),
            ("dynamic", json!("dynamic(['a'])"), "dynamic(['a'])"),
            ("dynamic", json!("{\"a\":1}"), "dynamic({\"a\":1})"),
        ] {
            let query = format!("declare query_parameters(p:{ty}); print p");
            let given = with(&query, json!({ "p": value })).unwrap();
            assert_eq!(given, format!("declare query_parameters(p:{ty} = {literal}); print p"));
            let checked = engine::check(&given, &engine::Environment::empty());
            assert!(checked.is_ok(), "{given}: {:?}", checked.diagnostics);
        }
    }

    #[test]
    fn no_value_becomes_a_part_of_the_query() {
        for (ty, value) in [
            ("long", "1); T"),
            ("long", "1 // "),
            ("long", "1, b:long = 2"),
            ("long", "1 + 1"),
            ("long", "n"),
            ("long", "'x'"),
            ("long", ""),
            ("int", "9999999999"),
            ("datetime", "now()"),
            ("datetime", "2024-05-01) or (1"),
            ("timespan", "- 1d or true"),
            ("guid", "x"),
            ("dynamic", "[1]) | take 1 //"),
            ("bool", "1 == 1"),
        ] {
            let query = format!("declare query_parameters(p:{ty}); print p");
            let error = with(&query, json!({ "p": value })).unwrap_err();
            assert!(error.contains("`p` cannot be"), "{ty} {value}: {error}");
        }
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let query = "declare query_parameters(p:long); print p";
        for (query, values, said) in [
            (query, json!({}), "`p` has no value"),
            (query, json!({ "q": "1", "p": "1" }), "`q` is not declared"),
            ("print 1", json!({ "p": "1" }), "`p` is not declared"),
            (query, json!({ "p": [1] }), "`p` is not a text"),
        ] {
            let error = with(query, values).unwrap_err();
            assert!(error.contains(said), "{query}: {error}");
        }
    }
}
