//! Typed columns under construction, and the conversions into them.
//!
//! A value that does not convert becomes null, as it does when Kusto ingests it.

use std::sync::Arc;

use arrow_array::{
    ArrayRef,
    builder::{BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringViewBuilder},
};
use arrow_schema::DataType;
use kql_types::{KqlType, Ticks, decimal::Decimal, timespan};

use super::cell::Cell;
use crate::dates::TimeForm;

/// A column under construction.
pub(crate) enum Column {
    Bool(BooleanBuilder),
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    Decimal(StringViewBuilder),
    Datetime(Int64Builder),
    Timespan(Int64Builder),
    /// With room for texts that do not stand in the input as they are.
    String(StringViewBuilder, String),
    Guid(StringViewBuilder),
    Dynamic(StringViewBuilder),
}

/// Returns the Arrow encoding of a type.
pub(crate) fn data_type(ty: KqlType) -> DataType {
    match ty {
        KqlType::Bool => DataType::Boolean,
        KqlType::Int => DataType::Int32,
        KqlType::Long | KqlType::Datetime | KqlType::Timespan => DataType::Int64,
        KqlType::Real => DataType::Float64,
        KqlType::String | KqlType::Guid | KqlType::Dynamic | KqlType::Decimal => DataType::Utf8View,
    }
}

impl Column {
    /// Returns an empty column.
    pub(crate) fn new(ty: KqlType) -> Self {
        match ty {
            KqlType::Bool => Self::Bool(BooleanBuilder::new()),
            KqlType::Int => Self::Int(Int32Builder::new()),
            KqlType::Long => Self::Long(Int64Builder::new()),
            KqlType::Real => Self::Real(Float64Builder::new()),
            KqlType::Decimal => Self::Decimal(StringViewBuilder::new()),
            KqlType::Datetime => Self::Datetime(Int64Builder::new()),
            KqlType::Timespan => Self::Timespan(Int64Builder::new()),
            KqlType::String => Self::String(StringViewBuilder::new(), String::new()),
            KqlType::Guid => Self::Guid(StringViewBuilder::new()),
            KqlType::Dynamic => Self::Dynamic(StringViewBuilder::new()),
        }
    }

    /// Appends a cell and tells whether it converted; a missing one always does.
    pub(crate) fn append(&mut self, cell: Cell<'_>) -> bool {
        match self {
            Self::String(texts, room) => {
                texts.append_value(cell.text_in(room));
                return true;
            }
            Self::Dynamic(texts) => {
                texts.append_option(cell.dynamic());
                return true;
            }
            _ => {}
        }
        let text = cell.text();
        let text = text.as_deref().map(str::trim_ascii);
        let is_value = match self {
            Self::Bool(bools) => append(text.and_then(bool), |value| bools.append_option(value)),
            Self::Int(ints) => append(text.and_then(int), |value| ints.append_option(value)),
            Self::Long(longs) => append(text.and_then(long), |value| longs.append_option(value)),
            Self::Real(reals) => append(text.and_then(real), |value| reals.append_option(value)),
            Self::Decimal(decimals) => {
                append(text.and_then(decimal), |value| decimals.append_option(value))
            }
            Self::Datetime(ticks) => {
                let time = match cell {
                    Cell::Time(_, time) => time,
                    _ => text.and_then(time),
                };
                append(time, |value| ticks.append_option(value))
            }
            Self::Timespan(ticks) => {
                append(text.and_then(timespan::parse), |value| ticks.append_option(value))
            }
            Self::Guid(guids) => append(text.and_then(guid), |value| guids.append_option(value)),
            Self::String(..) | Self::Dynamic(_) => true,
        };
        is_value || text.is_none()
    }

    /// Returns the values gathered, and is empty afterwards.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(bools) => Arc::new(bools.finish()),
            Self::Int(ints) => Arc::new(ints.finish()),
            Self::Real(reals) => Arc::new(reals.finish()),
            Self::Long(longs) | Self::Datetime(longs) | Self::Timespan(longs) => {
                Arc::new(longs.finish())
            }
            Self::String(texts, _)
            | Self::Guid(texts)
            | Self::Dynamic(texts)
            | Self::Decimal(texts) => Arc::new(texts.finish()),
        }
    }
}

/// Tells whether a cell converts to a type, as [`Column::append`] does.
pub(crate) fn converts(cell: Cell<'_>, ty: KqlType) -> bool {
    if matches!(ty, KqlType::String | KqlType::Dynamic) {
        return true;
    }
    let text = cell.text();
    let Some(text) = text.as_deref().map(str::trim_ascii) else { return true };
    match ty {
        KqlType::Bool => bool(text).is_some(),
        KqlType::Int => int(text).is_some(),
        KqlType::Long => long(text).is_some(),
        KqlType::Real => real(text).is_some(),
        KqlType::Decimal => decimal(text).is_some(),
        KqlType::Datetime => match cell {
            Cell::Time(_, time) => time.is_some(),
            _ => time(text).is_some(),
        },
        KqlType::Timespan => timespan::parse(text).is_some(),
        KqlType::Guid => guid(text).is_some(),
        KqlType::String | KqlType::Dynamic => true,
    }
}

