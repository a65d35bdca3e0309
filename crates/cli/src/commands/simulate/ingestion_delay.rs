//! `--ingestion-delay`: one for all events, or a distribution.

use std::{fmt, sync::Arc};

use detection::Period;
use engine::{Arrivals, Delays};
use kql_types::{Ticks, timespan};

use crate::error::CommandError;

/// How long events take to be there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum IngestionDelay {
    /// All as long.
    Same(Ticks),
    /// Percentiles, each with the longest delay of so many percent, as they were given.
    Percentiles(Vec<(f64, Ticks)>, String),
    /// Each as likely, as they were given.
    List(Vec<Ticks>, String),
}

/// Reads a length of time, percentiles, or a list.
pub(super) fn ingestion_delay(text: &str) -> Result<IngestionDelay, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let given = text.to_owned();
    let delay = if text.contains('=') {
        let percentiles: Result<Vec<(f64, Ticks)>, String> =
            parts.into_iter().map(percentile).collect();
        IngestionDelay::Percentiles(percentiles?, given)
    } else if let [one] = parts.as_slice() {
        IngestionDelay::Same(span(one)?)
    } else {
        IngestionDelay::List(parts.into_iter().map(span).collect::<Result<_, _>>()?, given)
    };
    // Whether it is a distribution does not depend on the seed.
    delay.delays(0)?;
    Ok(delay)
}

fn percentile(text: &str) -> Result<(f64, Ticks), String> {
    let wrong = || format!("`{text}` is not a percentile such as `p99=20m`");
    let (percent, delay) = text.split_once('=').ok_or_else(wrong)?;
    let percent = percent.trim().strip_prefix(['p', 'P']).ok_or_else(wrong)?;
    Ok((percent.parse().map_err(|_| wrong())?, span(delay.trim())?))
}

/// Reads a length of time that is not negative.
fn span(text: &str) -> Result<Ticks, String> {
    let zero = (text == "0").then_some(0);
    let span = zero.or_else(|| Period::parse(text).map(Period::ticks));
    span.or_else(|| timespan::parse(text)).filter(|span| *span >= 0).ok_or_else(|| {
        format!("`{text}` is not a length of time such as `5m`, `1h`, or `00:01:30`")
    })
}

impl IngestionDelay {
    pub(super) const fn is_drawn(&self) -> bool {
        !matches!(self, Self::Same(_))
    }

    /// Returns the longest delay.
    pub(super) fn longest(&self) -> Ticks {
        match self {
            Self::Same(delay) => *delay,
            Self::Percentiles(percentiles, _) => percentiles.last().map_or(0, |(_, delay)| *delay),
            Self::List(delays, _) => delays.iter().copied().max().unwrap_or(0),
        }
    }

    /// Returns when records arrive, if that is drawn for each.
    pub(super) fn arrivals(&self, seed: u64) -> Result<Option<Arc<Arrivals>>, CommandError> {
        let delays = self.delays(seed).map_err(CommandError::user)?;
        Ok(delays.map(|delays| Arc::new(Arrivals::Drawn(delays))))
    }

    fn delays(&self, seed: u64) -> Result<Option<Delays>, String> {
        let delays = match self {
            Self::Same(_) => return Ok(None),
            Self::Percentiles(percentiles, _) => Delays::of_percentiles(percentiles, seed),
            Self::List(delays, _) => Delays::of_list(delays, seed),
        };
        delays.map(Some).ok_or_else(|| {
            "expected percentiles above 0 and up to 100 that rise, with delays that do not fall"
                .to_owned()
        })
    }
}

impl fmt::Display for IngestionDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(delay) => write!(f, "{}", timespan::format(*delay)),
            Self::Percentiles(_, given) | Self::List(_, given) => f.write_str(given),
        }
    }
}
