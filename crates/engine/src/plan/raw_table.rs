//! A raw table as a leaf of a logical plan: plain data, without rows.
//!
//! A plan over raw tables is optimised first, so that its leaves say which columns and which
//! filters they need; then all leaves of a run are read in one pass, and each is replaced by its
//! stored rows. See [`crate::scan::pass`].

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    error::Result,
    logical_expr::{Expr, TableProviderFilterPushDown, TableSource},
};
use kql_datafusion::{PathForm, ScanColumn, data_type};
use kql_types::KqlType;

use crate::evidence;

/// The column that has the table's name, also where an export leaves it empty.
pub(crate) const TYPE: &str = "Type";

/// The leaf.
#[derive(Debug)]
pub(crate) struct RawTable {
    name: Arc<str>,
    columns: Vec<ScanColumn>,
    schema: SchemaRef,
}

impl RawTable {
    /// Makes the leaf that delivers `columns` of the table.
    pub(crate) fn new(name: &str, columns: &[ScanColumn]) -> Self {
        let fields: Vec<Field> = columns.iter().map(field).collect();
        Self { name: name.into(), columns: columns.to_vec(), schema: Arc::new(Schema::new(fields)) }
    }

    /// Returns the table's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the columns, in the order of the schema.
    pub(crate) fn columns(&self) -> &[ScanColumn] {
        &self.columns
    }
}

impl TableSource for RawTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Accepts every filter but those that wait for the query's time or for other rows, which may be
    /// known only when all input has been read.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        filters
            .iter()
            .map(|filter| {
                Ok(if waits(filter)? {
                    TableProviderFilterPushDown::Unsupported
                } else {
                    TableProviderFilterPushDown::Exact
                })
            })
            .collect()
    }
}

/// Returns a column's field, named as the column displays.
pub(crate) fn field(column: &ScanColumn) -> Field {
    let (data_type, nullable) = match column {
        ScanColumn::Column { ty, .. } => (encoding(*ty), *ty != KqlType::String),
        ScanColumn::Path { form, .. } => (DataType::Utf8View, *form != PathForm::Text),
        ScanColumn::Evidence => (evidence::data_type(), false),
    };
    Field::new(column.to_string(), data_type, nullable)
}

/// Returns the Arrow type that a reader fills for a column.
pub(crate) fn encoding(ty: KqlType) -> DataType {
    data_type(ty).unwrap_or(DataType::Null)
}

fn waits(expr: &Expr) -> Result<bool> {
    let mut found = false;
    expr.apply(|node| {
        Ok(if matches!(node, Expr::Placeholder(_) | Expr::ScalarSubquery(_)) {
            found = true;
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    })?;
    Ok(found)
}
