//! One scalar value of a known type.

use crate::{KqlType, datetime, dynamic, real, timespan};

/// 100 ns ticks: a datetime counts them from 0001-01-01T00:00:00 UTC, a timespan is their number.
pub type Ticks = i64;

/// A scalar value; `None` is the type's null.
///
/// A string has no null, so it carries no option.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A `bool`
    Bool(Option<bool>),
    /// An `int`
    Int(Option<i32>),
    /// A `long`
    Long(Option<i64>),
    /// A `real`
    Real(Option<f64>),
    /// A `decimal`, in the digits it was written with
    Decimal(Option<String>),
    /// A `string`
    String(String),
    /// A `datetime`
    Datetime(Option<Ticks>),
    /// A `timespan`
    Timespan(Option<Ticks>),
    /// A `guid`, lower-case `8-4-4-4-12`
    Guid(Option<String>),
    /// A `dynamic`, as compact JSON text
    Dynamic(Option<String>),
}

impl Value {
    /// Returns the value's type.
    pub const fn ty(&self) -> KqlType {
        match self {
            Self::Bool(_) => KqlType::Bool,
            Self::Int(_) => KqlType::Int,
            Self::Long(_) => KqlType::Long,
            Self::Real(_) => KqlType::Real,
            Self::Decimal(_) => KqlType::Decimal,
            Self::String(_) => KqlType::String,
            Self::Datetime(_) => KqlType::Datetime,
            Self::Timespan(_) => KqlType::Timespan,
            Self::Guid(_) => KqlType::Guid,
            Self::Dynamic(_) => KqlType::Dynamic,
        }
    }

    /// Returns what a missing value of `ty` is: null, or `""` for a string.
    pub const fn missing(ty: KqlType) -> Self {
        match ty {
            KqlType::Bool => Self::Bool(None),
            KqlType::Int => Self::Int(None),
            KqlType::Long => Self::Long(None),
            KqlType::Real => Self::Real(None),
            KqlType::Decimal => Self::Decimal(None),
            KqlType::String => Self::String(String::new()),
            KqlType::Datetime => Self::Datetime(None),
            KqlType::Timespan => Self::Timespan(None),
            KqlType::Guid => Self::Guid(None),
            KqlType::Dynamic => Self::Dynamic(None),
        }
    }

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
