//! Functions of arrays.

pub(super) mod array_concat;
pub(super) mod array_iff;
pub(super) mod array_index_of;
pub(super) mod array_length;
pub(super) mod array_reverse;
pub(super) mod array_rotate;
pub(super) mod array_shift;
pub(super) mod array_slice;
pub(super) mod array_sort;
pub(super) mod array_split;
pub(super) mod range;
pub(super) mod repeat;
pub(super) mod strcat_array;
pub(super) mod zip;
