//! Operators that look at groups of rows, or at the same rows several times.

pub(super) mod facet;
pub(super) mod fork;
pub(super) mod make_series;
pub(super) mod partition;
pub(super) mod reduce;
pub(super) mod summarize;
