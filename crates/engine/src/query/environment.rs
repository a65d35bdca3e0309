//! The tables and functions that queries may name.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use kql_bind::{Catalog, TableDefinition, catalog::ViewText, matches_pattern};
use kql_types::{Ticks, schema::TableSchema};
use sources::{ExportedTable, KnownTables, UserShape};

use super::{
    given::{self, FILE_PROFILE, FileProfiles, Given, Room, WATCHLIST, Watchlist},
    open_columns::Answers,
};
use crate::{scan::balance::Balance, schemas::Schemas};

/// Where functions find watchlists: this and the name.
const WATCHLISTS_AT: &str = "quarry:watchlist/";
/// A pattern that more tables match stands for those that the input holds.
const MAX_OF_PATTERN: usize = 64;
/// Where functions find the profiles of files.
const PROFILES_AT: &str = "quarry:file-profiles";

/// Tables with their views, and saved functions, by name; and what the user gives in the place of
/// what a service would have.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    tables: BTreeMap<Arc<str>, TableDefinition>,
    /// Whose documented tables there are besides.
    documented: Option<tables::Environment>,
    /// Of those, the ones that patterns stand for which many match; all of them if nothing is said.
    in_patterns: Option<BTreeSet<Arc<str>>>,
    functions: BTreeMap<Arc<str>, Arc<str>>,
    /// By name.
    watchlists: BTreeMap<Arc<str>, Watchlist>,
    file_profiles: Option<FileProfiles>,
    /// The files in the place of addresses.
    external: BTreeMap<Arc<str>, PathBuf>,
    room: Room,
    /// What queries have been told of columns that only the data knows.
    pub(crate) answers: Answers,
    geo_database: Option<Arc<str>>,
    /// How long after its event a row is ingested, where that is known.
    ingestion_delay: Option<Ticks>,
    /// Table, what exports call a column of it, and the column.
    renamed: Vec<[String; 3]>,
    shapes: Vec<UserShape>,
}

impl Environment {
    /// Returns an environment without tables.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Returns the tables of Defender, Sentinel or both; with both, also the saved functions over them.
    ///
    /// A pattern such as `*`, which many match, stands for tables that events fill, and for those that were
    /// added; see [`hold`](Self::hold).
    pub fn builtin(environment: tables::Environment) -> Self {
        let mut this = Self::empty();
        this.documented = Some(environment);
        this.in_patterns = Some(BTreeSet::new());
        for table in tables::catalog(environment) {
            this.add(table);
        }
        for (name, text) in given::FUNCTIONS {
            this.add_function(name, text);
        }
        if environment == tables::Environment::Both {
            for function in tables::functions() {
                this.add_function(function.name, function.text);
            }
        }
        this
    }

    /// Adds a table, in place of one of the same name.
    pub fn add(&mut self, table: tables::TableDefinition) {
        let name: Arc<str> = table.schema.name.as_str().into();
        let views = table
            .views
            .into_iter()
            .map(|view| ViewText::new(format!("{name}/{}", view.name), view.text))
            .collect();
        let schema = Arc::new(table.schema);
        self.tables.insert(name, TableDefinition { schema, views });
    }

    /// Lets patterns that many tables match stand for these documented ones, too: those that an input holds.
    pub fn hold(&mut self, tables: impl IntoIterator<Item = String>) {
        let held = self.in_patterns.get_or_insert_default();
        held.extend(tables.into_iter().map(Arc::from));
    }

    /// Returns the tables of an input that the patterns of a query would stand for, had [`hold`](Self::hold)
    /// named them.
    pub fn not_held(&self, patterns: &BTreeSet<String>, balance: &Balance) -> BTreeSet<String> {
        let read: BTreeSet<&String> =
            balance.members.iter().flat_map(|member| &member.tables).collect();
        let mut found = BTreeSet::new();
        for pattern in patterns.iter().filter(|_| !read.is_empty()) {
            let known = self.tables_of_pattern(pattern);
            let is_new = |table: &&&String| {
                matches_pattern(pattern, table) && !known.iter().any(|it| **it == ***table)
            };
            found.extend(read.iter().filter(is_new).map(|table| (*table).clone()));
        }
        found
    }

