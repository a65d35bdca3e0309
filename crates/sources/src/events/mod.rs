//! Windows events as JSON: what the shapes have in common.

pub(crate) mod batches;
pub(crate) mod columns;
pub(crate) mod field;
mod forms;
pub(crate) mod lane;
pub(crate) mod names;
pub(crate) mod record;
pub(crate) mod shape;
pub(crate) mod times;
