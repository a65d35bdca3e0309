//! Functions of numbers.

pub(super) mod binary;
pub(super) mod binning;
pub(super) mod math;
pub(super) mod series;
pub(super) mod sketches;
pub(super) mod units;
