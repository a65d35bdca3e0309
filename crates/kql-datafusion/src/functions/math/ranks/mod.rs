//! The values that have a rank among others.

pub(super) mod percentile;
pub(super) mod weighted;
