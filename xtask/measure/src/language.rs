//! The language: what parser and binder say of a query, against what the reference says.

mod bind;
mod parse;
mod schema;

pub use self::{bind::bind, parse::parse, schema::schema};

use kql_bind::{Catalog, tree::Relation};
use kql_syntax::{Diagnostic, LineIndex, Severity};

/// Name and type of each column.
type Columns = Vec<(String, String)>;

/// What parser and binder say of a query.
struct Outcome {
    error: Option<Diagnostic>,
    results: Vec<Relation>,
}

impl Outcome {
    fn of(text: &str, catalog: &dyn Catalog) -> Self {
        let (query, syntax) = kql_syntax::parse(text);
        let (bound, found) = kql_bind::bind(&query, catalog);
        let error = first_error(syntax.into_iter().chain(found));
        Self { error, results: bound.results }
    }
}

/// Returns a result's columns, if the query tells them.
fn columns(relation: &Relation) -> Option<Columns> {
    if relation.has_open_schema() {
        return None;
    }
    Some(relation.columns.iter().map(|it| (it.name.to_string(), it.ty.to_string())).collect())
}

fn first_error(diagnostics: impl IntoIterator<Item = Diagnostic>) -> Option<Diagnostic> {
    diagnostics.into_iter().find(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Returns a diagnostic as one line, with its place.
fn one_line(query: &str, diagnostic: &Diagnostic) -> String {
    let place = LineIndex::new(query).line_column(diagnostic.span.start);
    let Diagnostic { code, message, .. } = diagnostic;
    format!("{}:{}: {code} {message}", place.line, place.column)
}

/// Returns columns as one line.
fn column_line(columns: &[(String, String)]) -> String {
    let columns = columns.iter().map(|(name, ty)| format!("{name}: {ty}"));
    columns.collect::<Vec<_>>().join(", ")
}
