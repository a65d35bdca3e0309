//! Dynamic values: access, arrays and bags.

mod arrays;
mod as_sets;
mod bags;
mod elements;
mod estimate_data_size;
mod expand;
mod gettype;
mod join;
mod pack_array;
mod parse_json;
mod path;
mod schema;
mod treepath;

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction, columns, convert, json_array, size,
};

pub(crate) use self::{
    as_sets::{in_array::IN_ARRAY, join_set::JSON_SET},
    bags::join_bag::JSON_BAG,
    elements::ELEMENT_TEXTS,
    expand::{ELEMENT_NUMBERS, ELEMENTS, OF_KIND},
    join::{JSON_ARRAY, JSON_FLAT_ARRAY},
    pack_array::PACK,
    path::PATH,
    schema::{SCHEMA, SHAPE},
};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    arrays::array_concat::ARRAY_CONCAT,
    arrays::array_iff::ARRAY_IFF,
    arrays::array_index_of::ARRAY_INDEX_OF,
    arrays::array_length::ARRAY_LENGTH,
    arrays::array_reverse::ARRAY_REVERSE,
    arrays::array_rotate::ARRAY_ROTATE_LEFT,
    arrays::array_rotate::ARRAY_ROTATE_RIGHT,
    arrays::array_shift::ARRAY_SHIFT_LEFT,
    arrays::array_shift::ARRAY_SHIFT_RIGHT,
    arrays::array_slice::ARRAY_SLICE,
    arrays::array_sort::ARRAY_SORT_ASC,
    arrays::array_sort::ARRAY_SORT_DESC,
    arrays::array_split::ARRAY_SPLIT,
    bags::bag_has_key::BAG_HAS_KEY,
    bags::bag_keys::BAG_KEYS,
    bags::bag_merge::BAG_MERGE,
    bags::bag_pack::BAG_PACK,
    bags::bag_remove_keys::BAG_REMOVE_KEYS,
    bags::bag_set_key::BAG_SET_KEY,
    bags::bag_zip::BAG_ZIP,
    estimate_data_size::ESTIMATE_DATA_SIZE,
    gettype::GETTYPE,
    bags::pack_all::PACK_ALL,
    pack_array::PACK_ARRAY,
    parse_json::PARSE_JSON,
    arrays::range::RANGE,
    arrays::repeat::REPEAT,
    as_sets::set_has_element::SET_HAS_ELEMENT,
    as_sets::sets::JACCARD_INDEX,
    as_sets::sets::SET_DIFFERENCE,
    as_sets::sets::SET_EQUALS,
    as_sets::sets::SET_INTERSECT,
    as_sets::sets::SET_UNION,
    arrays::strcat_array::STRCAT_ARRAY,
    treepath::TREEPATH,
    arrays::zip::ZIP,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &ELEMENTS,
    &ELEMENT_NUMBERS,
    &ELEMENT_TEXTS,
    &IN_ARRAY,
    &JSON_ARRAY,
    &JSON_FLAT_ARRAY,
    &JSON_BAG,
    &JSON_SET,
    &PACK,
    &OF_KIND,
    &PATH,
    &SCHEMA,
    &SHAPE,
    &arrays::array_concat::CONCAT,
    &arrays::array_iff::CHOOSE,
    &arrays::array_index_of::INDEX,
    &arrays::array_length::LENGTH,
    &arrays::array_reverse::REVERSE,
    &arrays::array_rotate::ROTATE,
    &arrays::array_shift::SHIFT,
    &arrays::array_slice::SLICE,
    &arrays::array_sort::SORT,
    &arrays::array_sort::SORT_ALONG,
    &arrays::array_split::SPLIT,
    &bags::bag_has_key::HAS_KEY,
    &bags::bag_keys::KEYS,
    &bags::bag_merge::MERGE,
    &bags::bag_pack::PACK_BAG,
    &bags::bag_remove_keys::REMOVE,
    &bags::bag_set_key::SET,
    &bags::bag_zip::ZIP,
    &gettype::HELD,
    &bags::pack_all::PACK,
    &parse_json::PARSE,
    &arrays::range::DATETIMES,
    &arrays::range::LONGS,
    &arrays::range::REALS,
    &arrays::range::TIMESPANS,
    &arrays::repeat::FILL,
    &as_sets::set_has_element::HAS,
    &as_sets::sets::DIFFERENCE,
    &as_sets::sets::EQUALS,
    &as_sets::sets::INTERSECT,
    &as_sets::sets::JACCARD,
    &as_sets::sets::UNION,
    &arrays::strcat_array::JOIN,
    &treepath::PATHS,
    &arrays::zip::ZIP_ARRAYS,
];