/// Reads a time in a column of which nothing is known.
pub(crate) fn time(text: &str) -> Option<Ticks> {
    TimeForm::default().read(text).map(|time| time.ticks)
}

fn append<T>(value: Option<T>, append: impl FnOnce(Option<T>)) -> bool {
    let is_value = value.is_some();
    append(value);
    is_value
}

fn bool(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Reads a number of 32 bits.
pub(super) fn int(text: &str) -> Option<i32> {
    text.parse().ok().or_else(|| whole(text).parse().ok())
}

/// Reads a number of 64 bits.
pub(super) fn long(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| whole(text).parse().ok())
}

/// Returns a number's text without a fraction of zeros.
///
/// Differs: Kusto reads `445.0` as no integer; data frames write integers that way as soon as one
/// of them is missing.
fn whole(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    }
}

fn real(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Reads a decimal number and returns its canonical form.
fn decimal(text: &str) -> Option<String> {
    Decimal::parse(text).map(|decimal| decimal.to_string())
}

/// Reads a GUID with or without braces and hyphens and returns its canonical form.
fn guid(text: &str) -> Option<String> {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let is_hyphenated = bare.len() == 36
        && [8, 13, 18, 23].iter().all(|at| bare.as_bytes().get(*at) == Some(&b'-'));
    let digits: String = if is_hyphenated { bare.replace('-', "") } else { bare.to_owned() };
    if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_ascii_lowercase();
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    Some([part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-"))
}

#[cfg(test)]
mod tests {
    use kql_types::datetime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_numbers() {
        assert_eq!(
            (int("445"), int("445.0"), int("445.5"), int("x")),
            (Some(445), Some(445), None, None)
        );
        assert_eq!((int("2147483648"), long("2147483648")), (None, Some(2_147_483_648)));
        assert_eq!(real("-1.5e3"), Some(-1500.0));
        assert_eq!(decimal("-01.250").as_deref(), Some("-1.25"));
        assert_eq!((decimal(""), decimal("1.x")), (None, None));
        assert_eq!((bool("True"), bool("0"), bool("2")), (Some(true), Some(false), None));
    }

    const ALL: [KqlType; 10] = [
        KqlType::Bool,
        KqlType::Int,
        KqlType::Long,
        KqlType::Real,
        KqlType::Decimal,
        KqlType::Datetime,
        KqlType::Timespan,
        KqlType::String,
        KqlType::Guid,
        KqlType::Dynamic,
    ];

    proptest! {
        #[test]
        fn what_converts_is_told_without_a_column(
            text in r"-?[0-9]{0,11}(\.[05]{0,3})?(e[0-9])?|true|False|null|[0-9a-f]{32}|1\.0:00:0[0-9]|20[0-9]{2}-0[0-9]-1[0-9]| ?x?",
        ) {
            let json = format!("\"{text}\"");
            let cells = [
                Cell::Missing,
                Cell::Text(&text),
                Cell::Json(&json),
                Cell::Json("[ 1 ]"),
                Cell::Time(&text, None),
                Cell::Time(&text, Some(7)),
            ];
            for ty in ALL {
                for cell in cells {
                    let appended = Column::new(ty).append(cell);
                    prop_assert_eq!(converts(cell, ty), appended, "{:?} to {:?}", cell, ty);
                }
            }
        }
    }

    #[test]
    fn reads_guids_in_every_dress() {
        let expected = Some("54849625-5478-4994-a5ba-3e3b0328c30d".to_owned());
        for text in [
            "54849625-5478-4994-A5BA-3E3B0328C30D",
            "{54849625-5478-4994-a5ba-3e3b0328c30d}",
            "5484962554784994a5ba3e3b0328c30d",
        ] {
            assert_eq!(guid(text), expected);
        }
        assert_eq!((guid(""), guid("x"), guid(&"-".repeat(36))), (None, None, None));
    }

    #[test]
    fn reads_the_portals_times() {
        let expected = datetime::parse("2023-08-17T21:00:49.123Z");
        assert!(expected.is_some());
        for text in
            ["8/17/2023, 9:00:49.123 PM", "2023-08-17 21:00:49.123", "08/17/2023, 21:00:49.123"]
        {
            assert_eq!(time(text), expected, "{text}");
        }
        let expected = datetime::parse("2023-08-17T09:00:49Z");
        for text in ["Aug 17, 2023 9:00:49 AM", "8/17/2023 9:00:49 AM"] {
            assert_eq!(time(text), expected, "{text}");
        }
    }
}
