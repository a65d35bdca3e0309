//! What the process counts of itself, as Prometheus reads it.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    running: AtomicU64,
    rows: AtomicU64,
    microseconds: AtomicU64,
}

/// How a query ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With all of its rows.
    Answered,
    /// Before it ran: the query or the request was wrong.
    Refused,
    /// While it ran.
    Failed,
}

impl Metrics {
    /// A query starts.
    pub(crate) fn started(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
    }

    /// A query that had started ended.
    pub(crate) fn ended(&self, how: Ended, rows: u64, took: Duration) {
        self.running.fetch_sub(1, Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(micros, Ordering::Relaxed);
        let counter = match how {
            Ended::Answered => &self.answered,
            Ended::Refused => &self.refused,
            Ended::Failed => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns all of it in Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut out = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            let _infallible = writeln!(out, "{text}");
        };
        line(format_args!("# HELP quarry_queries_total Queries that have ended, by how."));
        line(format_args!("# TYPE quarry_queries_total counter"));
        for (how, counter) in
            [("answered", &self.answered), ("refused", &self.refused), ("failed", &self.failed)]
        {
            line(format_args!("quarry_queries_total{{end=\"{how}\"}} {}", get(counter)));
        }
        line(format_args!("# HELP quarry_queries_running Queries that run now."));
        line(format_args!("# TYPE quarry_queries_running gauge"));
        line(format_args!("quarry_queries_running {}", get(&self.running)));
        line(format_args!("# HELP quarry_query_rows_total Rows that queries have returned."));
        line(format_args!("# TYPE quarry_query_rows_total counter"));
        line(format_args!("quarry_query_rows_total {}", get(&self.rows)));
        line(format_args!("# HELP quarry_query_seconds_total Time that queries have taken."));
        line(format_args!("# TYPE quarry_query_seconds_total counter"));
        let micros = get(&self.microseconds);
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        line(format_args!("quarry_query_seconds_total {seconds}.{rest:06}"));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_is_counted_by_how() {
        let metrics = Metrics::default();
        metrics.started();
        metrics.started();
        metrics.ended(Ended::Answered, 7, Duration::from_millis(1_500));
        let text = metrics.text();
        for line in [
            "quarry_queries_total{end=\"answered\"} 1",
            "quarry_queries_total{end=\"failed\"} 0",
            "quarry_queries_running 1",
            "quarry_query_rows_total 7",
            "quarry_query_seconds_total 1.500000",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
