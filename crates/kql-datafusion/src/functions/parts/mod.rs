//! What operators and views are made of: functions that are not KQL's.

mod event_activity;
mod event_xml;
mod graph_components;
mod maybe_missing;
mod parse_captures;
mod parse_kv;
pub(crate) mod range_rows;
mod series_of_points;

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

pub(crate) use self::maybe_missing::maybe_missing;
use super::{Args, Call, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    event_activity::EVENT_ACTIVITY,
    event_xml::EVENT_DATA_XML,
    event_xml::EVENT_PARAMS_XML,
    graph_components::GRAPH_COMPONENTS,
    super::sketches::DCOUNT_COMMON,
    parse_captures::PARSE_CAPTURES,
    parse_kv::PARSE_KV,
    parse_kv::PARSE_KV_REGEX,
    series_of_points::SERIES_OF_POINTS,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &event_activity::ACTIVITY,
    &event_xml::DATA,
    &event_xml::PARAMS,
    &graph_components::COMPONENTS,
    &maybe_missing::BOOL,
    &maybe_missing::INT,
    &maybe_missing::LONG,
    &maybe_missing::REAL,
    &maybe_missing::TEXT,
    &parse_captures::CAPTURES,
    &parse_kv::DELIMITED,
    &parse_kv::MATCHED,
    &range_rows::DATETIMES,
    &range_rows::LONGS,
    &range_rows::REALS,
    &series_of_points::SERIES,
];

/// Returns an argument that is a constant text.
fn constant_text(call: &Call, index: usize) -> Option<String> {
    match call.arg(index)? {
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => Some(text),
        _ => None,
    }
}
