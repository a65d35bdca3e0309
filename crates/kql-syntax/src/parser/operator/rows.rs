//! Operators that choose rows, or their order.

pub(super) mod distinct;
pub(super) mod sample;
pub(super) mod sample_distinct;
pub(super) mod sort;
pub(super) mod take;
pub(super) mod top;
pub(super) mod top_hitters;
pub(super) mod top_nested;
pub(super) mod where_;
