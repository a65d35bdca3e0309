//! The way in: a relation to a plan, or everything that keeps it from running.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use datafusion_common::{Column as PlanColumn, DataFusionError};
use datafusion_expr::{Expr as PlanExpr, LogicalPlan, Projection};
use kql_bind::tree::{Column, ColumnId, Relation};
use kql_syntax::{Code, Diagnostic, Span};
use thiserror::Error;

use crate::{EVIDENCE, PathForm, ScanColumn, Scans, usage::Usage};

/// The placeholder for the time of the query: an Int64 of datetime ticks.
///
/// A plan with it is run after [`LogicalPlan::with_param_values`] has set the parameter `now`.
pub const NOW: &str = "$now";

/// What a plan has to deliver beside the query's columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LowerOptions {
    /// A last column [`EVIDENCE`]: for each row the list of the records it rests on.
    pub evidence: bool,
}

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum LowerError {
    /// The query has parts that do not run yet: one 9xx diagnostic for each.
    #[error("{} parts of the query do not run yet", .0.len())]
    Refused(Vec<Diagnostic>),
    /// A table's rows cannot be had.
    #[error("table `{table}` cannot be read")]
    Scan {
        /// The table.
        table: Arc<str>,
        /// The cause.
        source: DataFusionError,
    },
    /// DataFusion does not accept a plan made of a tree that is not well formed.
    #[error("no plan can be made")]
    Plan(#[from] DataFusionError),
}

/// Lowers a bound relation to a plan whose columns have the relation's names and order.
///
/// # Errors
///
/// [`LowerError::Refused`] names everything that does not run yet. The others are the scan's, or
/// tell of a tree that breaks its own rules.
pub fn lower(
    relation: &Relation,
    scans: &dyn Scans,
    options: &LowerOptions,
) -> Result<LogicalPlan, LowerError> {
    let mut lowering = Lowering {
        scans,
        evidence: options.evidence,
        keeps_order: false,
        usage: Usage::of(relation),
        names: BTreeMap::new(),
        diagnostics: Vec::new(),
    };
    match lowering.relation(relation).and_then(|plan| lowering.finish(plan, relation)) {
        Err(Failure::Error(error)) => Err(error),
        Ok(plan) if lowering.diagnostics.is_empty() => Ok(plan),
        Ok(_) | Err(Failure::Refused) => Err(LowerError::Refused(lowering.diagnostics)),
    }
}

/// A lowering under way.
pub(crate) struct Lowering<'a> {
    pub(crate) scans: &'a dyn Scans,
    /// Whether plans carry [`EVIDENCE`].
    pub(crate) evidence: bool,
    /// Whether the next sort has to leave its keys as columns.
    pub(crate) keeps_order: bool,
    /// What the tree reads of dynamic columns.
    pub(crate) usage: Usage,
    /// What a column is called in plans.
    names: BTreeMap<ColumnId, String>,
    diagnostics: Vec<Diagnostic>,
}

/// Why a part has no plan.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A diagnostic says so already.
    Refused,
    /// Lowering ends here.
    Error(LowerError),
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        Self::Error(error.into())
    }
}

impl From<LowerError> for Failure {
    fn from(error: LowerError) -> Self {
        Self::Error(error)
    }
}

impl Lowering<'_> {
    /// Notes that something does not run yet.
    pub(crate) fn refuse(&mut self, code: Code, span: Span, message: String) -> Failure {
        let diagnostic = Diagnostic::error(code, span, message);
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
        Failure::Refused
    }

    /// Returns what a column is called in plans: one name for each identity.
    pub(crate) fn name(&mut self, column: &Column) -> String {
        let new_name = || format!("{}#{}", column.name, column.id.0);
        self.names.entry(column.id).or_insert_with(new_name).clone()
    }

    /// Returns what the column of that identity is called in plans.
    pub(crate) fn column_name(&self, id: ColumnId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| format!("#{}", id.0))
    }

    /// Returns what a path into the column of that identity is called in plans.
    pub(crate) fn path_name(&self, id: ColumnId, keys: &[String], form: PathForm) -> String {
        let column = self.column_name(id).into();
        ScanColumn::Path { column, steps: keys.to_vec(), form }.to_string()
    }

    /// Returns the plan's columns that stand for a column: itself if it is read as a whole, and the
    /// paths into it.
    pub(crate) fn plan_names(&mut self, column: &Column) -> Vec<String> {
        let name = self.name(column);
        let whole = self.usage.needs_whole(column.id).then_some(name);
        let paths = self.usage.paths(column.id);
        let paths = paths.map(|(keys, form)| self.path_name(column.id, keys, *form));
        whole.into_iter().chain(paths).collect()
    }

    /// Returns the columns of a relation, each once: one column may have several names.
    pub(crate) fn distinct(columns: &[Column]) -> impl Iterator<Item = &Column> {
        let mut seen = HashSet::new();
        columns.iter().filter(move |column| seen.insert(column.id))
    }

    /// Lowers rows of which only the first column is read, and whose records are not cited.
    pub(crate) fn rows_of_first_column(
        &mut self,
        relation: &Relation,
        first: &Column,
    ) -> Result<LogicalPlan, Failure> {
        let evidence = std::mem::replace(&mut self.evidence, false);
        let keeps_order = std::mem::replace(&mut self.keeps_order, false);
        let plan = self.relation(relation);
        self.keeps_order = keeps_order;
        self.evidence = evidence;
        let value = vec![plan_column(self.name(first))];
        Ok(LogicalPlan::Projection(Projection::try_new(value, Arc::new(plan?))?))
    }

    /// Gives the columns the names of the query.
    fn finish(&mut self, plan: LogicalPlan, relation: &Relation) -> Result<LogicalPlan, Failure> {
        let mut exprs: Vec<PlanExpr> = relation
            .columns
            .iter()
            .map(|column| plan_column(self.name(column)).alias(&*column.name))
            .collect();
        if self.evidence {
            exprs.push(plan_column(EVIDENCE));
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }
}

/// Refers to a column of a plan by its whole name, dots and all.
pub(crate) fn plan_column(name: impl Into<String>) -> PlanExpr {
    PlanExpr::Column(PlanColumn::new_unqualified(name))
}
