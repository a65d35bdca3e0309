//! Which of the real queries run: they bind and get a plan. That plans run is for tests.

mod page;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion_common::DataFusionError;
use datafusion_expr::TableSource;
use kql_bind::tree::{External, Relation};
use kql_datafusion::{LowerError, LowerOptions, ScanColumn, Scans, data_type, lower};
use kql_syntax::Severity;
use kql_types::KqlType;

use crate::{
    environment::Environment,
    reference::{RealQuery, ReferenceError},
};

/// What has to run at least, in percent: of the queries over tables of endpoints, and of all.
const BARS: [usize; 2] = [97, 97];

/// How many queries run, and what keeps the others from it.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Those over tables of endpoints only.
    pub endpoint: Share,
    /// All that bind.
    pub all: Share,
    /// Of each public collection.
    pub collections: BTreeMap<String, Share>,
    /// Those of all that are bound twice: the data is asked for columns in between.
    pub in_two_steps: usize,
    /// What is refused, most frequent first: the reason, and how many queries have it.
    pub reasons: Vec<Reason>,
    /// Queries that fail where they should run.
    pub failures: Vec<String>,
}

/// A share of queries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    /// Those that run.
    pub running: usize,
    /// All of them.
    pub of: usize,
}

/// Why queries are refused.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The message.
    pub message: String,
    /// Queries over tables of endpoints.
    pub endpoint: usize,
    /// All queries.
    pub all: usize,
}

/// Plans the queries that bind.
///
/// # Errors
///
/// If the reference tables cannot be read.
pub fn coverage(queries: &[RealQuery]) -> Result<Coverage, ReferenceError> {
    let mut environments = HashMap::new();
    for name in ["m365", "sentinel", "both"] {
        environments.insert(name, Environment::reference(name)?);
    }
    let mut coverage = Coverage::default();
    let mut reasons: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for query in queries {
        let Some(environment) = environments.get(query.env.as_str()) else { continue };
        let Some(relation) = bound(query, environment, &mut coverage.in_two_steps) else {
            continue;
        };
        let outcome = match lower(&relation, &EmptyTables, &LowerOptions { evidence: true }) {
            Ok(_) => Ok(()),
            Err(LowerError::Refused(found)) => {
                Err(Refusal::Refused(found.into_iter().map(|it| it.message).collect()))
            }
            Err(error) => Err(Refusal::Failed(format!("{error:?}"))),
        };
        coverage.all.add(outcome.is_ok());
        coverage.collections.entry(query.repo.clone()).or_default().add(outcome.is_ok());
        if query.endpoint_only {
            coverage.endpoint.add(outcome.is_ok());
        }
        match outcome {
            Ok(()) => {}
            Err(Refusal::Failed(why)) => coverage.failures.push(format!("{}: {why}", query.id)),
            Err(Refusal::Refused(messages)) => {
                for message in messages {
                    let (endpoint, all) = reasons.entry(message).or_default();
                    *all = all.saturating_add(1);
                    *endpoint = endpoint.saturating_add(usize::from(query.endpoint_only));
                }
            }
        }
    }
    let reasons = reasons.into_iter();
    coverage.reasons =
        reasons.map(|(message, (endpoint, all))| Reason { message, endpoint, all }).collect();
    coverage.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.all));
    Ok(coverage)
}

enum Refusal {
    Refused(BTreeSet<String>),
    Failed(String),
}

impl Share {
    fn add(&mut self, runs: bool) {
        self.of = self.of.saturating_add(1);
        self.running = self.running.saturating_add(usize::from(runs));
    }

    fn reaches(self, percent: usize) -> bool {
        self.running.saturating_mul(100) >= self.of.saturating_mul(percent)
    }

