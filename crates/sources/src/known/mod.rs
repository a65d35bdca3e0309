//! Recognising a natively exported table by its name or its columns.

pub(crate) mod user_shape;

use std::collections::BTreeMap;

use kql_types::{KqlType, schema::TableSchema};

use self::user_shape::UserShape;
use crate::problem::Reason;

/// Columns that an export may have or lack whatever its table: the service adds them.
const SERVICE_COLUMNS: [&str; 8] = [
    "TenantId",
    "TimeGenerated",
    "Timestamp",
    "Type",
    "SourceSystem",
    "MachineGroup",
    "_ResourceId",
    "_ItemId",
];

/// What a union writes behind the name of a column that two tables have with different types.
const UNION_SUFFIXES: [&str; 10] = [
    "_string",
    "_dynamic",
    "_long",
    "_int",
    "_datetime",
    "_bool",
    "_real",
    "_guid",
    "_timespan",
    "_decimal",
];

/// Columns of a table that an export needs to have to be one of it in spite of columns added.
const KNOWN_BESIDE_ADDED: usize = 4;

/// The tables that an export can be of, and what users say of their own exports.
#[derive(Clone, Debug, Default)]
pub struct KnownTables {
    tables: Vec<TableSchema>,
    /// By table: what an export calls a column, and the column.
    renamed: BTreeMap<String, BTreeMap<String, String>>,
    shapes: Vec<UserShape>,
}

impl KnownTables {
    /// Returns the tables, which are known by their names from now on.
    pub fn new(tables: Vec<TableSchema>) -> Self {
        Self { tables, ..Self::default() }
    }

    /// Adds a name that exports may have for a column of a table.
    pub fn rename(&mut self, table: &str, exported: &str, column: &str) {
        let names = self.renamed.entry(table.to_owned()).or_default();
        names.insert(exported.to_owned(), column.to_owned());
    }

    /// Adds a shape of JSON that holds events; those added are tried before the built-in ones.
    pub fn add_shape(&mut self, shape: UserShape) {
        self.shapes.push(shape);
    }

    /// Returns the shapes added.
    pub(crate) fn shapes(&self) -> &[UserShape] {
        &self.shapes
    }

    /// Returns the tables.
    pub fn tables(&self) -> &[TableSchema] {
        &self.tables
    }

    /// Returns the table of that exact name.
    pub fn get(&self, name: &str) -> Option<&TableSchema> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// Returns the names under which an export may have a column of a table, the likeliest first.
    pub(crate) fn aliases(&self, table: &TableSchema, column: &str) -> Vec<String> {
        let renamed = self.renamed.get(&table.name).into_iter().flatten();
        let own = renamed.filter(|(_, renamed)| *renamed == column).map(|(name, _)| name.clone());
        column_aliases(column).into_iter().chain(own).collect()
    }

    /// Tells whether the table has the column, under whatever name an export has it.
    pub(crate) fn has_column(&self, table: &TableSchema, name: &str) -> bool {
        let is_renamed =
            self.renamed.get(&table.name).is_some_and(|renamed| renamed.contains_key(name));
        is_renamed || has_column(table, name)
    }

    /// Tells whether any table has a column of that name for times.
    pub(crate) fn is_datetime(&self, name: &str) -> bool {
        let bare = without_union_suffix(name).unwrap_or(name);
        let renamed = self.renamed.values().find_map(|names| names.get(name));
        let names = [name, bare, renamed.map_or(name, String::as_str)];
        let mut columns = self.tables.iter().flat_map(|table| &table.columns);
        columns.any(|column| column.ty == KqlType::Datetime && names.contains(&&*column.name))
    }

