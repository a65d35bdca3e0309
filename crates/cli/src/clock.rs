//! The time, which only the binary asks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kql_types::{Ticks, datetime};

/// Returns the time by the system's clock.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub(crate) fn now() -> Ticks {
    const EPOCH: Ticks = 621_355_968_000_000_000;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ticks = i64::try_from(since.as_nanos() / 100).unwrap_or_default();
    EPOCH.saturating_add(ticks)
}

/// Reads a time given on the command line.
pub(crate) fn parse(text: &str) -> Result<Ticks, String> {
    datetime::parse(text)
        .ok_or_else(|| "expected a UTC time such as `2024-05-01T12:00:00Z` or a date".to_owned())
}

/// Runs something and tells how long it took.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = run();
    (result, start.elapsed())
}
