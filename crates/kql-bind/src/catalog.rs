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

    /// Returns the names of the tables that a pattern such as `*` stands for: all that match, unless those
    /// are many of which the data has few.
    fn tables_of_pattern(&self, pattern: &str) -> Vec<Arc<str>> {
        let mut names = self.table_names();
        names.retain(|name| matches_pattern(pattern, name));
        names
    }

    /// Returns what a table that there is not is called today, or the tables in its place.
    fn renamed_table(&self, name: &str) -> Vec<&'static str> {
        let _ = name;
        Vec::new()
    }

    /// Returns what a column that there is not is called today.
    fn renamed_column(&self, name: &str) -> Vec<&'static str> {
        let _ = name;
        Vec::new()
    }

    /// Returns the names of saved functions, for editors.
    fn function_names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }

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

/// Tells whether `name` matches `pattern`, in which `*` stands for any text, also none.
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    true
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

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, name, is_match) in [
            ("*", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a*a", "a", false),
            ("A*", "abc", false),
            ("abc", "abc", true),
        ] {
            assert_eq!(matches_pattern(pattern, name), is_match, "{pattern} {name}");
        }
    }
}
