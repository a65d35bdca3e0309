//! Recognising a natively exported table by its name or its columns.

mod index;
pub(crate) mod user_shape;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use kql_types::schema::TableSchema;

use self::{index::Index, user_shape::UserShape};
use crate::problem::Reason;

/// Columns that an export may have or lack whatever its table: the service adds them.
const SERVICE_COLUMNS: [&str; 10] = [
    "$table",
    "TableName",
    "TenantId",
    "TimeGenerated",
    "Timestamp",
    "Type",
    "SourceSystem",
    "MachineGroup",
    "_ResourceId",
    "_ItemId",
];

/// Columns that name the table of a row: Log Analytics' own, that of `search`, and what people call one
/// with `union withsource`.
pub(crate) const TABLE_COLUMNS: [&str; 3] = ["Type", "$table", "TableName"];

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

/// The names under which an export may have a row's time, the first one counts.
pub(crate) const TIME_COLUMNS: [&str; 2] = ["TimeGenerated", "Timestamp"];

/// Columns of its own by which a table is known that no name tells: a few may be another's that nobody
/// has documented.
const ENOUGH: usize = 4;

/// A table of which exports may be met.
#[derive(Clone, Debug)]
pub struct ExportedTable {
    /// Its columns.
    pub schema: TableSchema,
    /// Its rows may come without a time: they are states, not events.
    pub may_lack_time: bool,
}

/// Makes tables when they are asked for.
type TableSource = Arc<dyn Fn() -> Vec<ExportedTable> + Send + Sync>;

/// The tables that an export can be of, and what users say of their own exports.
#[derive(Clone, Default)]
pub struct KnownTables {
    /// Those that have to be asked for at all times.
    tables: Vec<TableSchema>,
    /// Those that are only needed once an export is met.
    more: Option<TableSource>,
    /// All of them, once an export has been met.
    index: OnceLock<Arc<Index>>,
    /// By table: what an export calls a column, and the column.
    renamed: BTreeMap<String, BTreeMap<String, String>>,
    shapes: Vec<UserShape>,
}

impl fmt::Debug for KnownTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.tables.iter().map(|table| &*table.name).collect();
        f.debug_struct("KnownTables").field("tables", &names).finish_non_exhaustive()
    }
}

impl KnownTables {
    /// Returns the tables, which are known by their names from now on.
    pub fn new(tables: Vec<TableSchema>) -> Self {
        Self { tables, ..Self::default() }
    }

