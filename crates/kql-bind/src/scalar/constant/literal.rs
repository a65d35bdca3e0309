//! Literals: the value that a text of a type stands for.

use kql_syntax::{
    Span,
    ast::{BinaryOp, DynamicValue, Literal},
};
use kql_types::{KqlType, Value, datetime, dynamic, guid, timespan};

use crate::{
    binder::{self, Binder},
    codes,
    tree::{Expr, ExprKind},
};

impl Binder<'_> {
    /// Binds a literal; a text that is no value of its type is reported.
    pub(in crate::scalar) fn bind_literal(
        &mut self,
        written: &Literal,
        span: Span,
    ) -> Option<Expr> {
        if let Literal::Datetime(Some(text)) = written
            && let Some(time) = datetime::time_of_day(unquoted(text))
        {
            return Some(today_at(time, self.now(span), span));
        }
        let value = value_of(written);
        if value.is_none() {
            let (ty, text) = described(written);
            self.error(codes::INVALID_LITERAL, span, format!("`{text}` is not a valid {ty}"));
        }
        value.map(|value| binder::literal(value, span))
    }
}

/// Makes the datetime that a literal without a date stands for: that time of the query's day, or the
/// query's own time, `now`, if there is no time either.
///
/// Source: documented.
fn today_at(time: Option<i64>, now: Expr, span: Span) -> Expr {
    let ty = KqlType::Datetime;
    let Some(time) = time else { return now };
    let kind = ExprKind::Call { function: "startofday", args: vec![now] };
    let midnight = Expr { kind, ty, span };
    let time = binder::literal(Value::Timespan(Some(time)), span);
    let (left, right) = (Box::new(midnight), Box::new(time));
    Expr { kind: ExprKind::Binary { op: BinaryOp::Add, left, right }, ty, span }
}

/// Returns the value of a literal, or `None` if its text is no value of its type.
fn value_of(written: &Literal) -> Option<Value> {
    Some(match written {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(None) => Value::Int(None),
        Literal::Int(Some(value)) => Value::Int(Some(i32::try_from(*value).ok()?)),
        Literal::Long(None) => Value::Long(None),
        Literal::Long(Some(text)) => Value::Long(Some(long(text)?)),
        Literal::Real(value) => Value::Real(*value),
        Literal::Decimal(None) => Value::Decimal(None),
        Literal::Decimal(Some(text)) => Value::Decimal(Some(decimal(text)?)),
        Literal::Datetime(None) => Value::Datetime(None),
        Literal::Datetime(Some(text)) => {
            Value::Datetime(Some(datetime::parse_literal(unquoted(text))?))
        }
        Literal::Timespan(None) => Value::Timespan(None),
        Literal::Timespan(Some(text)) => {
            Value::Timespan(Some(timespan::parse_literal(unquoted(text))?))
        }
        Literal::Guid(None) => Value::Guid(None),
        Literal::Guid(Some(text)) => Value::Guid(Some(guid::parse(unquoted(text))?)),
        Literal::String(text) => Value::String(text.clone()),
        Literal::Dynamic(DynamicValue::Null) => Value::Dynamic(None),
        Literal::Dynamic(value) => {
            let mut json = String::new();
            write_json(value, &mut json)?;
            Value::Dynamic((json != "null").then_some(json))
        }
    })
}

/// Returns the text within quotes, which may stand in `datetime("…")` and the like.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text)
}

/// Reads a long, decimal or hexadecimal; 64 bits in hexadecimal may be negative.
fn long(text: &str) -> Option<i64> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => {
            let value = u64::from_str_radix(digits, 16).ok()?.cast_signed();
            if is_negative { value.checked_neg() } else { Some(value) }
        }
        None => text.parse().ok(),
    }
}

/// Checks that the text is a decimal number, and returns it without blanks.
fn decimal(text: &str) -> Option<String> {
    let text = text.trim();
    text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(text.to_owned())
}

/// Appends what stands in `dynamic(…)` as compact JSON.
///
/// Depth is bounded by the parser's limit on brackets.
fn write_json(value: &DynamicValue, out: &mut String) -> Option<()> {
    match value {
        DynamicValue::Null => out.push_str("null"),
        DynamicValue::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(element, out)?;
            }
            out.push(']');
        }
        DynamicValue::Bag(entries) => {
            out.push('{');
            for (at, (key, element)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                dynamic::quote(key, out);
                out.push(':');
                write_json(element, out)?;
            }
            out.push('}');
        }
        DynamicValue::Scalar(scalar) => match value_of(scalar)? {
            // A timespan written in a literal is its number of ticks; measured.
            Value::Timespan(Some(ticks)) => dynamic::encode(&Value::Long(Some(ticks)), out),
            value => dynamic::encode(&value, out),
        },
    }
    Some(())
}

/// Returns the type and text of a literal, for a message.
fn described(written: &Literal) -> (KqlType, String) {
    match written {
        Literal::Int(value) => (KqlType::Int, value.unwrap_or_default().to_string()),
        Literal::Long(text) => (KqlType::Long, text.clone().unwrap_or_default()),
        Literal::Decimal(text) => (KqlType::Decimal, text.clone().unwrap_or_default()),
        Literal::Datetime(text) => (KqlType::Datetime, text.clone().unwrap_or_default()),
        Literal::Timespan(text) => (KqlType::Timespan, text.clone().unwrap_or_default()),
        Literal::Guid(text) => (KqlType::Guid, text.clone().unwrap_or_default()),
        Literal::Bool(_) => (KqlType::Bool, String::new()),
        Literal::Real(_) => (KqlType::Real, String::new()),
        Literal::String(text) => (KqlType::String, text.clone()),
        Literal::Dynamic(_) => (KqlType::Dynamic, "dynamic(…)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_longs() {
        for (text, value) in [
            ("42", Some(42)),
            ("-42", Some(-42)),
            ("0x1F", Some(31)),
            ("0xFFFFFFFFFFFFFFFF", Some(-1)),
            ("99999999999999999999", None),
        ] {
            assert_eq!(long(text), value, "{text}");
        }
    }

    #[test]
    fn writes_dynamic_literals_as_compact_json() {
        let scalar = |literal| DynamicValue::Scalar(Box::new(literal));
        let value = DynamicValue::Bag(vec![
            ("a\"".into(), DynamicValue::Array(vec![scalar(Literal::Long(Some("1".into())))])),
            ("t".into(), scalar(Literal::Timespan(Some("1s".into())))),
            ("n".into(), DynamicValue::Null),
        ]);
        assert_eq!(
            value_of(&Literal::Dynamic(value)),
            Some(Value::Dynamic(Some(r#"{"a\"":[1],"t":10000000,"n":null}"#.into())))
        );
    }
}
