//! Digests of distributions and of distinct values.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::{FirstArgument, Fixed, Fresh, Prefix},
    ParamType::{Array, Of, Scalar, TypeName},
    Returns::{NamedType, Type},
    alias, function, many, one, overload, upto,
};
use kql_types::KqlType::{Bool, Dynamic, Long, Real};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("percentile_tdigest", Prefix("percentile_tdigest"), &[overload(&[one("tdigest", Array), one("percentile1", Of(Real))], Type(Dynamic)), overload(&[one("tdigest", Array), one("percentile1", Of(Real)), one("type", TypeName)], NamedType(2))]),
    function("percentiles_array_tdigest", Prefix("percentile_tdigest"), &[overload(&[one("tdigest", Array), many("percentile", Of(Real), 1)], Type(Dynamic)), overload(&[one("tdigest", Array), one("percentiles", Array)], Type(Dynamic))]),
    function("percentrank_tdigest", Fresh, &[overload(&[one("digest", Array), one("value", Scalar)], Type(Real))]),
    function("rank_tdigest", Fresh, &[overload(&[one("digest", Array), one("value", Scalar)], Type(Real))]),
    function("tdigest_isvalid", Fresh, &[overload(&[one("digest", Array), one("value", Scalar)], Type(Bool))]),
    function("hll_isvalid", Fresh, &[overload(&[one("hll", Array), one("value", Scalar)], Type(Bool))]),
    function("tdigest_merge", Fixed("tdigests_merge_result"), &[overload(&[upto("tdigest", Array, 2, 16)], Type(Dynamic))]),
    alias("merge_tdigest", "tdigest_merge", Fixed("tdigests_merge_result"), &[overload(&[upto("tdigest", Array, 2, 16)], Type(Dynamic))]),
    function("hll_merge", Fixed("hll_merged_result"), &[overload(&[upto("hll", Array, 2, 16)], Type(Dynamic))]),
    function("dcount_hll", Prefix("dcount_hll"), &[overload(&[one("hll", Array)], Type(Long))]),
    function("__hll_normalize", FirstArgument, &[overload(&[upto("hll", Of(Dynamic), 2, 16)], Type(Dynamic))]),
];
