//! Which columns of tables decide what a query finds: those that a condition, a join's pair or a group
//! rests on, by however many steps. What is only shown decides nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{ColumnId, Expr, ExprKind, Relation, RelationKind};

/// A table and a column of it.
pub type TableColumn = (Arc<str>, Arc<str>);

/// Returns the columns of tables that decide what is in a query's results.
///
/// A column that a view makes is one of the view's table, and what the view makes it of is not looked
/// into. Expects the tree as it was bound, not simplified.
pub fn deciding_columns<'r>(
    results: impl IntoIterator<Item = &'r Relation>,
) -> BTreeSet<TableColumn> {
    let mut reads = Reads::default();
    results.into_iter().for_each(|result| reads.relation(result));
    reads.columns()
}

#[derive(Default)]
struct Reads {
    /// What a column is made of.
    made_of: BTreeMap<ColumnId, Vec<ColumnId>>,
    deciding: Vec<ColumnId>,
    scanned: BTreeMap<ColumnId, TableColumn>,
}

impl Reads {
    fn relation(&mut self, relation: &Relation) {
        crate::stack::with_stack(|| self.relation_on_stack(relation));
    }

    fn relation_on_stack(&mut self, relation: &Relation) {
        match &relation.kind {
            RelationKind::Scan { table } => {
                for column in &relation.columns {
                    let of_table = (Arc::clone(table), Arc::clone(&column.name));
                    self.scanned.insert(column.id, of_table);
                }
            }
            RelationKind::Project { exprs, .. } => {
                for (column, expr) in relation.columns.iter().zip(exprs) {
                    let parts = refs(expr);
                    // A plain column keeps its id.
                    self.make(column.id, parts.into_iter().filter(|part| *part != column.id));
                }
            }
            RelationKind::Union { inputs } => {
                if let Some(native) = native_of_views(inputs) {
                    // The views' own columns are not the query's affair.
                    self.same(relation, native);
                    return self.relation(native);
                }
                for input in inputs {
                    self.same(relation, input);
                }
            }
            RelationKind::Shared { input, .. } => self.same(relation, input),
            RelationKind::Aggregate { keys, aggregates, .. } => {
                for (column, key) in relation.columns.iter().zip(keys) {
                    let parts = refs(key);
                    self.deciding.extend(&parts);
                    self.make(column.id, parts.into_iter().filter(|part| *part != column.id));
                }
                for aggregate in aggregates {
                    let args = aggregate.args.iter().flat_map(refs);
                    let parts: Vec<ColumnId> = args.collect();
                    self.deciding.extend(aggregate.filter.iter().flat_map(refs));
                    for output in &aggregate.outputs {
                        self.make(output.id, parts.iter().copied());
                    }
                }
            }
            RelationKind::Filter { predicate, .. } => self.deciding.extend(refs(predicate)),
            RelationKind::StepScan(scan) => {
                let predicates = scan.steps.iter().map(|step| &step.predicate);
                self.deciding.extend(scan.partition.iter().chain(predicates).flat_map(refs));
                for (source, column) in scan.steps.iter().flat_map(|step| &step.remembered) {
                    self.make(column.id, refs(source).into_iter());
                }
            }
            RelationKind::Join(join) => {
                let sides = join.on.iter().flat_map(|(left, right)| [left, right]);
                self.deciding.extend(sides.flat_map(refs));
            }
            // What arrays and windows bring is not followed: nothing is said of it.
            _ => {}
        }
        relation.for_each_relation(&mut |inner| self.relation(inner));
    }

    fn make(&mut self, column: ColumnId, parts: impl Iterator<Item = ColumnId>) {
        self.made_of.entry(column).or_default().extend(parts);
    }

    /// Notes that the columns of some rows are those of others, by position.
    fn same(&mut self, rows: &Relation, others: &Relation) {
        for (column, other) in rows.columns.iter().zip(&others.columns) {
            self.make(column.id, std::iter::once(other.id).filter(|other| *other != column.id));
        }
    }

    fn columns(mut self) -> BTreeSet<TableColumn> {
        let mut seen = BTreeSet::new();
        let mut found = BTreeSet::new();
        while let Some(column) = self.deciding.pop() {
            if !seen.insert(column) {
                continue;
            }
            found.extend(self.scanned.get(&column).cloned());
            self.deciding.extend(self.made_of.get(&column).into_iter().flatten());
        }
        found
    }
}

/// Returns the native rows of a table that views fill too, if these are the inputs of one.
fn native_of_views(inputs: &[Relation]) -> Option<&Relation> {
    let (native, views) = inputs.split_first()?;
    let is_native = matches!(native.kind, RelationKind::Scan { .. });
    let fills = |view: &Relation| {
        let names = native.columns.iter().map(|column| &column.name);
        matches!(view.kind, RelationKind::Project { .. })
            && view.columns.iter().map(|column| &column.name).eq(names)
    };
    (is_native && !views.is_empty() && views.iter().all(fills)).then_some(native)
}

/// Returns the columns in an expression.
fn refs(expr: &Expr) -> Vec<ColumnId> {
    let mut found = Vec::new();
    add_refs(expr, &mut found);
    found
}

fn add_refs(expr: &Expr, found: &mut Vec<ColumnId>) {
    if let ExprKind::Column(id) = expr.kind {
        found.push(id);
    }
    crate::stack::with_stack(|| expr.for_each_child(&mut |child| add_refs(child, found)));
}