    /// Adds a saved function, `(parameters) { body }`, in place of one of the same name.
    pub fn add_function(&mut self, name: &str, text: &str) {
        self.functions.insert(name.into(), text.into());
    }

    /// Gives a watchlist for `_GetWatchlist`, in place of one of the same name.
    pub fn add_watchlist(&mut self, name: &str, watchlist: Watchlist) {
        self.watchlists.insert(name.into(), watchlist);
    }

    /// Sets what all data that is given may take in memory.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
    }

    /// Returns what all data that is given may take in memory.
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Returns the table at an address of ours: one that a function of what is given scans.
    pub(crate) fn given(&self, address: &str) -> Option<&Given> {
        match address.strip_prefix(WATCHLISTS_AT) {
            Some(name) => self.watchlists.get(name).map(Watchlist::given),
            None => self
                .file_profiles
                .as_ref()
                .filter(|_| address == PROFILES_AT)
                .map(FileProfiles::given),
        }
    }

    /// Gives the profiles of files for `FileProfile`: a row for each file, by its hashes.
    pub fn set_file_profiles(&mut self, profiles: FileProfiles) {
        self.file_profiles = Some(profiles);
    }

    /// Gives a file in the place of the data at an address, for `externaldata`.
    pub fn add_external(&mut self, address: &str, path: &Path) {
        self.external.insert(address.into(), path.to_owned());
    }

    /// Returns the file in the place of an address; what follows `?` or `;` in it, where secrets
    /// stand, does not count unless the file was given with it.
    pub(crate) fn external(&self, address: &str) -> Option<&Path> {
        let plain = address.split(['?', ';']).next().unwrap_or(address);
        self.external.get(address).or_else(|| self.external.get(plain)).map(PathBuf::as_path)
    }

    /// Gives the database of addresses for `geo_info_from_ip_address`.
    pub fn set_geo_database(&mut self, path: &Path) {
        self.geo_database = Some(path.to_string_lossy().into());
    }

    /// Takes the time of an event for the time at which it was ingested, which files do not tell.
    pub fn assume_ingestion_at_event(&mut self) {
        self.assume_ingestion_after(0);
    }

    /// Takes a time so long after that of an event for the time at which it was ingested.
    ///
    /// - `delay`: in ticks.
    pub fn assume_ingestion_after(&mut self, delay: Ticks) {
        self.ingestion_delay = Some(delay);
    }

    /// Returns the path of the database of addresses.
    pub(crate) fn geo_database(&self) -> Option<Arc<str>> {
        self.geo_database.clone()
    }

    /// Adds a view to a table, and tells whether there is that table.
    ///
    /// The view's query is over other tables, and its columns are columns of the table.
    pub fn add_view(&mut self, table: &str, name: &str, text: &str) -> bool {
        let documented = self.schema(table).filter(|_| !self.tables.contains_key(table));
        if let Some(schema) = documented {
            self.tables.insert(table.into(), TableDefinition { schema, views: Vec::new() });
        }
        let Some(definition) = self.tables.get_mut(table) else { return false };
        definition.views.push(ViewText::new(format!("{table}/{name}"), text));
        true
    }

    /// Adds a name that exports have for a column, and tells whether there is that column.
    pub fn rename(&mut self, table: &str, exported: &str, column: &str) -> bool {
        let schema = self.schema(table);
        let is_known = schema.is_some_and(|schema| schema.column(column).is_some());
        if is_known {
            self.renamed.push([table, exported, column].map(str::to_owned));
        }
        is_known
    }

    /// Adds a shape of JSON that holds events.
    pub fn add_shape(&mut self, shape: UserShape) {
        self.shapes.push(shape);
    }

    /// Returns what readers have to know of exports.
    pub fn known(&self) -> KnownTables {
        let schemas = self.schemas().map(|schema| (**schema).clone()).collect();
        let mut known = KnownTables::new(schemas);
        if let Some(environment) = self.documented {
            let own: BTreeSet<Arc<str>> = self.tables.keys().cloned().collect();
            known.add_source(Arc::new(move || {
                let names = tables::documented_names(environment);
                names
                    .filter(|name| !own.contains(*name))
                    .filter_map(|name| {
                        let schema = tables::documented(environment, name)?;
                        Some(ExportedTable { schema, may_lack_time: tables::is_of_states(name) })
                    })
                    .collect()
            }));
        }
        for [table, exported, column] in &self.renamed {
            known.rename(table, exported, column);
        }
        for shape in &self.shapes {
            known.add_shape(shape.clone());
        }
        known
    }

    /// Returns the same tables without their views: enough to check a query, not to run it. Patterns
    /// stand for all of them.
    #[must_use]
    pub fn without_views(mut self) -> Self {
        for table in self.tables.values_mut() {
            table.views.clear();
        }
        self.in_patterns = None;
        self
    }

    /// Returns the columns of the table of that exact name.
    pub fn schema(&self, name: &str) -> Option<Arc<TableSchema>> {
        match self.tables.get(name) {
            Some(table) => Some(Arc::clone(&table.schema)),
            None => tables::documented(self.documented?, name).map(Arc::new),
        }
    }

    /// Yields the names of the tables that only exports fill, in order.
    pub fn documented_names(&self) -> impl Iterator<Item = &'static str> {
        let names = self.documented.into_iter().flat_map(tables::documented_names);
        names.filter(|name| !self.tables.contains_key(*name))
    }

    /// Returns the names of all tables, in order.
    pub fn names(&self) -> BTreeSet<Arc<str>> {
        self.documented_names().map(Arc::from).chain(self.tables.keys().cloned()).collect()
    }

    /// Returns all tables, to be asked by name.
    pub(crate) fn all_schemas(&self) -> Schemas {
        Schemas::new(self.schemas(), self.documented)
    }

    /// Returns the columns of every table that events fill or that was added, by name.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<TableSchema>> {
        self.tables.values().map(|table| &table.schema)
    }

    /// Returns the views of a table: name and text.
    pub fn views(&self, table: &str) -> &[ViewText] {
        self.tables.get(table).map_or(&[], |table| &table.views)
    }
}

