//! Running operators over each group of rows by itself: the bodies of `mv-apply` and `partition`.
//!
//! A body is bound over rows that stand for one group ([`one_group`]). [`Binder::per_group`] then runs
//! it for all groups at once: hidden columns that tell groups apart are carried through every
//! operator, grouping includes them, and what depends on the order or the number of rows looks at one
//! group only. A group without rows gives no rows, whatever the body makes of none (inferred).

use kql_syntax::{Span, ast::BinaryOp};
use kql_types::KqlType;

use super::super::parts::{
    build::{binary, filtered},
    window::windowed,
};
use crate::{
    binder::{Binder, column_expr, opaque},
    tree::{Aggregate, Column, Expr, JoinKind, Relation, RelationKind, SortKey, WindowFunction},
};

/// What a body's rows are called until the groups are put in their place.
const ONE_GROUP: &str = "rows of one group";

/// Groups of rows. All columns are hidden ones: of names that no query can have.
pub(in crate::operators) struct Groups {
    /// The columns that tell groups apart.
    pub(in crate::operators) keys: Vec<Column>,
    /// Columns that are the same for all rows of a group.
    pub(in crate::operators) carried: Vec<Column>,
}

/// Makes the rows over which a body is bound: `rows`, of which it sees `columns`.
pub(in crate::operators) fn one_group(rows: Relation, columns: Vec<Column>) -> Relation {
    let (span, is_open) = (rows.span, rows.has_open_schema());
    opaque(ONE_GROUP, vec![rows], columns, is_open, span)
}

