//! From a query's text to a plan over raw tables.

use std::{collections::BTreeSet, error::Error, num::NonZeroUsize, sync::Arc};

use arrow::datatypes::DataType;
use datafusion::{
    datasource::provider_as_source,
    error::DataFusionError,
    logical_expr::{LogicalPlan, TableSource},
};
use kql_bind::tree::{External, FoundColumns, Question, TableColumn, deciding_columns};
use kql_datafusion::{LowerError, LowerOptions, ScanColumn, Scans};
use kql_syntax::{Code, Diagnostic, Explanation, Severity, ast};
use kql_types::{KqlType, schema::ColumnSchema};

use super::{environment::Environment, given::read_external};
use crate::{
    error::EngineError,
    evidence, parallel,
    plan::{branch, raw_table::RawTable},
};

/// A query that can run.
#[derive(Clone, Debug, Default)]
pub struct CompiledQuery {
    /// The results, one for each tabular statement, in order.
    pub results: Vec<CompiledResult>,
    /// What is worth knowing about the query, though it runs.
    pub warnings: Vec<Diagnostic>,
    /// The columns of tables that decide what the results hold: table and column.
    pub deciding: BTreeSet<TableColumn>,
    /// Whether the query reads `ingestion_time()`.
    pub reads_ingestion_time: bool,
    /// The patterns of names of tables in it; see [`Environment::hold`].
    pub patterns: BTreeSet<String>,
}

impl CompiledQuery {
    /// Returns the names of the tables that the query reads. A table that is made of events is one, and so
    /// is that of the events.
    pub fn tables(&self) -> BTreeSet<String> {
        self.results.iter().flat_map(|result| branch::tables_read(&result.plan)).collect()
    }
}

/// One result of a query.
#[derive(Clone, Debug)]
pub struct CompiledResult {
    /// The columns in order, without evidence.
    pub columns: Vec<ColumnSchema>,
    /// The typed tree as text, for people: one relation a line, its inputs below it.
    pub tree: String,
    pub(crate) plan: LogicalPlan,
}

impl CompiledResult {
    /// Tells whether the query asks for the time.
    pub(crate) fn uses_now(&self) -> Result<bool, EngineError> {
        let names = self.plan.get_parameter_names().map_err(EngineError::Plan)?;
        Ok(!names.is_empty())
    }
}

/// What a query has to ask, ready to run: a result for each question.
pub(crate) struct Asking {
    pub(crate) query: CompiledQuery,
    pub(crate) questions: Vec<Question>,
}

/// A query that has been checked but need not run.
#[derive(Clone, Debug)]
pub struct CheckedQuery {
    /// Everything the parser and the binder found.
    pub diagnostics: Vec<Diagnostic>,
    /// The columns of the last result; `None` if there is an error or no result, or if they depend on
    /// data.
    pub columns: Option<Vec<ColumnSchema>>,
}

impl CheckedQuery {
    /// Tells whether nothing keeps the query from being valid.
    pub fn is_ok(&self) -> bool {
        !has_errors(&self.diagnostics)
    }
}

/// Parses and binds a query, and says what it found.
pub fn check(text: &str, environment: &Environment) -> CheckedQuery {
    let (query, mut diagnostics) = kql_syntax::parse(text);
    if has_errors(&diagnostics) {
        return CheckedQuery { diagnostics, columns: None };
    }
    let (bound, found) = bind(&query, text, environment);
    diagnostics.extend(found);
    let columns = match bound.results.last() {
        Some(result) if !has_errors(&diagnostics) && !result.has_open_schema() => {
            Some(columns(result))
        }
        _ => None,
    };
    CheckedQuery { diagnostics, columns }
}

/// Compiles a query; with `evidence`, its rows name the records that they rest on.
///
/// # Errors
///
/// All diagnostics, if one of them is an error: of syntax, of names and types, or KQL that does
/// not run yet.
pub fn compile(
    text: &str,
    environment: &Environment,
    evidence: bool,
) -> Result<CompiledQuery, Vec<Diagnostic>> {
    let (query, mut diagnostics) = kql_syntax::parse(text);
    if has_errors(&diagnostics) {
        return Err(diagnostics);
    }
    match compile_parsed(&query, text, environment, evidence) {
        Ok(mut compiled) => {
            diagnostics.append(&mut compiled.warnings);
            Ok(CompiledQuery { warnings: diagnostics, ..compiled })
        }
        Err(mut found) => {
            diagnostics.append(&mut found);
            Err(diagnostics)
        }
    }
}

/// Compiles queries on several threads; what came of each is in its place.
///
/// # Errors
///
/// For each query, those of [`compile`].
pub fn compile_all(
    texts: &[&str],
    environment: &Environment,
    evidence: bool,
    threads: NonZeroUsize,
) -> Vec<Result<CompiledQuery, Vec<Diagnostic>>> {
    parallel::map(texts, threads, |text| compile(text, environment, evidence))
}

/// Compiles a query that has been parsed without errors.
///
/// # Errors
///
/// Those of [`compile`].
pub(crate) fn compile_parsed(
    query: &ast::Query,
    text: &str,
    environment: &Environment,
    evidence: bool,
) -> Result<CompiledQuery, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let lowered = lower(query, text, environment, evidence, &mut diagnostics);
    if has_errors(&diagnostics) {
        return Err(diagnostics);
    }
    Ok(CompiledQuery { warnings: diagnostics, ..lowered })
}

/// Tells whether a query has columns that only the data knows: see [`crate::Engine::settle_columns`].
pub fn asks_for_columns(text: &str, environment: &Environment) -> bool {
    questions_of(text, environment).is_some()
}

