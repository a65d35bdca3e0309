//! Lengths of time as analytics rules write them: `5m`, `1h`, `14d`, `PT1H`, `P1DT12H`.

use kql_types::Ticks;

/// A length of time, at least one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    seconds: u32,
}

impl Period {
    /// Returns the length in 100 ns ticks.
    pub fn ticks(self) -> Ticks {
        i64::from(self.seconds).saturating_mul(10_000_000)
    }

    /// Returns the length in seconds.
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// Returns the length of so many hours; at least one.
    pub(crate) const fn of_hours(hours: u32) -> Self {
        Self { seconds: if hours == 0 { 3_600 } else { hours.saturating_mul(3_600) } }
    }

    /// Reads either form in any case, as Graph has it: `1H`, `PT1H`.
    pub(crate) fn parse_any_case(text: &str) -> Option<Self> {
        Self::parse(&text.to_ascii_uppercase())
    }

    /// Reads either form; `None` if the text is neither, or no time at all.
    ///
    /// Source: the two forms of Azure-Sentinel's rule templates, YAML and ARM (ISO 8601 without
    /// years and months).
    pub fn parse(text: &str) -> Option<Self> {
        let seconds = if let Some(iso) = text.strip_prefix('P') {
            iso_seconds(iso)?
        } else {
            let unit = text.chars().last()?;
            part(text.strip_suffix(unit)?, unit.to_ascii_uppercase())?
        };
        (seconds > 0).then_some(Self { seconds })
    }
}

/// Sums `1DT12H30M`; the part before the `T` has days only.
fn iso_seconds(iso: &str) -> Option<u32> {
    let (days, time) = iso.split_once('T').unwrap_or((iso, ""));
    let days = if days.is_empty() { 0 } else { part(days.strip_suffix('D')?, 'D')? };
    let mut seconds = days;
    let mut rest = time;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(unit_at)?;
        let unit = tail.chars().next()?;
        seconds = seconds.checked_add(part(number, unit)?)?;
        rest = tail.strip_prefix(unit)?;
    }
    Some(seconds)
}

fn part(number: &str, unit: char) -> Option<u32> {
    let factor = match unit {
        'S' => 1,
        'M' => 60,
        'H' => 3_600,
        'D' => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        for (text, seconds) in [
            ("5m", 300),
            ("1h", 3_600),
            ("14d", 1_209_600),
            ("PT1H", 3_600),
            ("P1DT12H30M", 131_400),
        ] {
            assert_eq!(Period::parse(text), Some(Period { seconds }), "{text}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for text in
            ["", "1", "h", "0h", "1w", "-1h", "P", "PT", "PTH", "P1H", "1 h", "99999999999d"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
