//! What a query can ask about itself, its data and the cluster.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::{
    Function,
    Naming::{Fixed, Fresh},
    ParamType::{Any, Of, Scalar, StringOrArray, Table, TypeName},
    Returns::{NamedType, Type},
    alias, function, many, one, overload,
};
use kql_types::KqlType::{Bool, Datetime, Dynamic, Guid, Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("current_cluster_endpoint", Fresh, &[overload(&[], Type(String))]),
    function("current_database", Fresh, &[overload(&[], Type(String))]),
    function("current_principal", Fresh, &[overload(&[], Type(String))]),
    function("current_principal_details", Fresh, &[overload(&[], Type(Dynamic))]),
    function("current_principal_is_member_of", Fresh, &[overload(&[many("group", StringOrArray, 1)], Type(Bool))]),
    function("extent_id", Fresh, &[overload(&[], Type(Guid))]),
    alias("extentid", "extent_id", Fresh, &[overload(&[], Type(Guid))]),
    function("extent_tags", Fresh, &[overload(&[], Type(Dynamic))]),
    function("current_node_id", Fresh, &[overload(&[], Type(String))]),
    function("ingestion_time", Fixed("$IngestionTime"), &[overload(&[], Type(Datetime))]),
    function("row_id", Fresh, &[overload(&[], Type(String))]),
    function("cursor_after", Fresh, &[overload(&[one("cursor", Of(String))], Type(Bool))]),
    function("cursor_before_or_at", Fresh, &[overload(&[one("cursor", Of(String))], Type(Bool))]),
    function("cursor_current", Fresh, &[overload(&[], Type(String))]),
    alias("current_cursor", "cursor_current", Fresh, &[overload(&[], Type(String))]),
    function("estimate_data_size", Fresh, &[overload(&[many("column", Scalar, 1).column()], Type(Long)), overload(&[one("column", Scalar).star_only()], Type(Long))]),
    function("new_guid", Fresh, &[overload(&[], Type(Guid))]),
    function("column_names_of", Fresh, &[overload(&[one("table", Table)], Type(Dynamic))]),
    function("rowstore_ordinal_range", Fresh, &[overload(&[], Type(Dynamic))]),
    function("__invoke", Fresh, &[overload(&[one("name", Of(String)).constant(), one("type", TypeName), many("arg", Any, 0)], NamedType(1))]),
];
