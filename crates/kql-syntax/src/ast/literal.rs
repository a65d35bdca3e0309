//! Literal values, as written but unescaped.

/// A literal of any type.
///
/// `None` stands for the typed null, `long(null)` for example. Texts of datetime, timespan, guid and
/// decimal are kept as written; the binder reads them, and reports those that are none.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true`, `bool(false)`, `bool(null)`
    Bool(Option<bool>),
    /// `int(5)`
    Int(Option<i64>),
    /// `5`, `0x1F`, `long(5)`; text since it may exceed 64 bits
    Long(Option<String>),
    /// `1.5`, `1e3`, `real(5)`, `real(nan)`
    Real(Option<f64>),
    /// `decimal(1.5)`
    Decimal(Option<String>),
    /// `datetime(2020-01-01)`
    Datetime(Option<String>),
    /// `1d`, `timespan(1.02:03:04)`, `time(5m)`
    Timespan(Option<String>),
    /// `guid(…)`
    Guid(Option<String>),
    /// A string of any form, unescaped; adjacent literals are joined
    String(String),
    /// `dynamic(…)`
    Dynamic(DynamicValue),
}

/// What stands in `dynamic(…)`.
pub enum DynamicValue {
    /// `null`
    Null,
    /// `[…]`
    Array(Vec<DynamicValue>),
    /// `{…}`, in order, keys unescaped
    Bag(Vec<(String, DynamicValue)>),
    /// Any other literal, negative numbers included
    Scalar(Box<Literal>),
}
