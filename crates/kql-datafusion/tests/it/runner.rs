//! Runs the text of a query on tables of the test's own.

use datafusion::{
    arrow::array::RecordBatch,
    common::{ParamValues, Result, ScalarValue},
    logical_expr::LogicalPlan,
    prelude::{DataFrame, SessionConfig, SessionContext},
};
use kql_bind::tree::Relation;
use kql_datafusion::{LowerError, LowerOptions, NOW, lower};
use kql_syntax::{Diagnostic, Severity};
use kql_types::KqlType;

use crate::{tables::Tables, values::json_rows};

/// 2026-11-24T12:00:00Z: the time of every query.
pub(crate) const TIME: i64 = 639_305_280_000_000_000;

/// What became of a query.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The parser or the binder found an error.
    Invalid(Vec<Diagnostic>),
    /// It does not run yet.
    Refused(Vec<Diagnostic>),
    /// It ran.
    Ran(Answer),
    /// It failed while it ran.
    Failed(String),
}

/// Columns and rows.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<(String, KqlType)>,
    pub(crate) rows: Vec<Vec<serde_json::Value>>,
}

/// Runs a query without tables.
pub(crate) fn run(query: &str) -> Outcome {
    run_on(query, &Tables::default())
}

/// Runs a query on tables.
pub(crate) fn run_on(query: &str, tables: &Tables) -> Outcome {
    let relation = match bind(query, tables) {
        Ok(relation) => relation,
        Err(diagnostics) => return Outcome::Invalid(diagnostics),
    };
    let plan = match lower(&relation, tables, &LowerOptions::default()) {
        Ok(plan) => plan,
        Err(LowerError::Refused(diagnostics)) => return Outcome::Refused(diagnostics),
        Err(error) => return Outcome::Failed(format!("{error:?}")),
    };
    match collect(plan) {
        Ok(batches) => {
            let columns = relation.columns.iter().map(|it| (it.name.to_string(), it.ty));
            let columns: Vec<_> = columns.collect();
            let rows = json_rows(&batches, &columns);
            Outcome::Ran(Answer { columns, rows })
        }
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Parses and binds a query of one result, and leaves out what nobody reads.
pub(crate) fn bind(query: &str, tables: &Tables) -> std::result::Result<Relation, Vec<Diagnostic>> {
    let (tree, mut diagnostics) = kql_syntax::parse(query);
    let (bound, found) = kql_bind::bind(&tree, tables);
    diagnostics.extend(found);
    diagnostics.retain(|it| it.severity == Severity::Error);
    match bound.results.into_iter().next() {
        Some(mut result) if diagnostics.is_empty() => {
            kql_bind::simplify(&mut result);
            Ok(result)
        }
        _ => Err(diagnostics),
    }
}

/// Runs a plan with every optimisation, in one partition, so that rows arrive in one order.
pub(crate) fn collect(plan: LogicalPlan) -> Result<Vec<RecordBatch>> {
    collect_with(plan, SessionConfig::new().with_target_partitions(1))
}

/// Runs a plan with every optimisation.
pub(crate) fn collect_with(plan: LogicalPlan, config: SessionConfig) -> Result<Vec<RecordBatch>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let session = SessionContext::new_with_config(config);
    let name = NOW.trim_start_matches('$').to_owned();
    let now = ParamValues::from(vec![(name, ScalarValue::Int64(Some(TIME)))]);
    let plan = plan.with_param_values(now)?;
    runtime.block_on(DataFrame::new(session.state(), plan).collect())
}

/// Returns messages, one a line.
pub(crate) fn messages(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|it| format!("{} {}", it.code, it.message));
    lines.collect::<Vec<_>>().join("\n")
}
