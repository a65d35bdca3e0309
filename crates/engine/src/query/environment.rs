//! The tables and functions that queries may name.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use kql_bind::{Catalog, TableDefinition, catalog::ViewText};
use kql_types::{Ticks, schema::TableSchema};
use sources::{KnownTables, UserShape};

use super::given::{self, FILE_PROFILE, FileProfiles, Given, Room, WATCHLIST, Watchlist};

/// Where functions find watchlists: this and the name.
const WATCHLISTS_AT: &str = "quarry:watchlist/";
/// Where functions find the profiles of files.
const PROFILES_AT: &str = "quarry:file-profiles";

/// Tables with their views, and saved functions, by name; and what the user gives in the place of
/// what a service would have.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    tables: BTreeMap<Arc<str>, TableDefinition>,
    functions: BTreeMap<Arc<str>, Arc<str>>,
    /// By name.
    watchlists: BTreeMap<Arc<str>, Watchlist>,
    file_profiles: Option<FileProfiles>,
    /// The files in the place of addresses.
    external: BTreeMap<Arc<str>, PathBuf>,
    room: Room,
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

    /// Returns the built-in tables of Defender, Sentinel or both; with both, also the saved functions
    /// over them.
    pub fn builtin(environment: tables::Environment) -> Self {
        let mut this = Self::empty();
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
        let Some(definition) = self.tables.get_mut(table) else { return false };
        definition.views.push(ViewText::new(format!("{table}/{name}"), text));
        true
    }

    /// Adds a name that exports have for a column, and tells whether there is that column.
    pub fn rename(&mut self, table: &str, exported: &str, column: &str) -> bool {
        let schema = self.tables.get(table).map(|table| &table.schema);
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
        for [table, exported, column] in &self.renamed {
            known.rename(table, exported, column);
        }
        for shape in &self.shapes {
            known.add_shape(shape.clone());
        }
        known
    }

    /// Returns the same tables without their views: enough to check a query, not to run it.
    #[must_use]
    pub fn without_views(mut self) -> Self {
        for table in self.tables.values_mut() {
            table.views.clear();
        }
        self
    }

    /// Returns the columns of every table, by name.
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
        self.tables.get(name).cloned()
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.tables.keys().cloned().collect()
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
        // Without one there is no column that it would be added to.
        self.ingestion_delay.unwrap_or(0)
    }
}
