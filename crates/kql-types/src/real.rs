//! `real`: a double as Kusto prints it, and as JSON.
//!
//! In: an `f64`. Out: the shortest digits that read back as the same double.

use std::fmt::{self, Display, Write};

/// Returns the form `tostring` and `strcat` give: `1.0`, `54.321`, `1E+20`, `NaN`, `-inf`.
///
/// A whole number keeps `.0`. From 1E+15 on and below 1E-04 the form has an exponent of at least
/// two digits.
///
/// Sources: measured, `NaN`, infinities, the shortest digits, and `10.0` for a whole double inside a
/// dynamic. Inferred: that a `real` of its own keeps `.0` as well, and the exponent form (.NET's).
pub fn format(value: f64) -> impl Display {
    Text(value)
}

/// Appends the JSON form: a number, or one of the strings `"NaN"`, `"Infinity"`, `"-Infinity"`.
///
/// Source: measured, JSON results and `dynamic([real(nan)])`.
pub fn write_json(value: f64, out: &mut String) {
    let written = match (value.is_infinite(), value > 0.0) {
        (true, true) => out.write_str("\"Infinity\""),
        (true, false) => out.write_str("\"-Infinity\""),
        _ if value.is_nan() => out.write_str("\"NaN\""),
        _ => write!(out, "{}", Text(value)),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

/// A double waiting to be printed.
struct Text(f64);

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value.is_nan() {
            return f.write_str("NaN");
        }
        if value.is_infinite() {
            return f.write_str(if value > 0.0 { "inf" } else { "-inf" });
        }
        let magnitude = value.abs();
        if magnitude == 0.0 || (1e-4..1e15).contains(&magnitude) {
            // `Debug` keeps `.0` and has no exponent in this range.
            return write!(f, "{value:?}");
        }
        let scientific = format!("{value:E}");
        let (digits, exponent) = scientific.split_once('E').unwrap_or((&scientific, "0"));
        match exponent.strip_prefix('-') {
            Some(exponent) => write!(f, "{digits}E-{exponent:0>2}"),
            None => write!(f, "{digits}E+{exponent:0>2}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prints_doubles() {
        for (value, text) in [
            (1.0, "1.0"),
            (54.321, "54.321"),
            (32.156_209_945_678_71, "32.15620994567871"),
            (0.0, "0.0"),
            (-0.5, "-0.5"),
            (999_999_999_999_999.0, "999999999999999.0"),
            (1e15, "1E+15"),
            (1.5e300, "1.5E+300"),
            (0.0001, "0.0001"),
            (0.000_01, "1E-05"),
            (f64::NAN, "NaN"),
            (-f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(format(value).to_string(), text);
        }
    }

    #[test]
    fn json_has_no_word_for_what_is_not_finite() {
        let mut out = String::new();
        write_json(f64::INFINITY, &mut out);
        write_json(118.0, &mut out);
        assert_eq!(out, "\"Infinity\"118.0");
    }

    proptest! {
        #[test]
        fn text_reads_back(value: f64) {
            prop_assert_eq!(format(value).to_string().parse(), Ok(value));
            let mut json = String::new();
            write_json(value, &mut json);
            prop_assert_eq!(serde_json::from_str::<f64>(&json).ok(), Some(value));
        }
    }
}
