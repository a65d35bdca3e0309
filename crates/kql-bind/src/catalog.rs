//! What a query's names may refer to: tables and saved functions.

use std::sync::{Arc, OnceLock};

use kql_syntax::{Diagnostic, ast};
use kql_types::{Ticks, schema::TableSchema};

/// The tables and saved functions of an environment.
pub trait Catalog {
    /// Returns the table of that exact name.
    fn table(&self, name: &str) -> Option<TableDefinition>;

    /// Returns the names of all tables, for wildcards and for the nearest name.
    fn table_names(&self) -> Vec<Arc<str>>;

    /// Returns the text of a saved function, `(parameters) { body }`, of that exact name.
    fn function(&self, name: &str) -> Option<Arc<str>> {
        let _ = name;
        None
    }

    /// Returns the text of the saved function of that exact name for a call whose first argument is
    /// `first`, if that is a constant text or the name of a column: the columns of
    /// `_GetWatchlist('x')` depend on it.
    ///
    /// Where the data behind a function is not there, its body is `__missing('what')`.
    fn function_for(&self, name: &str, first: Option<&str>) -> Option<Arc<str>> {
        let _ = first;
        self.function(name)
    }

    /// Tells whether a call of the saved function may name columns of the rows that are piped into it:
    /// Defender's own functions are called so, `invoke FileProfile(SHA1)`; nobody else's can be.
    fn takes_column_names(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// Returns the names of columns that hold a row's `ingestion_time()`, the best one first; none
    /// where it is not known.
    fn ingestion_time(&self) -> &[&str] {
        &[]
    }

    /// Returns how long after what the column says a row was ingested, in ticks.
    fn ingestion_delay(&self) -> Ticks {
        0
    }
}

/// What the name of a [`RelationKind::Opaque`](crate::tree::RelationKind::Opaque) begins with if its
/// rows are not there; the rest says whose.
pub const MISSING: &str = "missing: ";

/// A table as the binder sees it.
#[derive(Clone, Debug)]
pub struct TableDefinition {
    /// Name and columns.
    pub schema: Arc<TableSchema>,
    /// KQL queries whose rows belong to the table beside its native ones.
    ///
    /// Each projects some of the table's columns by name and type; the rest is missing. With views,
    /// the table binds to the union of its native rows and of each view. Empty where only names and
    /// types are asked for.
    pub views: Vec<ViewText>,
}

/// A view's name and text.
#[derive(Clone, Debug)]
pub struct ViewText {
    /// `DeviceProcessEvents/sysmon_1`
    pub name: Arc<str>,
    /// The query.
    pub text: Arc<str>,
    /// What the text says, once it has been asked for: a package of rules asks hundreds of times.
    parsed: Arc<OnceLock<(ast::Query, Vec<Diagnostic>)>>,
}

impl ViewText {
    /// Makes a view of a query that has not been parsed.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), parsed: Arc::default() }
    }

    /// Returns the query's syntax tree, and what the parser has found.
    pub(crate) fn parsed(&self) -> (&ast::Query, &[Diagnostic]) {
        let (query, found) = self.parsed.get_or_init(|| kql_syntax::parse(&self.text));
        (query, found)
    }
}
