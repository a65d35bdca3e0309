//! Functions that look at more than one row.

pub(super) mod aggregates;
pub(super) mod graph;
pub(super) mod plugins;
pub(super) mod window;
