//! Dynamic values: access, arrays and bags.

mod array_length;
mod bag_pack;
mod elements;
mod in_array;
mod join;
mod join_set;
mod pack_array;
mod parse_json;
mod path;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

pub(crate) use self::{
    elements::ELEMENT_TEXTS, in_array::IN_ARRAY, join::JSON_ARRAY, join_set::JSON_SET, path::PATH,
};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    array_length::ARRAY_LENGTH,
    bag_pack::BAG_PACK,
    pack_array::PACK_ARRAY,
    parse_json::PARSE_JSON,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &ELEMENT_TEXTS,
    &IN_ARRAY,
    &JSON_ARRAY,
    &JSON_SET,
    &PATH,
    &array_length::LENGTH,
    &bag_pack::PACK_BAG,
    &pack_array::PACK,
    &parse_json::PARSE,
];
