//! Texts against many others at once.

pub(super) mod has_all;
pub(super) mod has_any;
pub(super) mod in_ci;
pub(super) mod in_list;
pub(super) mod needles;
