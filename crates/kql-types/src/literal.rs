//! Values as KQL text: what a reader could paste into a query.

use std::fmt::{self, Display, Write};

use crate::{Value, datetime, real, timespan};

impl Display for Value {
    /// Writes the literal: `42`, `datetime(2020-01-01T00:00:00Z)`, `long(null)`, `"text"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(Some(value)) => write!(f, "{value}"),
            Self::Int(Some(value)) => write!(f, "int({value})"),
            Self::Long(Some(value)) => write!(f, "{value}"),
            Self::Real(Some(value)) => write_real(*value, f),
            Self::Decimal(Some(digits)) => write!(f, "decimal({digits})"),
            Self::String(text) => write_string(text, f),
            Self::Datetime(Some(ticks)) => {
                write!(f, "datetime({})", datetime::format_json(*ticks))
            }
            Self::Timespan(Some(ticks)) => write!(f, "timespan({})", timespan::format(*ticks)),
            Self::Guid(Some(text)) => write!(f, "guid({text})"),
            Self::Dynamic(Some(json)) => write!(f, "dynamic({json})"),
            null => write!(f, "{}(null)", null.ty()),
        }
    }
}

fn write_real(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if value.is_nan() {
        f.write_str("real(nan)")
    } else if value.is_infinite() {
        f.write_str(if value > 0.0 { "real(+inf)" } else { "real(-inf)" })
    } else {
        write!(f, "real({})", real::format(value))
    }
}

/// Writes a string literal with KQL's escapes; control characters as `\u`.
fn write_string(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for char in text.chars() {
        match char {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            _ if char.is_control() => write!(f, "\\u{:04x}", u32::from(char))?,
            _ => f.write_char(char)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KqlType;

    #[test]
    fn prints_literals() {
        for (value, text) in [
            (Value::Bool(Some(true)), "true"),
            (Value::Int(Some(-1)), "int(-1)"),
            (Value::Long(Some(42)), "42"),
            (Value::Real(Some(1.0)), "real(1.0)"),
            (Value::Real(Some(f64::NEG_INFINITY)), "real(-inf)"),
            (Value::Decimal(Some("1.50".into())), "decimal(1.50)"),
            (Value::String("C:\\x\n\u{1b}é".into()), "\"C:\\\\x\\n\\u001bé\""),
            (Value::Datetime(Some(datetime::UNIX_EPOCH)), "datetime(1970-01-01T00:00:00Z)"),
            (Value::Timespan(Some(-timespan::HOUR)), "timespan(-01:00:00)"),
            (Value::Dynamic(Some("[1]".into())), "dynamic([1])"),
            (Value::missing(KqlType::Long), "long(null)"),
            (Value::missing(KqlType::String), "\"\""),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }
}