impl Catalog for Environment {
    fn table(&self, name: &str) -> Option<TableDefinition> {
        let documented = || Some(TableDefinition { schema: self.schema(name)?, views: Vec::new() });
        self.tables.get(name).cloned().or_else(documented)
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.names().into_iter().collect()
    }

    fn tables_of_pattern(&self, pattern: &str) -> Vec<Arc<str>> {
        let mut names = self.table_names();
        names.retain(|name| matches_pattern(pattern, name));
        if let Some(held) = &self.in_patterns
            && names.len() > MAX_OF_PATTERN
        {
            let is_held = |name: &Arc<str>| self.tables.contains_key(name) || held.contains(name);
            let of_input: Vec<_> = names.iter().filter(|name| is_held(name)).cloned().collect();
            return if of_input.is_empty() { names } else { of_input };
        }
        names
    }

    fn renamed_table(&self, name: &str) -> Vec<&'static str> {
        tables::renamed_table(name).collect()
    }

    fn renamed_column(&self, name: &str) -> Vec<&'static str> {
        tables::renamed_column(name).collect()
    }

    fn function_names(&self) -> Vec<Arc<str>> {
        self.functions.keys().cloned().collect()
    }

    fn function(&self, name: &str) -> Option<Arc<str>> {
        self.functions.get(name).cloned()
    }

    fn function_for(&self, name: &str, first: Option<&str>) -> Option<Arc<str>> {
        let given = match name {
            WATCHLIST => {
                let name = first?;
                let address = format!("{WATCHLISTS_AT}{name}");
                self.watchlists.get(name).map(|list| list.function(&address).into())
            }
            FILE_PROFILE => {
                let hash = first.unwrap_or("SHA1");
                let function = || FileProfiles::function(PROFILES_AT, hash).into();
                self.file_profiles.as_ref().map(|_| function())
            }
            _ => None,
        };
        given.or_else(|| self.function(name))
    }

    fn takes_column_names(&self, name: &str) -> bool {
        name == FILE_PROFILE
    }

    fn ingestion_time(&self) -> &[&str] {
        if self.ingestion_delay.is_some() { &["TimeGenerated", "Timestamp"] } else { &[] }
    }

    fn ingestion_delay(&self) -> Ticks {
        // If it is not known, `ingestion_time` has no columns, and nobody asks.
        self.ingestion_delay.unwrap_or(0)
    }
}
