//! `decimal`: numbers of 34 digits, and their text.
//!
//! In: text, longs, doubles. Out: a [`Decimal`] and its canonical text, which is how a decimal travels:
//! no exponent, no zeros in front or at the end of a fraction. Equal numbers have equal texts.
//!
//! Source: <https://learn.microsoft.com/kusto/query/scalar-data-types/decimal>. Measured:
//! `parse_version` and `todecimal`. That results are rounded half away from zero is inferred.

use std::{cmp::Ordering, fmt};

/// Digits that count.
const DIGITS: u32 = 34;
/// The first number that has more.
const LIMIT: u128 = 10_u128.pow(DIGITS);
/// Digits behind the point that a number may have at most.
const MAX_SCALE: u32 = 6_144;

/// A decimal number: a sign, 34 digits at most, and where the point stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    is_negative: bool,
    /// Below [`LIMIT`]; no zero at the end if there is a fraction.
    digits: u128,
    /// How many of the digits stand behind the point.
    scale: u32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { is_negative: false, digits: 0, scale: 0 };

    /// Reads `-12.5` or `1e-3`; blanks around it do not count.
    ///
    /// Digits beyond the 34th are rounded away behind the point; before it the number is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let is_negative = mantissa.starts_with('-');
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut digits = 0_u128;
        let mut scale = 0_i32.checked_sub(exponent)?;
        let mut is_full = false;
        for (byte, is_fraction) in
            whole.bytes().map(|it| (it, false)).chain(fraction.bytes().map(|it| (it, true)))
        {
            let digit = char::from(byte).to_digit(10)?;
            if is_full || digits >= LIMIT {
                // The rounding of one digit is enough; what follows it is cut.
                if !is_fraction {
                    scale = scale.checked_sub(1)?;
                }
                is_full = true;
                continue;
            }
            digits = digits.checked_mul(10)?.checked_add(digit.into())?;
            scale = scale.checked_add(i32::from(is_fraction))?;
        }
        Self::new(is_negative, digits, scale)
    }

    /// Returns a long as a decimal.
    pub fn from_long(value: i64) -> Self {
        Self { is_negative: value < 0, digits: value.unsigned_abs().into(), scale: 0 }
    }

    /// Returns a double by its shortest digits; `None` if it is not finite or too large.
    pub fn from_real(value: f64) -> Option<Self> {
        value.is_finite().then(|| Self::parse(&format!("{value:e}"))).flatten()
    }

    /// Returns the nearest double.
    pub fn to_real(self) -> Option<f64> {
        self.to_string().parse().ok()
    }

    /// Returns the number without its fraction; `None` if a long does not hold it.
    pub fn to_long(self) -> Option<i64> {
        let whole = self.digits.checked_div(power(self.scale).unwrap_or(u128::MAX))?;
        let whole = i128::try_from(whole).ok()?;
        i64::try_from(if self.is_negative { whole.checked_neg()? } else { whole }).ok()
    }

    /// Returns the sum; `None` if it is too large.
    pub fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (left, right) = (self.at_scale(scale), other.at_scale(scale));
        let (Some(left), Some(right)) = (left, right) else {
            // The two are so far apart that the smaller one does not show in 34 digits.
            let is_left = self.magnitude_cmp(other).is_ge();
            return Some(if is_left { self } else { other });
        };
        let sum = left.checked_add(right)?;
        Self::new(sum < 0, sum.unsigned_abs(), i32::try_from(scale).ok()?)
    }

    /// Returns the difference; `None` if it is too large.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    /// Returns the product; `None` if it is too large.
    pub fn times(self, other: Self) -> Option<Self> {
        let is_negative = self.is_negative != other.is_negative;
        let mut scale = i32::try_from(self.scale.checked_add(other.scale)?).ok()?;
        let mut product = wide_product(self.digits, other.digits);
        loop {
            let [high, above, middle, low] = product;
            if high == 0 && above == 0 {
                let digits = (u128::from(middle) << 64) | u128::from(low);
                // The last digit is rounded below, once.
                return Self::new(is_negative, digits, scale);
            }
            product = tenth(product);
            scale = scale.checked_sub(1)?;
        }
    }

    /// Returns the quotient to 34 digits; `None` by zero, or if it is too large.
    pub fn over(self, other: Self) -> Option<Self> {
        let is_negative = self.is_negative != other.is_negative;
        let mut digits = self.digits.checked_div(other.digits)?;
        let mut rest = self.digits.checked_rem(other.digits)?;
        let mut scale = i32::try_from(self.scale).ok()?.checked_sub_unsigned(other.scale)?;
        while rest != 0 && digits < LIMIT {
            rest = rest.checked_mul(10)?;
            let digit = rest.checked_div(other.digits)?;
            digits = digits.checked_mul(10)?.checked_add(digit)?;
            rest = rest.checked_rem(other.digits)?;
            scale = scale.checked_add(1)?;
        }
        Self::new(is_negative, digits, scale)
    }

    /// Returns the rest of a division, which is never negative; `None` by zero.
    pub fn remainder(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let rest = self.at_scale(scale)?.checked_rem_euclid(other.at_scale(scale)?)?;
        Self::new(false, rest.unsigned_abs(), i32::try_from(scale).ok()?)
    }

    /// Returns the number with so many digits behind the point, halves rounded away from zero; below
    /// zero, the digits before the point are rounded. `None` if it is too large.
    pub fn round(self, places: i64) -> Option<Self> {
        let mut scale = i32::try_from(self.scale).ok()?;
        // No number has so many digits that a larger place makes a difference.
        let places = i32::try_from(places.clamp(-100, MAX_SCALE.into())).ok()?;
        if scale <= places {
            return Some(self);
        }
        let mut digits = self.digits;
        while scale.checked_sub(1)? > places {
            digits = digits.checked_div(10)?;
            scale = scale.checked_sub(1)?;
        }
        Self::new(self.is_negative, rounded(digits), scale.checked_sub(1)?)
    }

    /// Returns the number with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { is_negative: !self.is_negative && self.digits != 0, ..self }
    }

    /// Returns a text that sorts as the number does.
    pub fn sort_key(self) -> String {
        if self.digits == 0 {
            return "1".to_owned();
        }
        let digits = self.digits.to_string();
        let before_point = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let place = before_point.saturating_sub(self.scale.into()).saturating_add(50_000);
        let key = format!("{place:05}{}", digits.trim_end_matches('0'));
        if self.is_negative {
            // Larger magnitudes come first, and a longer text before the shorter one it begins with.
            let turned = key
                .bytes()
                .map(|digit| char::from(b'9'.saturating_sub(digit).saturating_add(b'0')));
            format!("0{}~", turned.collect::<String>())
        } else {
            format!("2{key}")
        }
    }

    /// Makes a number of digits and the place of the point, rounded to 34 digits and without zeros
    /// at the end of its fraction.
    fn new(is_negative: bool, digits: u128, scale: i32) -> Option<Self> {
        let (mut digits, mut scale) = (digits, scale);
        while digits >= LIMIT {
            digits = rounded(digits);
            scale = scale.checked_sub(1)?;
        }
        while scale < 0 {
            digits = digits.checked_mul(10).filter(|digits| *digits < LIMIT)?;
            scale = scale.checked_add(1)?;
        }
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale = scale.checked_sub(1)?;
        }
        let scale = u32::try_from(scale).ok()?;
        if scale > MAX_SCALE {
            return Some(Self::ZERO);
        }
        Some(Self { is_negative: is_negative && digits != 0, digits, scale })
    }

    /// Returns the signed digits with `scale` of them behind the point, if they fit.
    fn at_scale(self, scale: u32) -> Option<i128> {
        let factor = power(scale.checked_sub(self.scale)?)?;
        let digits = i128::try_from(self.digits.checked_mul(factor)?).ok()?;
        if self.is_negative { digits.checked_neg() } else { Some(digits) }
    }

    fn magnitude_cmp(self, other: Self) -> Ordering {
        let key = |it: Self| Self { is_negative: false, ..it }.sort_key();
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key().cmp(&other.sort_key())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::try_from(self.scale).unwrap_or(usize::MAX);
        // One digit stands before the point even when the number is below one.
        let padded = format!("{:0>width$}", self.digits, width = places.saturating_add(1));
        let split = padded.len().saturating_sub(places);
        let (whole, fraction) = padded.split_at_checked(split).unwrap_or((&padded, ""));
        let sign = if self.is_negative { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

/// Takes off the last digit, half away from zero.
const fn rounded(digits: u128) -> u128 {
    digits.saturating_add(5) / 10
}

/// Multiplies, most significant part first.
#[expect(clippy::cast_possible_truncation, reason = "the lower half of a number is meant")]
const fn wide_product(a: u128, b: u128) -> [u64; 4] {
    let (a_high, a_low) = (a >> 64, a & u64::MAX as u128);
    let (b_high, b_low) = (b >> 64, b & u64::MAX as u128);
    // Products of halves fit, and so do sums of a product and three halves.
    let low = a_low.wrapping_mul(b_low);
    let (cross, other) = (a_low.wrapping_mul(b_high), a_high.wrapping_mul(b_low));
    let middle =
        (low >> 64).wrapping_add(cross & u64::MAX as u128).wrapping_add(other & u64::MAX as u128);
    let high = a_high
        .wrapping_mul(b_high)
        .wrapping_add(cross >> 64)
        .wrapping_add(other >> 64)
        .wrapping_add(middle >> 64);
    [(high >> 64) as u64, high as u64, middle as u64, low as u64]
}

/// Divides by ten, cutting the rest.
#[expect(clippy::cast_possible_truncation, reason = "a tenth of a part with a rest fits a part")]
fn tenth(parts: [u64; 4]) -> [u64; 4] {
    let mut rest = 0_u128;
    parts.map(|part| {
        let part = (rest << 64) | u128::from(part);
        rest = part % 10;
        (part / 10) as u64
    })
}

fn power(exponent: u32) -> Option<u128> {
    10_u128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn texts_are_canonical() {
        for (text, canonical) in [
            ("0", "0"),
            ("-0.00", "0"),
            (" 007.50 ", "7.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1.5e3", "1500"),
            ("-1E-3", "-0.001"),
            ("1000000020000000300000004", "1000000020000000300000004"),
            ("0.33333333333333333333333333333333333333", "0.3333333333333333333333333333333333"),
        ] {
            assert_eq!(decimal(text).to_string(), canonical, "{text}");
        }
        for text in ["", ".", "-", "1,5", "0x1", "1e", "abc", "1e40", "NaN"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_is_decimal() {
        let text = |it: Option<Decimal>| it.map(|it| it.to_string()).unwrap_or_default();
        assert_eq!(text(decimal("0.1").plus(decimal("0.2"))), "0.3");
        assert_eq!(text(decimal("1").minus(decimal("1.00"))), "0");
        assert_eq!(text(decimal("1.5").times(decimal("-0.2"))), "-0.3");
        assert_eq!(text(decimal("1").over(decimal("3"))), format!("0.{}", "3".repeat(34)));
        assert_eq!(text(decimal("7").over(decimal("2"))), "3.5");
        assert_eq!(text(decimal("1").over(Decimal::ZERO)), "");
        assert_eq!(text(decimal("-7").remainder(decimal("5.5"))), "4");
        let nines = "9".repeat(34);
        assert_eq!(text(decimal(&nines).times(decimal("0.1"))), format!("{}.9", &nines[1..]));
        assert_eq!(text(decimal(&nines).times(decimal("10"))), "");
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (text, places, expected) in [
            ("1.25", 1, "1.3"),
            ("-1.25", 1, "-1.3"),
            ("1.249999", 1, "1.2"),
            ("0.5", 0, "1"),
            ("149.9", -2, "100"),
            ("150", -2, "200"),
            ("7", 3, "7"),
            ("7", -3, "0"),
        ] {
            let found = decimal(text).round(places).map(|it| it.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text} to {places}");
        }
    }

    #[test]
    fn conversions() {
        assert_eq!(decimal("-2.9").to_long(), Some(-2));
        assert_eq!(decimal("1e30").to_long(), None);
        assert_eq!(Decimal::from_real(0.1).unwrap().to_string(), "0.1");
        assert_eq!(Decimal::from_real(f64::NAN), None);
        assert_eq!(decimal("0.1").to_real(), Some(0.1));
    }

    proptest! {
        #[test]
        fn keys_sort_as_numbers_do(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, places in 0_u32..6) {
            let scaled = |value: i64| {
                Decimal::from_long(value).over(Decimal::from_long(10_i64.pow(places))).unwrap()
            };
            prop_assert_eq!(scaled(a).cmp(&scaled(b)), a.cmp(&b));
            let larger = Decimal::from_long(a).cmp(&scaled(b));
            prop_assert_eq!(larger, (i128::from(a).saturating_mul(10_i128.pow(places))).cmp(&i128::from(b)));
        }

        #[test]
        fn sums_and_products_are_those_of_integers(a in any::<i32>(), b in any::<i32>()) {
            let (x, y) = (Decimal::from_long(a.into()), Decimal::from_long(b.into()));
            let long = |it: Option<Decimal>| it.and_then(Decimal::to_long);
            prop_assert_eq!(long(x.plus(y)), Some(i64::from(a).saturating_add(b.into())));
            prop_assert_eq!(long(x.times(y)), Some(i64::from(a).saturating_mul(b.into())));
            prop_assert_eq!(Decimal::parse(&x.to_string()), Some(x));
        }
    }
}
