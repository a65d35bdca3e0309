//! Dynamic values: access, arrays and bags.

pub(super) mod array;
mod array_concat;
mod array_iff;
mod array_index_of;
mod array_length;
mod array_reverse;
mod array_rotate;
mod array_shift;
mod array_slice;
mod array_sort;
mod array_split;
mod bag_has_key;
mod bag_keys;
mod bag_merge;
mod bag_pack;
mod bag_remove_keys;
mod bag_set_key;
mod bag_zip;
mod elements;
mod estimate_data_size;
mod expand;
mod gettype;
mod in_array;
mod join;
mod join_bag;
mod join_set;
mod pack_all;
mod pack_array;
mod parse_json;
mod path;
mod range;
mod repeat;
mod schema;
mod set_has_element;
mod sets;
mod strcat_array;
mod treepath;
mod zip;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

pub(super) use self::bag_pack::PACK_BAG;
pub(crate) use self::{
    elements::ELEMENT_TEXTS,
    expand::{ELEMENT_NUMBERS, ELEMENTS, OF_KIND},
    in_array::IN_ARRAY,
    join::JSON_ARRAY,
    join_bag::JSON_BAG,
    join_set::JSON_SET,
    pack_array::PACK,
    path::PATH,
    schema::{SCHEMA, SHAPE},
};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    array_concat::ARRAY_CONCAT,
    array_iff::ARRAY_IFF,
    array_index_of::ARRAY_INDEX_OF,
    array_length::ARRAY_LENGTH,
    array_reverse::ARRAY_REVERSE,
    array_rotate::ARRAY_ROTATE_LEFT,
    array_rotate::ARRAY_ROTATE_RIGHT,
    array_shift::ARRAY_SHIFT_LEFT,
    array_shift::ARRAY_SHIFT_RIGHT,
    array_slice::ARRAY_SLICE,
    array_sort::ARRAY_SORT_ASC,
    array_sort::ARRAY_SORT_DESC,
    array_split::ARRAY_SPLIT,
    bag_has_key::BAG_HAS_KEY,
    bag_keys::BAG_KEYS,
    bag_merge::BAG_MERGE,
    bag_pack::BAG_PACK,
    bag_remove_keys::BAG_REMOVE_KEYS,
    bag_set_key::BAG_SET_KEY,
    bag_zip::BAG_ZIP,
    estimate_data_size::ESTIMATE_DATA_SIZE,
    gettype::GETTYPE,
    pack_all::PACK_ALL,
    pack_array::PACK_ARRAY,
    parse_json::PARSE_JSON,
    range::RANGE,
    repeat::REPEAT,
    set_has_element::SET_HAS_ELEMENT,
    sets::JACCARD_INDEX,
    sets::SET_DIFFERENCE,
    sets::SET_EQUALS,
    sets::SET_INTERSECT,
    sets::SET_UNION,
    strcat_array::STRCAT_ARRAY,
    treepath::TREEPATH,
    zip::ZIP,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &ELEMENTS,
    &ELEMENT_NUMBERS,
    &ELEMENT_TEXTS,
    &IN_ARRAY,
    &JSON_ARRAY,
    &JSON_BAG,
    &JSON_SET,
    &PACK,
    &OF_KIND,
    &PATH,
    &SCHEMA,
    &SHAPE,
    &array_concat::CONCAT,
    &array_iff::CHOOSE,
    &array_index_of::INDEX,
    &array_length::LENGTH,
    &array_reverse::REVERSE,
    &array_rotate::ROTATE,
    &array_shift::SHIFT,
    &array_slice::SLICE,
    &array_sort::SORT,
    &array_sort::SORT_ALONG,
    &array_split::SPLIT,
    &bag_has_key::HAS_KEY,
    &bag_keys::KEYS,
    &bag_merge::MERGE,
    &bag_pack::PACK_BAG,
    &bag_remove_keys::REMOVE,
    &bag_set_key::SET,
    &bag_zip::ZIP,
    &gettype::HELD,
    &pack_all::PACK,
    &parse_json::PARSE,
    &range::DATETIMES,
    &range::LONGS,
    &range::REALS,
    &range::TIMESPANS,
    &repeat::FILL,
    &set_has_element::HAS,
    &sets::DIFFERENCE,
    &sets::EQUALS,
    &sets::INTERSECT,
    &sets::JACCARD,
    &sets::UNION,
    &strcat_array::JOIN,
    &treepath::PATHS,
    &zip::ZIP_ARRAYS,
];