impl Binder<'_> {
    /// Makes of a body over [`one_group`] what it gives for all groups, hidden columns included.
    ///
    /// `None` if one of its operators cannot be run so.
    pub(in crate::operators) fn per_group(
        &mut self,
        body: Relation,
        groups: &mut Groups,
    ) -> Option<Relation> {
        let Relation { kind, columns, span } = body;
        let made_of = |columns: Vec<Column>, kind| Relation { kind, columns, span };
        Some(match kind {
            RelationKind::Opaque { what: ONE_GROUP, inputs, .. } => inputs.into_iter().next()?,
            RelationKind::Filter { input, predicate } => {
                filtered(self.per_group(*input, groups)?, predicate, span)
            }
            RelationKind::Sort { input, keys } => {
                let input = Box::new(self.per_group(*input, groups)?);
                let keys = groups.sorted_first(keys, span);
                made_of(input.columns.clone(), RelationKind::Sort { input, keys })
            }
            RelationKind::Take { input, count } => {
                let input = self.per_group(*input, groups)?;
                self.first_of_each(input, *count, groups, span)
            }
            RelationKind::Project { input, exprs } => {
                let input = Box::new(self.per_group(*input, groups)?);
                let hidden = groups.hidden().map(|column| column_expr(column, span));
                let exprs = exprs.into_iter().chain(hidden).collect();
                let columns = columns.into_iter().chain(groups.hidden().cloned()).collect();
                made_of(columns, RelationKind::Project { input, exprs })
            }
            RelationKind::Aggregate { input, keys, aggregates } => {
                let input = self.per_group(*input, groups)?;
                let (own_keys, made) = columns.split_at_checked(keys.len())?;
                let own = Grouping { input, keys, own_keys, aggregates, made, span };
                self.grouped_within(own, groups)
            }
            RelationKind::Expand(mut expand) => {
                let made = expand.input.columns.len();
                expand.input = self.per_group(take(&mut expand.input), groups)?;
                let columns = appended(&expand.input, columns.get(made..)?);
                made_of(columns, RelationKind::Expand(expand))
            }
            RelationKind::Window(mut window) => {
                let made = window.input.columns.len();
                window.input = self.per_group(take(&mut window.input), groups)?;
                let keys = groups.keys.iter().map(|key| column_expr(key, span));
                window.partition = keys.chain(std::mem::take(&mut window.partition)).collect();
                let columns = appended(&window.input, columns.get(made..)?);
                made_of(columns, RelationKind::Window(window))
            }
            RelationKind::StepScan(mut scan) => {
                scan.input = self.per_group(take(&mut scan.input), groups)?;
                let keys = groups.keys.iter().map(|key| column_expr(key, span));
                scan.partition = keys.chain(std::mem::take(&mut scan.partition)).collect();
                let columns = columns.into_iter().chain(groups.hidden().cloned()).collect();
                made_of(columns, RelationKind::StepScan(scan))
            }
            RelationKind::Join(mut join) => {
                let added = match join.kind {
                    JoinKind::Inner | JoinKind::LeftOuter => {
                        columns.get(join.left.columns.len()..)?
                    }
                    JoinKind::LeftSemi | JoinKind::LeftAnti => &[],
                    _ => return None,
                };
                join.left = self.per_group(take(&mut join.left), groups)?;
                let columns = appended(&join.left, added);
                made_of(columns, RelationKind::Join(join))
            }
            _ => return None,
        })
    }

    /// Keeps the first rows of each group.
    fn first_of_each(
        &mut self,
        input: Relation,
        count: Expr,
        groups: &Groups,
        span: Span,
    ) -> Relation {
        let output = self.hidden_column("row_number", KqlType::Long);
        let number = column_expr(&output, span);
        let function = WindowFunction { function: "row_number", args: Vec::new(), output, span };
        let partition = groups.keys.iter().map(|key| column_expr(key, span)).collect();
        let numbered = windowed(input, partition, vec![function]);
        let is_first = binary(BinaryOp::LessOrEqual, number, count, KqlType::Bool);
        filtered(numbered, is_first, span)
    }

    /// Groups the rows of each group; what is carried is taken from any row.
    fn grouped_within(&mut self, own: Grouping<'_>, groups: &mut Groups) -> Relation {
        let Grouping { input, keys, own_keys, mut aggregates, made, span } = own;
        let mut columns = [groups.keys.as_slice(), own_keys, made].concat();
        let keys = groups.keys.iter().map(|key| column_expr(key, span)).chain(keys).collect();
        if !groups.carried.is_empty() {
            let args = groups.carried.iter().map(|column| column_expr(column, span)).collect();
            for column in &mut groups.carried {
                *column = self.hidden_column("carried", column.ty);
            }
            columns.extend(groups.carried.iter().cloned());
            let (function, outputs) = ("take_any", groups.carried.clone());
            aggregates.push(Aggregate { function, args, filter: None, outputs, span });
        }
        let kind = RelationKind::Aggregate { input: Box::new(input), keys, aggregates };
        Relation { kind, columns, span }
    }
}

/// A grouping of a body.
struct Grouping<'c> {
    input: Relation,
    keys: Vec<Expr>,
    own_keys: &'c [Column],
    aggregates: Vec<Aggregate>,
    made: &'c [Column],
    span: Span,
}

impl Groups {
    /// Yields the columns that every operator has to pass on.
    fn hidden(&self) -> impl Iterator<Item = &Column> {
        self.keys.iter().chain(&self.carried)
    }

    fn sorted_first(&self, keys: Vec<SortKey>, span: Span) -> Vec<SortKey> {
        let of_groups = self.keys.iter().map(|key| SortKey {
            expr: column_expr(key, span),
            descending: false,
            nulls_first: true,
        });
        of_groups.chain(keys).collect()
    }
}

/// Returns a relation's columns with others behind them.
fn appended(relation: &Relation, others: &[Column]) -> Vec<Column> {
    relation.columns.iter().chain(others).cloned().collect()
}

/// Takes a relation out of its place.
fn take(relation: &mut Relation) -> Relation {
    let nothing = Relation { kind: RelationKind::OneRow, columns: Vec::new(), span: relation.span };
    std::mem::replace(relation, nothing)
}
