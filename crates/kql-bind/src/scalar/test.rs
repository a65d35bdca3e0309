//! Tests: what is true or false of its operands.

pub(super) mod between;
pub(super) mod in_list;
pub(super) mod logical;
