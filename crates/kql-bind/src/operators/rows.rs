//! Operators that choose rows, or their order.

pub(super) mod consume;
pub(super) mod count;
pub(super) mod filter;
pub(super) mod sample;
pub(super) mod sort;
pub(super) mod top_hitters;
