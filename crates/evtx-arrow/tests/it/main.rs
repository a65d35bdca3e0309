//! Integration tests on real and damaged event logs.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod attributes;
mod carved;
mod collect;
mod complete;
mod crafted;
mod damaged;
mod hostile;
mod logs;
mod oracle;
mod requests;
mod totals;
mod values;
mod xml;