    /// Returns the table that an export with these columns is of.
    ///
    /// It is the one table that has all of them. Several that have them all are told apart by
    /// `stems`, the names of the file and of its archive without extension: the one that starts
    /// with a table's name decides. Failing that, the one table all of whose own columns are
    /// there. A stem also decides for an export that has columns its table lacks, as long as half
    /// of them are the table's.
    ///
    /// # Errors
    ///
    /// [`Reason::AmbiguousTable`] or [`Reason::UnknownTable`]: there is no guessing.
    pub(crate) fn identify(
        &self,
        columns: &[&str],
        stems: &[&str],
    ) -> Result<&TableSchema, Reason> {
        let columns: Vec<&str> =
            columns.iter().copied().filter(|name| !is_annotation(name)).collect();
        let columns = &*columns;
        let own: Vec<&str> = columns.iter().copied().filter(|name| !is_of_service(name)).collect();
        let fitting: Vec<&TableSchema> = self
            .tables
            .iter()
            .filter(|table| !own.is_empty() && own.iter().all(|name| self.has_column(table, name)))
            .collect();
        if let [table] = *fitting {
            return Ok(table);
        }
        let named = stems.iter().find_map(|stem| self.named_by(stem));
        if let Some(table) = named
            && self.has_half_of(table, &own)
        {
            return Ok(table);
        }
        let complete: Vec<&&TableSchema> = fitting
            .iter()
            .filter(|table| {
                let mut its_own =
                    table.columns.iter().filter(|column| !is_of_service(&column.name));
                its_own.all(|column| own.contains(&&*column.name))
            })
            .collect();
        match (&*complete, &*fitting) {
            ([table], _) => Ok(table),
            (_, []) => match self.without_added(&own) {
                Some(table) => Ok(table),
                None => Err(Reason::UnknownTable { columns: self.strangers(columns) }),
            },
            _ => Err(Reason::AmbiguousTable {
                candidates: fitting.iter().map(|table| table.name.clone()).collect(),
            }),
        }
    }

    /// Returns the one table that has all columns but those that no table has, which whoever asked for
    /// the rows has added.
    ///
    /// They have to be few: what shares a handful of names with a table is not an export of it.
    fn without_added(&self, columns: &[&str]) -> Option<&TableSchema> {
        let is_known = |name: &&&str| self.tables.iter().any(|table| self.has_column(table, name));
        let known: Vec<&str> = columns.iter().filter(is_known).copied().collect();
        let added = columns.len().checked_sub(known.len())?;
        let is_export = known.len() >= KNOWN_BESIDE_ADDED && added.checked_mul(2)? <= known.len();
        let mut fitting = self
            .tables
            .iter()
            .filter(|table| known.iter().all(|name| self.has_column(table, name)));
        fitting.next().filter(|_| is_export && fitting.next().is_none())
    }

    /// Returns the table whose name a file's stem starts with, the longest of them.
    fn named_by(&self, stem: &str) -> Option<&TableSchema> {
        let names_it = |table: &&TableSchema| {
            stem.strip_prefix(&*table.name)
                .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
        };
        self.tables.iter().filter(names_it).max_by_key(|table| table.name.len())
    }

    fn has_half_of(&self, table: &TableSchema, columns: &[&str]) -> bool {
        let known = columns.iter().filter(|name| self.has_column(table, name)).count();
        known > 0 && known.saturating_mul(2) >= columns.len()
    }

    /// Returns the columns that no table has, or all of them if each is in some table.
    fn strangers(&self, columns: &[&str]) -> Vec<String> {
        let is_strange =
            |name: &&&str| !self.tables.iter().any(|table| self.has_column(table, name));
        let strange: Vec<String> =
            columns.iter().filter(is_strange).map(|name| (*name).to_owned()).collect();
        if strange.is_empty() {
            columns.iter().map(|name| (*name).to_owned()).collect()
        } else {
            strange
        }
    }
}

/// Returns a column's name without what a union has written behind it.
pub(crate) fn without_union_suffix(name: &str) -> Option<&str> {
    UNION_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix))
}

/// Returns the names under which an export may have a column, the likeliest first.
///
/// `TimeGenerated` and `Timestamp` stand in for each other: Sentinel's and Defender's name for the
/// time of the same row.
fn column_aliases(name: &str) -> Vec<String> {
    let twin = match name {
        "TimeGenerated" => Some("Timestamp"),
        "Timestamp" => Some("TimeGenerated"),
        _ => None,
    };
    let suffixed = UNION_SUFFIXES.iter().map(|suffix| format!("{name}{suffix}"));
    std::iter::once(name.to_owned()).chain(twin.map(str::to_owned)).chain(suffixed).collect()
}

/// Tells whether the table has the column, written as it is or by a union.
fn has_column(table: &TableSchema, name: &str) -> bool {
    is_of_service(name)
        || table.column(name).is_some()
        || without_union_suffix(name).is_some_and(|bare| table.column(bare).is_some())
}

/// Tells whether a key is no column but what the `OData` standard calls an annotation.
///
/// Source: <https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_AnnotateaJSONObject>
pub(crate) fn is_annotation(name: &str) -> bool {
    name.contains("@odata.")
}

