//! Operators over graphs.

pub(super) mod graph_match;
pub(super) mod graph_to_table;
pub(super) mod graph_where;
pub(super) mod make_graph;