    /// Adds tables that are made when the first export is met, so that inputs without one do not pay
    /// for them. They have names of their own.
    ///
    /// An export is of one of them if a name says so, or a few of its columns are that table's alone.
    pub fn add_source(&mut self, more: Arc<dyn Fn() -> Vec<ExportedTable> + Send + Sync>) {
        self.more = Some(more);
        self.index = OnceLock::new();
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

    /// Yields the tables, and those that were added with [`add_source`](Self::add_source).
    pub fn all(&self) -> impl Iterator<Item = &TableSchema> {
        self.index().tables()
    }

    /// Returns the table of that exact name.
    pub fn get(&self, name: &str) -> Option<&TableSchema> {
        let held = self.tables.iter().find(|table| table.name == name);
        held.or_else(|| self.index().get(name))
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
        names.iter().any(|name| self.index().is_datetime(name))
    }

    /// Returns the table that an export with these columns is of.
    ///
    /// It is the one table that has all of them. Several that have them all are told apart by
    /// `stems`, the names of the file and of its archive without extension: the one that starts
    /// with a table's name decides. Failing that, the one table all of whose own columns are
    /// there. A stem also decides for an export that has columns its table lacks, as long as half
    /// of them are the table's. What fits none of the tables of [`new`](Self::new) but one is that one,
    /// whichever of the others it fits.
    ///
    /// # Errors
    ///
    /// [`Reason::AmbiguousTable`], [`Reason::FewColumns`] or [`Reason::UnknownTable`]: there is no
    /// guessing.
    pub(crate) fn identify(
        &self,
        columns: &[&str],
        stems: &[&str],
    ) -> Result<&TableSchema, Reason> {
        let columns: Vec<&str> =
            columns.iter().copied().filter(|name| !is_annotation(name)).collect();
        let own: Vec<&str> = columns.iter().copied().filter(|name| !is_of_service(name)).collect();
        let shares = self.shares(&own);
        let fitting: Vec<&TableSchema> = shares
            .iter()
            .filter(|share| share.columns == own.len() && !own.is_empty())
            .map(|share| share.table)
            .collect();
        // What users and views name is few and meant; of hundreds of tables some may fit by chance.
        let is_enough = |table: &TableSchema| own.len() >= ENOUGH || self.is_held(table);
        if let [table] = *fitting
            && is_enough(table)
        {
            return Ok(table);
        }
        let named = stems.iter().find_map(|stem| self.named_by(stem));
        if let Some(table) = named
            && self.has_half_of(table, &own)
        {
            return Ok(table);
        }
        // Some tables of the cloud are twins of one that events fill, with a column more that tells them.
        let mut held = fitting.iter().filter(|table| self.is_held(table));
        if let (Some(table), None) = (held.next(), held.next())
            && own.len() >= ENOUGH
        {
            return Ok(table);
        }
        let is_complete = |table: &&&TableSchema| {
            let mut its_own = table.columns.iter().filter(|column| !is_of_service(&column.name));
            its_own.all(|column| own.contains(&&*column.name))
        };
        let complete: Vec<&&TableSchema> = fitting.iter().filter(is_complete).collect();
        match (&*complete, &*fitting) {
            ([table], _) => Ok(table),
            (_, []) => match self.without_added(&own, &shares) {
                Some(table) => Ok(table),
                None => Err(Reason::UnknownTable { columns: self.strangers(&columns) }),
            },
            (_, [table]) => Err(Reason::FewColumns { table: table.name.clone() }),
            _ => Err(Reason::AmbiguousTable {
                candidates: fitting.iter().map(|table| table.name.clone()).collect(),
            }),
        }
    }

    /// Returns how many of these columns each table has, of those that have any.
    fn shares<'k>(&'k self, columns: &[&str]) -> Vec<Share<'k>> {
        let mut counts: BTreeMap<&str, Share<'k>> = BTreeMap::new();
        for name in columns {
            for table in self.tables_with(name) {
                let share = counts.entry(&table.name).or_insert(Share { table, columns: 0 });
                share.columns = share.columns.saturating_add(1);
            }
        }
        counts.into_values().collect()
    }

    /// Returns the tables that have a column, under whatever name an export has it; each once.
    fn tables_with(&self, name: &str) -> Vec<&TableSchema> {
        let index = self.index();
        let bare = without_union_suffix(name).into_iter();
        let mut tables: Vec<&TableSchema> =
            std::iter::once(name).chain(bare).flat_map(|name| index.with_column(name)).collect();
        let renamed = self.renamed.iter().filter(|(_, names)| names.contains_key(name));
        tables.extend(renamed.filter_map(|(table, _)| self.get(table)));
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        tables.dedup_by(|one, other| one.name == other.name);
        tables
    }

    /// Returns the table that has most of the columns, if the others were added to its export.
    ///
    /// They have to be few: what shares a handful of names with a table is not an export of it. And they
    /// are not a join's: no table that is much like it has one of them.
    fn without_added<'k>(
        &'k self,
        columns: &[&str],
        shares: &[Share<'k>],
    ) -> Option<&'k TableSchema> {
        let most = shares.iter().map(|share| share.columns).max()?;
        let mut with_most = shares.iter().filter(|share| share.columns == most);
        let (Some(best), None) = (with_most.next(), with_most.next()) else { return None };
        let is_added = |name: &&&str| !self.has_column(best.table, name);
        let added: Vec<&&str> = columns.iter().filter(is_added).collect();
        let is_export = most >= ENOUGH && added.len().checked_mul(2)? <= most;
        let is_like_it = |share: &&Share<'_>| share.columns.saturating_mul(2) >= most;
        let of_a_join = shares.iter().filter(is_like_it).any(|share| {
            share.table.name != best.table.name
                && added.iter().any(|name| self.has_column(share.table, name))
        });
        (is_export && !of_a_join).then_some(best.table)
    }

    /// Returns the table whose name a file's stem starts with, the longest of them.
    fn named_by(&self, stem: &str) -> Option<&TableSchema> {
        let names_it = |table: &&TableSchema| {
            stem.strip_prefix(&*table.name)
                .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
        };
        self.index().tables().filter(names_it).max_by_key(|table| table.name.len())
    }

    /// Tells whether rows of a table may come without a time.
    pub(crate) fn may_lack_time(&self, table: &TableSchema) -> bool {
        self.index().may_lack_time(&table.name)
    }

    fn is_held(&self, table: &TableSchema) -> bool {
        self.tables.iter().any(|held| held.name == table.name)
    }

    fn has_half_of(&self, table: &TableSchema, columns: &[&str]) -> bool {
        let known = columns.iter().filter(|name| self.has_column(table, name)).count();
        known > 0 && known.saturating_mul(2) >= columns.len()
    }

    /// Returns the columns that no table has, or all of them if each is in some table.
    fn strangers(&self, columns: &[&str]) -> Vec<String> {
        let is_strange = |name: &&&str| !is_of_service(name) && self.tables_with(name).is_empty();
        let strange: Vec<String> =
            columns.iter().filter(is_strange).map(|name| (*name).to_owned()).collect();
        if strange.is_empty() {
            columns.iter().map(|name| (*name).to_owned()).collect()
        } else {
            strange
        }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let more = self.more.as_ref().map(|more| more()).unwrap_or_default();
            let held = self.tables.iter().map(|schema| ExportedTable {
                schema: schema.clone(),
                may_lack_time: !has_time(schema),
            });
            Arc::new(Index::new(held.chain(more).collect()))
        })
    }
}

/// How many columns of an export a table has.
struct Share<'k> {
    table: &'k TableSchema,
    columns: usize,
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

/// Tells whether rows of a table have a time: a user's own table may do without.
pub(crate) fn has_time(table: &TableSchema) -> bool {
    TIME_COLUMNS.iter().any(|name| table.column(name).is_some())
}

fn is_of_service(name: &str) -> bool {
    SERVICE_COLUMNS.contains(&name)
}

#[cfg(test)]
mod tests {
    use kql_types::{KqlType, schema::ColumnSchema};

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
