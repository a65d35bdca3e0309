//! Reading JSON without building values: framing, skipping, and taking only the paths asked for.
//!
//! Nothing here knows what a record means. Text comes in as valid UTF-8; what goes out are slices of
//! it. Duplicate keys: the first one counts.

pub(crate) mod canonical;
pub(crate) mod columns;
pub(crate) mod cursor;
pub(crate) mod envelope;
mod extent;
pub(crate) mod frame;
pub(crate) mod members;
pub(crate) mod nested;
pub(crate) mod plan;
pub(crate) mod probe;
pub(crate) mod repeated;
pub(crate) mod survey;
pub(crate) mod text;
pub(crate) mod values;
