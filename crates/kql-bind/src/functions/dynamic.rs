//! Arrays and property bags.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::{
    Function,
    Naming::{Fresh, Prefix},
    ParamType::{Array, Bag, Integer, Of, Scalar, Summable},
    Returns::{Argument, Sorted, Type},
    alias, function, many, maybe, one, overload, upto,
};
use kql_types::KqlType::{Bool, Dynamic, Long, Real, String};

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("treepath", Prefix("tree"), &[overload(&[one("object", Bag)], Type(Dynamic))]),
    function("repeat", Prefix("repeat"), &[overload(&[one("value", Scalar), one("count", Of(Long))], Type(Dynamic))]),
    alias("arraylength", "array_length", Fresh, &[overload(&[one("array", Array)], Type(Long))]),
    function("array_length", Fresh, &[overload(&[one("array", Array)], Type(Long))]),
    function("range", Fresh, &[overload(&[one("start", Summable), one("stop", Summable), maybe("step", Summable)], Type(Dynamic))]),
    function("array_concat", Fresh, &[overload(&[many("array", Array, 1)], Type(Dynamic))]),
    alias("array_iif", "array_iff", Fresh, &[overload(&[one("condition_array", Array), one("when_true", Scalar), one("when_false", Scalar)], Type(Dynamic))]),
    function("array_iff", Fresh, &[overload(&[one("condition_array", Array), one("when_true", Scalar), one("when_false", Scalar)], Type(Dynamic))]),
    function("array_index_of", Fresh, &[overload(&[one("array", Array), one("value", Scalar), maybe("start", Integer), maybe("length", Integer), maybe("occurrence", Integer).constant()], Type(Long))]),
    function("array_slice", Fresh, &[overload(&[one("array", Array), one("start", Integer), one("end", Integer)], Argument(0))]),
    function("array_split", Fresh, &[overload(&[one("array", Array), one("index", Integer)], Argument(0)), overload(&[one("array", Array), one("indices", Array)], Argument(0))]),
    function("array_shift_left", Fresh, &[overload(&[one("array", Array), one("shift_count", Integer), maybe("default_value", Scalar)], Argument(0))]),
    function("array_shift_right", Fresh, &[overload(&[one("array", Array), one("shift_count", Integer), maybe("default_value", Scalar)], Argument(0))]),
    function("array_reverse", Fresh, &[overload(&[one("value", Array)], Argument(0))]),
    function("array_rotate_left", Fresh, &[overload(&[one("array", Array), one("rotate_count", Integer)], Argument(0))]),
    function("array_rotate_right", Fresh, &[overload(&[one("array", Array), one("rotate_count", Integer)], Argument(0))]),
    function("array_sort_asc", Fresh, &[overload(&[many("arrays", Array, 1), maybe("nulls_last", Of(Bool)).constant()], Sorted)]),
    function("array_sort_desc", Fresh, &[overload(&[many("arrays", Array, 1), maybe("nulls_last", Of(Bool)).constant()], Sorted)]),
    function("bag_keys", Fresh, &[overload(&[one("object", Bag)], Type(Dynamic))]),
    function("zip", Fresh, &[overload(&[many("array", Array, 2)], Type(Dynamic))]),
    alias("pack", "bag_pack", Fresh, &[overload(&[many("key", Of(String), 1), many("value", Scalar, 1)], Type(Dynamic))]),
    alias("pack_dictionary", "bag_pack", Fresh, &[overload(&[many("key", Of(String), 1), many("value", Scalar, 1)], Type(Dynamic))]),
    function("bag_pack", Fresh, &[overload(&[many("key", Of(String), 1), many("value", Scalar, 1)], Type(Dynamic))]),
    function("bag_pack_columns", Fresh, &[overload(&[many("value", Scalar, 1).column()], Type(Dynamic))]),
    function("pack_all", Fresh, &[overload(&[maybe("ignore_null_empty", Scalar).constant()], Type(Dynamic))]),
    function("pack_array", Fresh, &[overload(&[many("value", Scalar, 1)], Type(Dynamic)), overload(&[one("value", Scalar).star_only()], Type(Dynamic))]),
    function("set_has_element", Fresh, &[overload(&[one("set", Array), one("value", Scalar)], Type(Bool))]),
    function("set_union", Fresh, &[overload(&[many("set", Array, 2)], Type(Dynamic))]),
    function("set_intersect", Fresh, &[overload(&[many("set", Array, 2)], Type(Dynamic))]),
    function("set_difference", Fresh, &[overload(&[many("set", Array, 2)], Type(Dynamic))]),
    function("set_equals", Fresh, &[overload(&[one("set1", Array), one("set2", Array)], Type(Bool))]),
    function("bag_merge", Fresh, &[overload(&[many("bag", Bag, 2)], Type(Dynamic))]),
    function("bag_remove_keys", Fresh, &[overload(&[one("bag", Bag), one("keys", Array)], Type(Dynamic))]),
    function("bag_has_key", Fresh, &[overload(&[one("bag", Bag), one("key", Of(String))], Type(Bool))]),
    function("jaccard_index", Fresh, &[overload(&[upto("set", Array, 2, 2)], Type(Real))]),
    function("bag_set_key", Fresh, &[overload(&[one("bag", Bag), one("key", Of(String)).constant(), one("value", Scalar)], Type(Dynamic))]),
    function("bag_zip", Fresh, &[overload(&[one("keys", Array), one("values", Array)], Type(Dynamic))]),
];
