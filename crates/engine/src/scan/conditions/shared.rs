//! What several conditions compute: found before anything is tested, and computed once for a batch.
//!
//! Rules over one table test the columns of its view, and where such a column is more than a field of the
//! record, each rule's condition has all that makes it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

use arrow::{
    array::ArrayRef,
    datatypes::{Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use datafusion::{
    common::{
        Column,
        cse::HashNode,
        internal_err,
        tree_node::{Transformed, TreeNode, TreeNodeRecursion, TreeNodeVisitor},
    },
    error::Result,
    logical_expr::Expr,
};

use crate::{
    error::EngineError,
    plan::planner::{Computation, Planner},
};

/// What some conditions share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The name by which conditions have it as a column.
    name: String,
    expr: Expr,
    /// How many conditions have it.
    pub(super) askers: usize,
    compiled: OnceLock<Compiled>,
}

/// Something shared, compiled when first asked for.
#[derive(Debug)]
struct Compiled {
    /// The columns that it reads.
    input: SchemaRef,
    expr: Computation,
}

/// A condition over columns and over what it shares.
#[derive(Debug)]
pub(super) struct Sharing {
    pub(super) expr: Expr,
    /// The numbers of what it shares.
    pub(super) shared: Vec<usize>,
    /// It, compiled when first asked.
    pub(super) compiled: OnceLock<Computation>,
}

/// Finds what conditions share.
///
/// - `conditions`: the table and the condition, each pair once.
///
/// Out: what is shared, and for each condition itself over that, if it shares anything.
///
/// # Errors
///
/// If an expression cannot be gone through.
pub(super) fn shared(conditions: &[(&str, &Expr)]) -> Result<(Vec<Shared>, Vec<Option<Sharing>>)> {
    let mut askers: HashMap<(&str, u64), usize> = HashMap::new();
    for (table, condition) in conditions {
        for id in ids(condition)?.into_values().collect::<BTreeSet<u64>>() {
            let askers = askers.entry((table, id)).or_default();
            *askers = askers.saturating_add(1);
        }
    }
    let mut all: Vec<Shared> = Vec::new();
    let mut numbers: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    let mut sharing = Vec::with_capacity(conditions.len());
    for (table, condition) in conditions {
        let ids = ids(condition)?;
        let mut of_condition: Vec<usize> = Vec::new();
        let mut place = 0_usize;
        let rewritten = (*condition).clone().transform_down(|node| {
            let id = ids.get(&place).copied();
            let askers = id.and_then(|id| askers.get(&(*table, id)));
            let (Some(id), Some(askers)) = (id, askers.filter(|askers| **askers > 1)) else {
                place = place.saturating_add(1);
                return Ok(Transformed::no(node));
            };
            place = place.saturating_add(size(&node)?);
            let number = *numbers.entry((*table, id)).or_insert(all.len());
            if number == all.len() {
                all.push(Shared::new(number, &node, *askers));
            }
            let Some(shared) = all.get(number).filter(|shared| shared.expr == node) else {
                // Another one with the same id.
                return Ok(Transformed::new(node, false, TreeNodeRecursion::Jump));
            };
            if !of_condition.contains(&number) {
                of_condition.push(number);
            }
            let column = Expr::Column(Column::new_unqualified(&shared.name));
            Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
        })?;
        let expr = rewritten.data;
        let compiled = OnceLock::new();
        let shares = !of_condition.is_empty();
        sharing.push(shares.then(|| Sharing { expr, shared: of_condition, compiled }));
    }
    Ok((all, sharing))
}

impl Shared {
    fn new(number: usize, expr: &Expr, askers: usize) -> Self {
        let name = format!("shared {number}");
        Self { name, expr: expr.clone(), askers, compiled: OnceLock::new() }
    }

    /// Computes it for rows, which have the columns that it reads and others.
    ///
    /// # Errors
    ///
    /// If it cannot be computed for a row.
    pub(super) fn of(
        &self,
        rows: &RecordBatch,
        planner: &Planner,
    ) -> Result<ArrayRef, EngineError> {
        let compiled = if let Some(compiled) = self.compiled.get() {
            compiled
        } else {
            let compiled = self.compile(rows, planner)?;
            self.compiled.get_or_init(|| compiled)
        };
        let column = |field: &Arc<Field>| rows.column_by_name(field.name()).cloned();
        let columns: Option<Vec<_>> = compiled.input.fields().iter().map(column).collect();
        let columns =
            columns.ok_or(EngineError::Internal { what: "a shared column is missing" })?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        let input = Arc::clone(&compiled.input);
        let rows = RecordBatch::try_new_with_options(input, columns, &options);
        compiled.expr.evaluate(&rows.map_err(EngineError::Batch)?).map_err(EngineError::Execute)
    }

    fn compile(&self, rows: &RecordBatch, planner: &Planner) -> Result<Compiled, EngineError> {
        let names: BTreeSet<&str> = self.expr.column_refs().into_iter().map(Column::name).collect();
        let schema = rows.schema();
        let fields = names.into_iter().map(|name| schema.field_with_name(name).cloned());
        let fields: Vec<Field> = fields.collect::<Result<_, _>>().map_err(EngineError::Batch)?;
        let input = Arc::new(Schema::new(fields));
        Ok(Compiled { expr: planner.computation(&self.expr, &input)?, input })
    }

    /// Returns rows with one column more.
    pub(super) fn beside(
        &self,
        rows: &RecordBatch,
        values: ArrayRef,
    ) -> Result<RecordBatch, EngineError> {
        let field = Field::new(&self.name, values.data_type().clone(), true);
        let fields = rows.schema_ref().fields().iter().cloned().chain([Arc::new(field)]);
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let columns = rows.columns().iter().cloned().chain([values]).collect();
        RecordBatch::try_new(schema, columns).map_err(EngineError::Batch)
    }
}

/// Tells whether a part of a condition is worth computing once for several.
fn is_sharable(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(_) | Expr::Case(_))
}

/// Returns what tells the sharable parts of a condition apart, by their places in order of going down.
fn ids(condition: &Expr) -> Result<BTreeMap<usize, u64>> {
    let mut ids = Ids::default();
    condition.visit(&mut ids)?;
    Ok(ids.found)
}

/// Returns how many parts an expression has, itself included.
fn size(expr: &Expr) -> Result<usize> {
    let mut size = 0_usize;
    expr.apply(|_| {
        size = size.saturating_add(1);
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(size)
}

/// Makes ids from below: of what a part is and of the ids of its parts.
#[derive(Default)]
struct Ids {
    next: usize,
    open: Vec<(usize, DefaultHasher)>,
    found: BTreeMap<usize, u64>,
}

impl TreeNodeVisitor<'_> for Ids {
    type Node = Expr;

    fn f_down(&mut self, node: &Expr) -> Result<TreeNodeRecursion> {
        let mut hasher = DefaultHasher::new();
        node.hash_node(&mut hasher);
        self.open.push((self.next, hasher));
        self.next = self.next.saturating_add(1);
        Ok(TreeNodeRecursion::Continue)
    }

    fn f_up(&mut self, node: &Expr) -> Result<TreeNodeRecursion> {
        let Some((place, hasher)) = self.open.pop() else {
            return internal_err!("a part of a condition ends that has not begun");
        };
        let id = hasher.finish();
        if let Some((_, above)) = self.open.last_mut() {
            id.hash(above);
        }
        if is_sharable(node) {
            self.found.insert(place, id);
        }
        Ok(TreeNodeRecursion::Continue)
    }
}
