//! Names for types beside KQL's own.

use kql_types::KqlType;

/// Returns the name of .NET's type, as Kusto's first protocol and Graph have it.
pub(super) fn data_type(ty: KqlType) -> &'static str {
    match ty {
        KqlType::Bool => "SByte",
        KqlType::Int => "Int32",
        KqlType::Long => "Int64",
        KqlType::Real => "Double",
        KqlType::Decimal => "SqlDecimal",
        KqlType::Datetime => "DateTime",
        KqlType::Timespan => "TimeSpan",
        KqlType::String => "String",
        KqlType::Guid => "Guid",
        KqlType::Dynamic => "Object",
    }
}

/// Returns the full name of .NET's type, which schemas as JSON have.
pub(super) fn system_type(ty: KqlType) -> String {
    let name = match ty {
        KqlType::Decimal => "System.Data.SqlTypes.SqlDecimal",
        ty => return format!("System.{}", data_type(ty)),
    };
    name.to_owned()
}
