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

    /// Returns the length of a minute.
    pub const fn minute() -> Self {
        Self { seconds: 60 }
    }

    /// Returns it as YAML writes it, in one unit: `1d`, `90m`.
    pub fn short(self) -> String {
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let whole = units.into_iter().find(|(factor, _)| self.seconds.is_multiple_of(*factor));
        let (factor, unit) = whole.unwrap_or((1, 's'));
        format!("{}{unit}", self.seconds.checked_div(factor).unwrap_or(self.seconds))
    }

    /// Returns it as the API writes it: `PT1H`, `P1DT12H`.
    pub(crate) fn iso(self) -> String {
        let mut rest = self.seconds;
        let mut part = |factor: u32, unit: char| {
            let number = rest.checked_div(factor).unwrap_or(0);
            rest = rest.checked_rem(factor).unwrap_or(0);
            if number == 0 { String::new() } else { format!("{number}{unit}") }
        };
        let days = part(86_400, 'D');
        let time = [(3_600, 'H'), (60, 'M'), (1, 'S')].map(|(factor, unit)| part(factor, unit));
        let time = time.concat();
        if time.is_empty() { format!("P{days}") } else { format!("P{days}T{time}") }
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
    fn both_forms_are_written_and_read_back() {
        for (text, short, iso) in [
            ("300s", "5m", "PT5M"),
            ("24h", "1d", "P1D"),
            ("PT36H", "36h", "P1DT12H"),
            ("P14D", "14d", "P14D"),
            ("PT1H30M5S", "5405s", "PT1H30M5S"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((&*period.short(), &*period.iso()), (short, iso), "{text}");
            assert_eq!(Period::parse(short), Some(period));
            assert_eq!(Period::parse(iso), Some(period));
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
