//! `--phase`: by how much schedules are moved.

/// By how much schedules are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Minutes(u32),
    /// All of them, or at most so many.
    All(Option<u32>),
}

/// Reads a number of minutes, up to the longest frequency of a rule, or `all`.
pub(super) fn phase(text: &str) -> Result<Phase, String> {
    if text == "all" {
        return Ok(Phase::All(None));
    }
    if let Some(most) = text.strip_prefix("all:") {
        let most = most.parse().ok().filter(|most| (1..=20_160).contains(most));
        return most.map(|most| Phase::All(Some(most))).ok_or_else(|| EXPECTED_PHASE.to_owned());
    }
    let minutes = text.parse().ok().filter(|minutes| *minutes <= 20_160);
    minutes.map(Phase::Minutes).ok_or_else(|| EXPECTED_PHASE.to_owned())
}

const EXPECTED_PHASE: &str = "expected minutes, up to 20160, or `all`, or `all:60` for 60 of them";
