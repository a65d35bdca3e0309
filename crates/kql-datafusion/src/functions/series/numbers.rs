//! Arrays of numbers as kernels read and write them.

use std::fmt::Write;

use datafusion_common::{Result, exec_datafusion_err};
use kql_types::{
    dynamic::{self, Kind},
    real,
};

/// The elements of an array; what is no number is `None`.
///
/// One real makes reals of all: arithmetic on whole numbers alone stays whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Series {
    Longs(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
}

impl Series {
    /// Reads an array; `None` if `json` is none.
    pub(super) fn parse(json: &str) -> Option<Self> {
        if dynamic::kind(json) != Kind::Array {
            return None;
        }
        let is_whole = dynamic::elements(json).all(|element| match dynamic::kind(element) {
            Kind::Long => element.trim_ascii().parse::<i64>().is_ok(),
            kind => kind != Kind::Double && !is_word(element),
        });
        Some(if is_whole {
            Self::Longs(dynamic::elements(json).map(|it| it.trim_ascii().parse().ok()).collect())
        } else {
            Self::Reals(dynamic::elements(json).map(number).collect())
        })
    }

    /// Returns the number of elements.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Longs(values) => values.len(),
            Self::Reals(values) => values.len(),
        }
    }

    /// Returns the elements as reals.
    pub(super) fn reals(self) -> Vec<Option<f64>> {
        match self {
            Self::Longs(values) => values.into_iter().map(|it| it.map(to_real)).collect(),
            Self::Reals(values) => values,
        }
    }

    /// Writes the array.
    pub(super) fn write(&self, out: &mut String) -> Result<()> {
        match self {
            Self::Longs(values) => write_array(values, out, |value, out| {
                write!(out, "{value}").map_err(|error| exec_datafusion_err!("{error}"))
            }),
            Self::Reals(values) => write_reals(values, out),
        }
    }
}

/// Reads reals, all of which have to be numbers.
pub(super) fn complete_reals(json: &str) -> Option<Vec<f64>> {
    Series::parse(json)?.reals().into_iter().collect()
}

/// Writes an array of reals.
pub(super) fn write_reals(values: &[Option<f64>], out: &mut String) -> Result<()> {
    write_array(values, out, |value, out| {
        real::write_json(*value, out);
        Ok(())
    })
}

/// Writes an array, `null` for what is missing.
pub(super) fn write_array<T>(
    values: &[Option<T>],
    out: &mut String,
    mut write: impl FnMut(&T, &mut String) -> Result<()>,
) -> Result<()> {
    out.push('[');
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        match value {
            Some(value) => write(value, out)?,
            None => out.push_str("null"),
        }
    }
    out.push(']');
    Ok(())
}

/// Returns a long as a real.
#[expect(clippy::cast_precision_loss, reason = "what the conversion of a long to a real is")]
pub(super) fn to_real(value: i64) -> f64 {
    value as f64
}

/// Returns a count as a real.
#[expect(clippy::cast_precision_loss, reason = "a place in memory is far below 2^53")]
pub(super) fn count(value: usize) -> f64 {
    value as f64
}

fn number(json: &str) -> Option<f64> {
    match dynamic::kind(json) {
        Kind::Long | Kind::Double => json.trim_ascii().parse().ok(),
        _ if is_word(json) => dynamic::unquote(json).parse().ok(),
        _ => None,
    }
}

/// Tells whether it is a real that JSON has no number for.
fn is_word(json: &str) -> bool {
    matches!(json.trim_ascii(), "\"NaN\"" | "\"Infinity\"" | "\"-Infinity\"")
}
