//! Functions that look at an array as a set.

pub(super) mod in_array;
pub(super) mod join_set;
pub(super) mod set_has_element;
pub(super) mod sets;