/// Returns what a query has to ask of the data before all of its columns are known; nothing if they are,
/// or if it is not valid.
pub(crate) fn questions_of(text: &str, environment: &Environment) -> Option<Asking> {
    let (query, syntax) = kql_syntax::parse(text);
    let (bound, found) = bind(&query, text, environment);
    let questions = bound.questions;
    if questions.is_empty() || has_errors(&syntax) || has_errors(&found) {
        return None;
    }
    let rows = questions.iter().map(|question| question.rows.clone()).collect();
    let mut refused = Vec::new();
    let results = plans(rows, environment, false, &mut refused);
    let query = CompiledQuery { results, ..CompiledQuery::default() };
    refused.is_empty().then_some(Asking { query, questions })
}

/// Binds a query, with what the data has said of its columns.
fn bind(
    query: &ast::Query,
    text: &str,
    environment: &Environment,
) -> (kql_bind::tree::BoundQuery, Vec<Diagnostic>) {
    let unasked = FoundColumns::new();
    let found = environment.answers.of(text).unwrap_or(&unasked);
    kql_bind::bind_with(query, environment, found)
}

fn lower(
    query: &ast::Query,
    text: &str,
    environment: &Environment,
    evidence: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> CompiledQuery {
    let (bound, found) = bind(query, text, environment);
    diagnostics.extend(found);
    if has_errors(diagnostics) {
        return CompiledQuery::default();
    }
    let reads_ingestion_time = bound.reads_ingestion_time;
    let patterns = bound.patterns;
    let deciding = deciding_columns(&bound.results);
    if bound.results.is_empty() {
        let message = "the query has no statement that gives rows";
        diagnostics.push(Diagnostic::error(NO_RESULT, query.span, message));
    }
    let results = plans(bound.results, environment, evidence, diagnostics);
    CompiledQuery { results, deciding, reads_ingestion_time, patterns, ..CompiledQuery::default() }
}

/// Makes the plan of each result; what keeps one from running goes to `diagnostics`.
fn plans(
    relations: Vec<kql_bind::tree::Relation>,
    environment: &Environment,
    evidence: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<CompiledResult> {
    let options = LowerOptions { evidence };
    let mut results = Vec::new();
    for mut relation in relations {
        let columns = columns(&relation);
        kql_bind::simplify(&mut relation);
        let tree = kql_bind::tree::display(&relation).to_string();
        match kql_datafusion::lower(&relation, &RawScans { environment }, &options) {
            Ok(plan) => results.push(CompiledResult { columns, tree, plan }),
            Err(LowerError::Refused(refused)) => diagnostics.extend(refused),
            Err(error) => diagnostics.push(unplannable(&relation, &error)),
        }
    }
    results
}

/// The code of a query of `let`s and the like alone.
pub const NO_RESULT: Code = Code(910);

/// The binder accepted what lowering cannot make a plan of: a defect of Quarry's, not the query's.
const UNPLANNABLE: Code = Code(999);

/// The codes that are given here.
static EXPLANATIONS: &[Explanation] = &[
    Explanation {
        code: NO_RESULT,
        summary: "a query without a result",
        text: "The text has statements such as `let`, but none that gives rows. Add one at the end.",
        example: "let since = ago(1d);",
    },
    Explanation {
        code: UNPLANNABLE,
        summary: "a defect of Quarry",
        text: "The query is valid and Quarry failed to make a plan of it. Please report it with the query.",
        example: "",
    },
];

/// Yields what every code of a query's diagnostics means, in order.
pub fn explanations() -> impl Iterator<Item = &'static Explanation> {
    let mut all: Vec<&Explanation> = kql_syntax::code::EXPLANATIONS
        .iter()
        .chain(kql_bind::codes::EXPLANATIONS)
        .chain(kql_datafusion::EXPLANATIONS)
        .chain(EXPLANATIONS)
        .collect();
    all.sort_by_key(|explanation| explanation.code);
    all.into_iter()
}

fn unplannable(relation: &kql_bind::tree::Relation, error: &LowerError) -> Diagnostic {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    Diagnostic::error(UNPLANNABLE, relation.span, message)
        .with_help("this is a defect of Quarry: the query is valid")
}

fn columns(relation: &kql_bind::tree::Relation) -> Vec<ColumnSchema> {
    let schema = |column: &kql_bind::tree::Column| ColumnSchema {
        name: column.name.to_string(),
        ty: column.ty,
    };
    relation.columns.iter().map(schema).collect()
}

pub(crate) fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Every scan is a leaf without rows; the run stages them.
struct RawScans<'a> {
    environment: &'a Environment,
}

impl Scans for RawScans<'_> {
    fn scan(
        &self,
        table: &str,
        columns: &[ScanColumn],
    ) -> Result<Arc<dyn TableSource>, DataFusionError> {
        Ok(Arc::new(RawTable::new(table, columns)))
    }

    fn external(
        &self,
        data: &External,
        wanted: &[(Arc<str>, KqlType)],
    ) -> Result<Option<Arc<dyn TableSource>>, DataFusionError> {
        if let [address] = data.uris.as_slice()
            && let Some(given) = self.environment.given(address)
        {
            return Ok(Some(provider_as_source(Arc::new(given.scan(wanted)))));
        }
        let files = data.uris.iter().map(|address| self.environment.external(address));
        let Some(files) = files.collect::<Option<Vec<_>>>() else { return Ok(None) };
        let given = read_external(&files, data, self.environment.room())
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(Some(provider_as_source(Arc::new(given.scan(wanted)))))
    }

    fn geo_database(&self) -> Option<Arc<str>> {
        self.environment.geo_database()
    }

    fn evidence_type(&self) -> DataType {
        evidence::data_type()
    }
}
