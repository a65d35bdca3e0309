//! Plugins: what `evaluate` calls.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::{
    Function,
    Naming::Fresh,
    ParamType::{Array, Bag, Integer, NotDynamic, Number, Of, Scalar, Summable, Table, TypeName},
    Returns::Type,
    function, many, maybe, one, overload,
};
use kql_types::KqlType::{Bool, Dynamic, Real, String};

/// The functions of this group.
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[Function] = &[
    function("active_users_count", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("lookback_window", Summable).constant(), one("period", Summable).constant(), one("active_periods", Summable).constant(), one("step", Summable).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("activity_counts_metrics", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("step", Summable).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("activity_engagement", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("inner_activity_window", Summable).constant(), one("outer_activity_window", Summable).constant()], Type(Dynamic)), overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("inner_activity_window", Summable).constant(), one("outer_activity_window", Summable).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("activity_metrics", Fresh, &[overload(&[one("id_column", Scalar).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("step", Summable).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic)), overload(&[one("id_column", Scalar).column(), one("timeline_column", Summable).column(), maybe("start", Summable).constant(), maybe("end", Summable).constant()], Type(Dynamic))]),
    function("azure_digital_twins_query_request", Fresh, &[overload(&[one("endpoint", Of(String)), one("sql_query", Of(String))], Type(Dynamic))]),
    function("autocluster", Fresh, &[overload(&[maybe("size_weight", Of(Real)), maybe("weight_column", Scalar).column(), maybe("num_seeds", Integer), many("custom_wildcard", Scalar, 0)], Type(Dynamic))]),
    function("bag_unpack", Fresh, &[overload(&[one("column", Scalar).column(), maybe("column_prefix", Of(String)).constant()], Type(Dynamic))]),
    function("basket", Fresh, &[overload(&[maybe("threshold", Of(Real)), maybe("weight_column", Scalar).column(), maybe("max_dimensions", Integer), many("custom_wildcard", Scalar, 0)], Type(Dynamic))]),
    function("cosmosdb_sql_request", Fresh, &[overload(&[one("connection_string", Of(String)), one("sql_query", Of(String)), maybe("sql_parameters", Bag), maybe("options", Bag)], Type(Dynamic))]),
    function("csharp", Fresh, &[overload(&[one("output_schema", TypeName), one("script", Of(String)), maybe("arguments", Bag)], Type(Dynamic))]),
    function("dcount_intersect", Fresh, &[overload(&[many("hll", Array, 2)], Type(Dynamic))]),
    function("diffpatterns", Fresh, &[overload(&[one("split_column", Scalar).column(), one("split_value_a", Of(String)), one("split_value_b", Of(String)), maybe("weight_column", Scalar).column(), maybe("threshold", Of(Real)), maybe("max_dimensions", Integer), many("custom_wildcard", Scalar, 0)], Type(Dynamic))]),
    function("estimate_rows_count", Fresh, &[overload(&[], Type(Dynamic))]),
    function("execute_show_command", Fresh, &[overload(&[one("connection_string", Of(String)), one("command", Of(String))], Type(Dynamic))]),
    function("execute_query", Fresh, &[overload(&[one("connection_string", Of(String)), one("query", Of(String))], Type(Dynamic))]),
    function("external_datatable", Fresh, &[overload(&[], Type(Dynamic))]),
    function("funnel_sequence", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("max_window_size_between_steps", Summable).constant(), one("step", Summable).constant(), one("state_column", NotDynamic).column(), one("sequence", Array).constant()], Type(Dynamic))]),
    function("funnel_sequence_completion", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("bin_size", Summable).constant(), one("state_column", NotDynamic).column(), one("sequence", Array).constant(), one("max_sequence_periods", Array).constant()], Type(Dynamic))]),
    function("http_request", Fresh, &[overload(&[one("uri", Of(String)).constant(), maybe("request_headers", Bag), maybe("options", Bag)], Type(Dynamic))]),
    function("http_request_post", Fresh, &[overload(&[one("uri", Of(String)).constant(), maybe("request_headers", Bag), maybe("options", Bag), maybe("content", Of(String)).constant()], Type(Dynamic))]),
    function("identity", Fresh, &[overload(&[], Type(Dynamic))]),
    function("identity_v3", Fresh, &[overload(&[one("mode", Of(String)).constant(), one("exception_text", Of(String)).constant()], Type(Dynamic))]),
    function("infer_storage_schema", Fresh, &[overload(&[one("options", Bag)], Type(Dynamic))]),
    function("infer_storage_schema_with_suggestions", Fresh, &[overload(&[one("options", Bag)], Type(Dynamic))]),
    function("geo_polygon_lookup", Fresh, &[overload(&[one("lookup_table", Table), one("lookup_polygon_key", Bag).column_of_table(), one("source_longitude", Scalar).column(), one("source_latitude", Scalar).column(), maybe("radius", Of(Real)).constant(), maybe("return_unmatched", Of(Bool)).constant(), maybe("lookup_area_radius", Of(Real)).constant(), maybe("return_lookup_key", Of(Bool)).constant()], Type(Dynamic))]),
    function("geo_line_lookup", Fresh, &[overload(&[one("lookup_table", Table), one("lookup_line_key", Bag).column_of_table(), one("source_longitude", Scalar).column(), one("source_latitude", Scalar).column(), one("radius", Of(Real)).constant(), maybe("return_unmatched", Of(Bool)).constant(), maybe("lookup_area_radius", Of(Real)).constant(), maybe("return_lookup_key", Of(Bool)).constant()], Type(Dynamic))]),
    function("ipv4_lookup", Fresh, &[overload(&[one("lookup_table", Table), one("source_ipv4_key", Scalar).column(), one("ipv4_lookup_key", Scalar).column_of_table(), many("extra_key", Scalar, 0).column_of_table(), maybe("return_unmatched", Of(Bool)).constant()], Type(Dynamic))]),
    function("ipv6_lookup", Fresh, &[overload(&[one("lookup_table", Table), one("source_ipv6_key", Scalar).column(), one("ipv6_lookup_key", Scalar).column_of_table(), maybe("return_unmatched", Of(Bool)).constant()], Type(Dynamic))]),
    function("narrow", Fresh, &[overload(&[], Type(Dynamic))]),
    function("new_activity_metrics", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("window", Scalar), maybe("cohort", Scalar).constant(), many("dimension", NotDynamic, 0).column(), maybe("lookback", Table)], Type(Dynamic))]),
    function("pivot", Fresh, &[overload(&[one("pivot_column", NotDynamic).column(), maybe("aggregate_function", Scalar).aggregate(), many("column_name", Scalar, 0).column()], Type(Dynamic))]),
    function("preview", Fresh, &[overload(&[one("number_of_rows", Integer)], Type(Dynamic))]),
    function("python", Fresh, &[overload(&[one("output_schema", TypeName), one("script", Of(String)), maybe("arguments", Bag), maybe("artifacts", Bag)], Type(Dynamic))]),
    function("r", Fresh, &[overload(&[one("output_schema", TypeName), one("script", Of(String)), maybe("arguments", Bag)], Type(Dynamic))]),
    function("rolling_percentile", Fresh, &[overload(&[one("value_column", Summable).column(), one("percentile", Number).constant(), one("index_column", Summable).column(), one("bin_size", Summable), one("bins_per_window", Integer).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("rows_near", Fresh, &[overload(&[one("condition", Of(Bool)), one("num_rows", Integer).constant(), maybe("num_rows_after", Integer).constant()], Type(Dynamic))]),
    function("session_count", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("bin", Summable).constant(), one("look_back_window", Summable).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("sequence_detect", Fresh, &[overload(&[one("timeline_column", Summable).column(), one("max_seqeunce_step_window", Summable).constant(), one("max_sequence_span", Summable).constant(), many("expr", Of(Bool), 1), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("sliding_window_counts", Fresh, &[overload(&[one("id_column", NotDynamic).column(), one("timeline_column", Summable).column(), one("start", Summable).constant(), one("end", Summable).constant(), one("look_back_window", Summable).constant(), one("step", Summable).constant(), many("dimension", NotDynamic, 0).column()], Type(Dynamic))]),
    function("sql_request", Fresh, &[overload(&[one("connection_string", Of(String)), one("sql_query", Of(String)), maybe("sql_parameters", Bag), maybe("options", Bag)], Type(Dynamic))]),
    function("mysql_request", Fresh, &[overload(&[one("connection_string", Of(String)), one("sql_query", Of(String)), maybe("sql_parameters", Bag), maybe("options", Bag)], Type(Dynamic))]),
    function("postgresql_request", Fresh, &[overload(&[one("connection_string", Of(String)), one("sql_query", Of(String)), maybe("sql_parameters", Bag), maybe("options", Bag)], Type(Dynamic))]),
    function("dax_request", Fresh, &[overload(&[one("connection_string", Of(String)), one("dax_query", Of(String)), maybe("dax_parameters", Bag), maybe("options", Bag)], Type(Dynamic))]),
    function("ai_embed_text", Fresh, &[overload(&[one("text", Scalar), one("connection_string", Of(String)), maybe("options", Bag), maybe("include_error_messages", Of(Bool))], Type(Dynamic))]),
    function("ai_chat_completion", Fresh, &[overload(&[one("prompt", Array), one("connection_string", Of(String)), maybe("options", Bag), maybe("include_error_messages", Of(Bool))], Type(Dynamic))]),
    function("ai_chat_completion_prompt", Fresh, &[overload(&[one("prompt", Of(String)), one("connection_string", Of(String)), maybe("options", Bag), maybe("include_error_messages", Of(Bool))], Type(Dynamic))]),
    function("ai_embeddings", Fresh, &[overload(&[one("text", Scalar), one("connection_string", Of(String)), maybe("options", Bag), maybe("include_error_messages", Of(Bool))], Type(Dynamic))]),
];
