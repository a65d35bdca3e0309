//! Every format on ordinary and on hostile content, as snapshots.

#![expect(clippy::unwrap_used, reason = "a test that cannot write has failed")]

mod alerts;
mod fixture;
mod results;
