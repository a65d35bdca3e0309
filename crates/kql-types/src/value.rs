//! One scalar value of a known type.

use crate::{KqlType, Ticks};

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
}
