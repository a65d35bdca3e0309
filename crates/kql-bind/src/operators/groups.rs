//! Operators that look at groups of rows, or at the same rows several times.

pub(super) mod distinct;
pub(super) mod facet;
pub(super) mod groupwise;
pub(super) mod make_series;
pub(super) mod mv_apply;
pub(super) mod partition;
pub(super) mod reduce;
pub(super) mod summarize;
pub(super) mod top_nested;
