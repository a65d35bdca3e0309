//! CSV by RFC 4180: framing rows, splitting fields, naming columns.

pub(crate) mod columns;
pub(crate) mod fields;
pub(crate) mod framing;
pub(crate) mod header;
pub(crate) mod json_lane;
pub(crate) mod lane;
pub(crate) mod survey;
