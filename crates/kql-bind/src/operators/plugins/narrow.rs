//! `narrow`: a row for each value, as text.
//!
//! Source: <https://learn.microsoft.com/kusto/query/narrow-plugin>

use kql_syntax::Span;
use kql_types::KqlType;

use super::super::parts::{
    build::{call, element_of, long, numbered, select_renamed, text, with_columns},
    window::windowed,
};
use crate::{
    binder::{Binder, column_expr},
    conversion::convert,
    tree::{Column, Expand, ExpandedArray, PathStep, Relation, RelationKind, WindowFunction},
};

impl Binder<'_> {
    pub(super) fn run_narrow(&mut self, rows: &Relation, span: Span) -> Relation {
        let names: Vec<Column> = rows.columns.clone();
        let row = self.fresh_column("Row", KqlType::Long);
        let args = vec![long(0, span)];
        let function = WindowFunction { function: "row_number", args, output: row.clone(), span };
        let pairs = names.iter().map(|column| {
            let value = convert(column_expr(column, span), KqlType::String);
            call("pack_array", vec![text(&column.name, span), value], KqlType::Dynamic, span)
        });
        let pairs = call("pack_array", pairs.collect(), KqlType::Dynamic, span);
        let mut numbered_rows = windowed(rows.clone(), Vec::new(), vec![function]);
        numbered_rows.columns = numbered(numbered_rows.columns);
        let column = self.hidden_column("pair", KqlType::Dynamic);
        let array = ExpandedArray { source: pairs, column: column.clone(), bags_as_pairs: false };
        let mut columns = numbered_rows.columns.clone();
        columns.push(column.clone());
        let expand = Expand { input: numbered_rows, arrays: vec![array], index: None, limit: None };
        let expanded = Relation { kind: RelationKind::Expand(Box::new(expand)), columns, span };
        let part =
            |at| element_of(column_expr(&column, span), vec![PathStep::Index(at)], KqlType::String);
        let name = self.fresh_column("Column", KqlType::String);
        let value = self.fresh_column("Value", KqlType::String);
        let narrow = vec![row, name.clone(), value.clone()];
        let mut named = with_columns(expanded, vec![(name, part(0)), (value, part(1))]);
        named.columns = numbered(named.columns);
        select_renamed(named, narrow, span)
    }
}
