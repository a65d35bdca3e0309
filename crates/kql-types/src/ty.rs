//! The ten scalar types of KQL.

use std::{fmt, str::FromStr};

/// A scalar type of KQL.
///
/// Each type has one encoding as an Arrow array wherever rows travel:
///
/// | type | Arrow | null |
/// |--|--|--|
/// | bool | Boolean | yes |
/// | int | Int32 | yes |
/// | long | Int64 | yes |
/// | real | Float64 | yes |
/// | decimal | Decimal128 | yes |
/// | datetime | Int64, 100 ns ticks since 0001-01-01T00:00:00 UTC | yes |
/// | timespan | Int64, 100 ns ticks | yes |
/// | string | Utf8View | never: missing is `""` |
/// | guid | Utf8View, lower-case `8-4-4-4-12` | yes |
/// | dynamic | Utf8View, compact JSON text | yes: a dynamic null is an Arrow null |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KqlType {
    /// `bool`
    Bool,
    /// `int`, 32 bits
    Int,
    /// `long`, 64 bits
    Long,
    /// `real`, a double
    Real,
    /// `decimal`
    Decimal,
    /// `string`
    String,
    /// `datetime`
    Datetime,
    /// `timespan`
    Timespan,
    /// `guid`
    Guid,
    /// `dynamic`
    Dynamic,
}

impl KqlType {
    /// Returns the type's name as KQL writes it, `long` for example.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Datetime => "datetime",
            Self::Timespan => "timespan",
            Self::Guid => "guid",
            Self::Dynamic => "dynamic",
        }
    }

    /// Tells whether the type is `int`, `long`, `real` or `decimal`.
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Real | Self::Decimal)
    }
}

impl fmt::Display for KqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KqlType {
    type Err = UnknownType;

    /// Reads a type name, aliases included (`boolean`, `date`, `double`, `time`, `uuid`, …).
    ///
    /// Source: <https://learn.microsoft.com/kusto/query/scalar-data-types/>
    fn from_str(name: &str) -> Result<Self, UnknownType> {
        Ok(match name {
            "bool" | "boolean" => Self::Bool,
            "int" | "int32" | "uint" | "uint32" | "int8" | "uint8" | "int16" | "uint16" => {
                Self::Int
            }
            "long" | "int64" | "ulong" | "uint64" => Self::Long,
            "real" | "double" | "float" => Self::Real,
            "decimal" => Self::Decimal,
            "string" => Self::String,
            "datetime" | "date" => Self::Datetime,
            "timespan" | "time" => Self::Timespan,
            "guid" | "uuid" | "uniqueid" => Self::Guid,
            "dynamic" => Self::Dynamic,
            _ => return Err(UnknownType),
        })
    }
}

/// The text is no name of a KQL type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownType;

impl fmt::Display for UnknownType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown type")
    }
}

impl std::error::Error for UnknownType {}