    /// Returns the share in percent, cut after one digit; of nothing, it is none.
    fn percent(self) -> String {
        let tenths = self.running.saturating_mul(1_000).checked_div(self.of).unwrap_or_default();
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

impl Coverage {
    /// Tells whether the shares reach their bars and nothing fails.
    pub fn is_met(&self) -> bool {
        let [endpoint, all] = BARS;
        self.failures.is_empty() && self.endpoint.reaches(endpoint) && self.all.reaches(all)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "real queries that bind, and get a plan where all data is given")?;
        let shares = [("tables of endpoints", self.endpoint), ("all", self.all)];
        for ((what, share), bar) in shares.into_iter().zip(BARS) {
            let Share { running, of } = share;
            let percent = share.percent();
            writeln!(f, "  {what:<20} {running:>5} of {of:>5}  {percent} %, bar {bar} %")?;
        }
        if self.in_two_steps > 0 {
            let count = self.in_two_steps;
            writeln!(
                f,
                "  {count} of them have columns that depend on data, and as far as these do"
            )?;
        }
        if !self.failures.is_empty() {
            writeln!(f, "\nqueries that fail")?;
            for failure in &self.failures {
                writeln!(f, "  {failure}")?;
            }
        }
        writeln!(f, "\nwhat keeps the rest from running: queries (of them over endpoints)")?;
        for Reason { message, endpoint, all } in &self.reasons {
            writeln!(f, "  {all:>5} {endpoint:>5}  {message}")?;
        }
        Ok(())
    }
}

/// Parses, binds and simplifies a query of one result; nothing if it has errors.
///
/// Of a query whose columns depend on data, these are the rows that tell them: what stands behind has no plan
/// before they are known.
fn bound(
    query: &RealQuery,
    environment: &Environment,
    in_two_steps: &mut usize,
) -> Option<Relation> {
    let (tree, syntax) = kql_syntax::parse(&query.query);
    let (bound, found) = kql_bind::bind(&tree, environment);
    if syntax.iter().chain(&found).any(|it| it.severity == Severity::Error) {
        return None;
    }
    let question = bound.questions.into_iter().next().map(|question| question.rows);
    *in_two_steps = in_two_steps.saturating_add(usize::from(question.is_some()));
    let mut relation = question.or_else(|| bound.results.into_iter().next())?;
    kql_bind::simplify(&mut relation);
    Some(relation)
}

/// Tables, and data at addresses, without rows.
struct EmptyTables;

impl Scans for EmptyTables {
    fn scan(
        &self,
        _table: &str,
        columns: &[ScanColumn],
    ) -> Result<Arc<dyn TableSource>, DataFusionError> {
        let fields = columns.iter().map(|column| {
            let data_type = match column {
                ScanColumn::Column { ty, .. } => data_type(*ty).unwrap_or(DataType::Null),
                ScanColumn::Path { .. } => DataType::Utf8View,
                ScanColumn::Evidence => self.evidence_type(),
            };
            Field::new(column.to_string(), data_type, true)
        });
        Ok(without_rows(fields.collect()))
    }

    fn external(
        &self,
        _data: &External,
        wanted: &[(Arc<str>, KqlType)],
    ) -> Result<Option<Arc<dyn TableSource>>, DataFusionError> {
        let fields = wanted.iter().map(|(name, ty)| {
            Field::new(name.to_string(), data_type(*ty).unwrap_or(DataType::Null), true)
        });
        Ok(Some(without_rows(fields.collect())))
    }

    /// No plan opens it before it runs.
    fn geo_database(&self) -> Option<Arc<str>> {
        Some("addresses.mmdb".into())
    }

    fn evidence_type(&self) -> DataType {
        let row = Field::new("row", DataType::Int64, true);
        DataType::Struct(vec![row].into())
    }
}

fn without_rows(fields: Vec<Field>) -> Arc<dyn TableSource> {
    Arc::new(EmptyTable { schema: Arc::new(Schema::new(fields)) })
}

/// A table that plans may name.
#[derive(Debug)]
struct EmptyTable {
    schema: SchemaRef,
}

impl TableSource for EmptyTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