fn is_of_service(name: &str) -> bool {
    SERVICE_COLUMNS.contains(&name)
}

#[cfg(test)]
mod tests {
    use kql_types::schema::ColumnSchema;

    use super::*;

    fn known() -> KnownTables {
        let tables = [
            ("Device", &["Timestamp", "Id", "Name"][..]),
            ("DeviceFile", &["Timestamp", "Id", "Name", "File", "Hash"]),
            ("DeviceNet", &["Timestamp", "Id", "Name", "Ip", "Port"]),
        ];
        KnownTables::new(
            tables
                .map(|(name, columns)| TableSchema {
                    name: name.to_owned(),
                    columns: columns
                        .iter()
                        .map(|name| ColumnSchema { name: (*name).to_owned(), ty: KqlType::String })
                        .collect(),
                })
                .to_vec(),
        )
    }

    fn name(columns: &[&str], stem: &str) -> Result<String, String> {
        let known = known();
        let table = known.identify(columns, &[stem]);
        table.map(|table| table.name.clone()).map_err(|reason| reason.to_string())
    }

    #[test]
    fn the_only_table_with_the_columns_is_it() {
        assert_eq!(name(&["Timestamp", "Id", "Ip"], "x"), Ok("DeviceNet".into()));
        assert_eq!(name(&["TimeGenerated", "Type", "Ip_string"], "x"), Ok("DeviceNet".into()));
    }

    #[test]
    fn names_decide_between_tables_that_fit() {
        assert_eq!(name(&["Timestamp", "Id"], "DeviceNet_2024"), Ok("DeviceNet".into()));
        assert_eq!(name(&["Timestamp", "Id"], "DeviceNet"), Ok("DeviceNet".into()));
        // A name that says otherwise does not outweigh the columns.
        assert_eq!(name(&["Timestamp", "Ip"], "DeviceFile"), Ok("DeviceNet".into()));
    }

    #[test]
    fn a_complete_table_is_it() {
        assert_eq!(name(&["Timestamp", "Id", "Name"], "x"), Ok("Device".into()));
    }

    #[test]
    fn there_is_no_guessing() {
        let error = name(&["Timestamp", "Id"], "DeviceNetworks").unwrap_err();
        assert!(error.contains("`Device`, `DeviceFile`, `DeviceNet`"), "{error}");
        let error = name(&["Timestamp", "Id", "Wrong"], "x").unwrap_err();
        assert!(error.contains("columns `Wrong`"), "{error}");
        let error = name(&["Ip", "Hash"], "x").unwrap_err();
        assert!(error.contains("columns `Ip`, `Hash`"), "{error}");
        assert!(name(&["Timestamp"], "x").is_err());
    }

    #[test]
    fn what_users_call_columns_is_known() {
        let mut known = known();
        assert!(known.identify(&["Timestamp", "addr"], &["x"]).is_err());
        known.rename("DeviceNet", "addr", "Ip");
        assert_eq!(known.identify(&["Timestamp", "addr"], &["x"]).unwrap().name, "DeviceNet");
        let table = known.get("DeviceNet").unwrap();
        assert_eq!(known.aliases(table, "Ip").last().map(String::as_str), Some("addr"));
    }

    #[test]
    fn a_name_decides_for_an_export_with_more_columns() {
        assert_eq!(name(&["Timestamp", "Id", "Wrong"], "DeviceNet"), Ok("DeviceNet".into()));
        assert!(name(&["A", "B", "Id"], "DeviceNet").is_err());
    }

    #[test]
    fn columns_that_were_added_leave_the_table_what_it_is() {
        let of = |added: &[&str]| {
            let own = ["Timestamp", "Id", "Name", "Ip", "Port"];
            name(&own.iter().chain(added).copied().collect::<Vec<_>>(), "x")
        };
        assert_eq!(of(&["Suspicious"]), Ok("DeviceNet".into()));
        assert_eq!(of(&["Suspicious", "Score"]), Ok("DeviceNet".into()));
        assert!(of(&["A", "B", "C"]).is_err());
        // A column of another table was not added: the rows are a join's.
        assert!(of(&["Hash"]).is_err());
        assert!(name(&["Timestamp", "Id", "Ip", "A"], "x").is_err());
    }

    #[test]
    fn annotations_are_no_columns() {
        let columns = ["@odata.type", "Timestamp", "Ip", "Ip@odata.type", "Id"];
        assert_eq!(name(&columns, "x"), Ok("DeviceNet".into()));
    }
}
