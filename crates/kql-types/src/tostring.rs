//! A value as text, as `tostring` gives it.

use crate::{Value, datetime, dynamic, real, timespan};

impl Value {
    /// Returns what `tostring` gives; `""` for any null.
    ///
    /// Source: measured, ../shared/kql/semantics.md section 3.
    pub fn to_text(&self) -> String {
        match self {
            Self::Bool(value) => value.map_or("", |b| if b { "True" } else { "False" }).to_owned(),
            Self::Int(value) => value.map(|value| value.to_string()).unwrap_or_default(),
            Self::Long(value) => value.map(|value| value.to_string()).unwrap_or_default(),
            Self::Real(value) => value.map(|v| real::format(v).to_string()).unwrap_or_default(),
            Self::String(text) => text.clone(),
            Self::Decimal(text) | Self::Guid(text) => text.clone().unwrap_or_default(),
            Self::Datetime(ticks) => {
                ticks.map(|ticks| datetime::format(ticks).to_string()).unwrap_or_default()
            }
            Self::Timespan(ticks) => {
                ticks.map(|ticks| timespan::format(ticks).to_string()).unwrap_or_default()
            }
            Self::Dynamic(json) => {
                json.as_deref().map(|json| dynamic::unquote(json).into_owned()).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KqlType;

    #[test]
    fn text_is_that_of_tostring() {
        for (value, text) in [
            (Value::Bool(Some(true)), "True"),
            (Value::Long(Some(-7)), "-7"),
            (Value::Datetime(Some(0)), "0001-01-01T00:00:00.0000000Z"),
            (Value::Timespan(Some(10_000_000)), "00:00:01"),
            (Value::Dynamic(Some(r#""a\"b""#.to_owned())), "a\"b"),
            (Value::Dynamic(Some("[1,2]".to_owned())), "[1,2]"),
        ] {
            assert_eq!(value.to_text(), text, "{value:?}");
        }
    }

    #[test]
    fn a_null_of_any_type_is_the_empty_text() {
        for ty in [KqlType::Bool, KqlType::Long, KqlType::Datetime, KqlType::Dynamic, KqlType::Guid]
        {
            assert_eq!(Value::missing(ty).to_text(), "", "{ty}");
        }
    }
}
