//! How much memory a run may take.

use std::num::NonZeroUsize;

/// What a run takes if nobody says otherwise.
const DEFAULT_BYTES: usize = 1 << 30;
/// Less than this does not even hold the rows that operators work on.
const LEAST_BYTES: usize = 64 << 20;
/// The part that rows read from the input take before they go to disk; the rest is for operators and
/// for what was found.
const STAGED_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// The part that a report has for the fields of records.
const REPORT_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);
/// The part that what the user gives takes before it goes to disk.
const GIVEN_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

/// Bytes that the rows of a run may take in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(usize);

impl Memory {
    /// Returns all of it.
    pub(crate) fn all_bytes(self) -> u64 {
        u64::try_from(self.0).unwrap_or(u64::MAX)
    }

    /// Returns what rows kept for the queries may take before they go to disk.
    pub(crate) fn staging_bytes(self) -> usize {
        self.0 / STAGED_PART
    }

    /// Returns what sorts, groups and joins may take before they spill or give up.
    pub(crate) fn operator_bytes(self) -> usize {
        self.0.saturating_sub(self.staging_bytes()).saturating_sub(self.given_bytes())
    }

    /// Returns what the records' fields of a report may take.
    pub(crate) fn report_bytes(self) -> usize {
        self.0 / REPORT_PART
    }

    /// Returns what the user's lists may take before they go to disk.
    pub(crate) fn given_bytes(self) -> usize {
        self.0 / GIVEN_PART
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self(DEFAULT_BYTES)
    }
}

/// Reads a size given on the command line: digits and a unit, powers of 1024.
pub(crate) fn parse(text: &str) -> Result<Memory, String> {
    let expected = || "expected a size such as `512M` or `4G`".to_owned();
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits).unwrap_or_default().to_ascii_uppercase();
    let shift = match unit.as_str() {
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err(expected()),
    };
    let count: usize = digits.parse().map_err(|_| expected())?;
    let bytes = count.checked_mul(1 << shift).ok_or_else(expected)?;
    if bytes < LEAST_BYTES {
        return Err(format!("expected `{}M` or more", LEAST_BYTES >> 20));
    }
    Ok(Memory(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit() {
        for text in ["2G", "2gb", "2GiB", "2048M"] {
            assert_eq!(parse(text), Ok(Memory(2 << 30)), "{text}");
        }
        for text in ["", "2", "G", "-1G", "1.5G", "2T", "99999999999G", "63M"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_parts_make_up_the_whole() {
        let Memory(all) = Memory::default();
        let memory = Memory::default();
        assert_eq!(memory.staging_bytes() + memory.operator_bytes() + memory.given_bytes(), all);
        assert_eq!(memory.staging_bytes(), 256 << 20);
    }
}
