//! What a table is made of. Built-in tables and those that users bring have the same shape.

use kql_types::schema::TableSchema;

/// A table: its columns, and the views that fill it from Windows events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// Name and columns, in the order in which a query without `project` returns them.
    pub schema: TableSchema,
    /// The sources of the table's rows besides rows exported from the table itself. Their order is
    /// the order in which rows are appended; no row comes from two views.
    pub views: Vec<View>,
}

/// One event source of a table, as a KQL query over `WindowsEvent`.
///
/// The query's columns are columns of the table, with the table's types, in any order. A column of
/// the table that the query leaves out is null in the view's rows, or `""` if it is a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The name, unique within the table: `sysmon_1` for example.
    pub name: String,
    /// The KQL text.
    pub text: String,
}
