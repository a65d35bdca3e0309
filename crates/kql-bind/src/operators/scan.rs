//! `scan`
//!
//! Source: <https://learn.microsoft.com/kusto/query/scan-operator>

use std::{collections::HashSet, sync::Arc};

use kql_syntax::{
    Span,
    ast::{self, Assignment, LogicalOp, OperatorKind},
};
use kql_types::{KqlType, Value};

use super::{parameter, parts::build::with_columns, shape::mv_expand::place, word};
use crate::{
    binder::{Binder, Element, Row, Scope, column_expr, literal, opaque},
    conversion::convert,
    functions,
    tree::{
        Column, ColumnId, Expr, ExprKind, Relation, RelationKind, ScanStep, StepOutput, StepScan,
    },
};

/// What is not known of a scan, so that it does not run.
type Doubt = &'static str;

impl Binder<'_> {
    /// Follows sequences of rows: the input's columns, those declared, and the match's number if it
    /// is asked for.
    pub(super) fn bind_scan(
        &mut self,
        rows: Relation,
        operator: &OperatorKind,
        span: Span,
    ) -> Relation {
        let OperatorKind::Scan { params, order_by, partition_by, declare, steps } = operator else {
            return rows;
        };
        let is_open = rows.has_open_schema();
        let sorted = self.bind_sort(rows, order_by, span);
        let row = Row::of(&sorted);
        let keys: Vec<Option<Expr>> =
            partition_by.iter().map(|key| self.bind_scalar(key, Scope::over(&row))).collect();
        let declared = self.bind_declared(declare);
        let mut columns = sorted.columns.clone();
        for (column, _) in &declared {
            place(&mut columns, column.clone());
        }
        let has_all = columns.len() == sorted.columns.len().saturating_add(declared.len());
        let (steps, doubt) = self.bind_steps(&columns, &declared, steps);
        let match_id = parameter(params, "with_match_id").and_then(word);
        let is_new = match_id.is_none_or(|name| columns.iter().all(|it| &*it.name != name));
        let match_id = match_id.map(|name| self.fresh_column(name, KqlType::Long));
        columns.extend(match_id.clone());
        let doubt = doubt
            .or_else(|| (!has_all || !is_new).then_some("scan into columns of the input"))
            .or_else(|| {
                let is_numbered = match_id.is_some() && !keys.is_empty();
                is_numbered.then_some("scan with_match_id of partitions")
            });
        let (Some(partition), Some(steps), false) =
            (keys.into_iter().collect::<Option<Vec<_>>>(), steps, is_open)
        else {
            return opaque("scan", vec![sorted], columns, is_open, span);
        };
        if let Some(doubt) = doubt {
            return opaque(doubt, vec![sorted], columns, false, span);
        }
        let declared = declared
            .into_iter()
            .map(|(column, default)| {
                let default = default.unwrap_or_else(|| literal(Value::missing(column.ty), span));
                (column, default)
            })
            .collect();
        let scan = StepScan { input: sorted, partition, declared, steps, match_id };
        let kind = RelationKind::StepScan(Box::new(self.with_rows_computed_before(scan)));
        Relation { kind, columns, span }
    }

    /// Binds the declared columns and what they are where no step sets them.
    fn bind_declared(&mut self, declare: &[ast::ColumnDecl]) -> Vec<(Column, Option<Expr>)> {
        let columns = self.declared_columns(declare);
        let mut declared = Vec::with_capacity(columns.len());
        for (column, decl) in columns.into_iter().zip(declare) {
            let default = decl.default.as_ref();
            let default = default.and_then(|it| self.bind_scalar(it, Scope::default()));
            declared.push((column, default));
        }
        declared
    }

    /// Binds the steps over the columns of a result; a step's name holds those of its last row.
    fn bind_steps(
        &mut self,
        columns: &[Column],
        declared: &[(Column, Option<Expr>)],
        steps: &[ast::ScanStep],
    ) -> (Option<Vec<ScanStep>>, Option<Doubt>) {
        self.check_names(steps.iter().map(|step| &step.name));
        let elements: Vec<Element> = steps
            .iter()
            .map(|step| Element {
                name: step.name.text.as_str().into(),
                columns: columns
                    .iter()
                    .map(|column| self.fresh_column(Arc::clone(&column.name), column.ty))
                    .collect(),
                hops: None,
                degrees: None,
            })
            .collect();
        let row = Row::new(columns, false).with_elements(&elements);
        let mut bound = Vec::with_capacity(steps.len());
        let mut doubt = defaults_in_doubt(declared);
        for step in steps {
            doubt = doubt.or_else(|| step.optional.then_some("an optional step of scan"));
            bound.push(self.bind_step(step, declared, &row, &mut doubt));
        }
        let Some(mut bound) = bound.into_iter().collect::<Option<Vec<ScanStep>>>() else {
            return (None, doubt);
        };
        let later = remember(&mut bound, columns, &elements, declared);
        (Some(bound), doubt.or(later))
    }

    fn bind_step(
        &mut self,
        step: &ast::ScanStep,
        declared: &[(Column, Option<Expr>)],
        row: &Row<'_>,
        doubt: &mut Option<Doubt>,
    ) -> Option<ScanStep> {
        let predicate = self.bind_predicate(&step.predicate, Scope::over(row));
        let mut sets: Vec<Option<Expr>> = vec![None; declared.len()];
        let mut is_whole = true;
        for assignment in &step.assignments {
            let value = self.bind_scalar(&assignment.value, Scope::over(row));
            let Assignment::Name(name) = &assignment.name else { continue };
            let place = declared.iter().position(|(column, _)| *column.name == *name.text);
            match (
                value,
                place.and_then(|place| Some((declared.get(place)?, sets.get_mut(place)?))),
            ) {
                (Some(value), Some(((column, _), set))) => {
                    if value.ty != column.ty || set.is_some() {
                        *doubt = doubt.or(Some(
                            "a step of scan that sets a column to another type, or twice,",
                        ));
                    }
                    *set = Some(convert(value, column.ty));
                }
                (None, _) => is_whole = false,
                (Some(_), None) => {
                    is_whole = false;
                    self.bind_column(name, row);
                    *doubt = doubt.or(Some("a step of scan that sets a column not declared"));
                }
            }
        }
        let output = match parameter(&step.params, "output").and_then(word) {
            None | Some("all") => StepOutput::All,
            Some("last") => StepOutput::Last,
            Some("none") => StepOutput::None,
            Some(_) => {
                *doubt = doubt.or(Some("this output of a step of scan"));
                StepOutput::All
            }
        };
        Some(ScanStep {
            predicate: predicate.filter(|_| is_whole)?,
            sets,
            output,
            remembered: Vec::new(),
        })
    }

    /// Computes before the scan what its steps compute of the row at hand alone.
    fn with_rows_computed_before(&mut self, mut scan: StepScan) -> StepScan {
        let state: HashSet<ColumnId> = scan
            .steps
            .iter()
            .flat_map(|step| &step.remembered)
            .map(|(_, column)| column.id)
            .collect();
        let mut added: Vec<(Column, Expr)> = Vec::new();
        let mut keys = std::mem::take(&mut scan.partition);
        for key in &mut keys {
            self.compute_before(key, &state, &mut added);
        }
        for step in &mut scan.steps {
            self.compute_before(&mut step.predicate, &state, &mut added);
            for set in step.sets.iter_mut().flatten() {
                self.compute_before(set, &state, &mut added);
            }
        }
        scan.partition = keys;
        if !added.is_empty() {
            scan.input = with_columns(scan.input, added);
        }
        scan
    }

    /// Takes out of an expression what does not read the state, the largest parts first.
    fn compute_before(
        &mut self,
        expr: &mut Expr,
        state: &HashSet<ColumnId>,
        added: &mut Vec<(Column, Expr)>,
    ) {
        if matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Column(_)) {
            return;
        }
        let mut reads_state = false;
        expr.for_each_column_read(&mut |id| reads_state |= state.contains(&id));
        if !reads_state {
            let column = self.hidden_column("of row", expr.ty);
            let span = expr.span;
            let value = std::mem::replace(expr, column_expr(&column, span));
            added.push((column, value));
            return;
        }
        split_conjuncts(expr, state);
        expr.for_each_child_mut(&mut |child| self.compute_before(child, state, added));
    }
}

/// Puts the conditions on the row at hand together, so that they are one column.
fn split_conjuncts(expr: &mut Expr, state: &HashSet<ColumnId>) {
    let (ty, span) = (expr.ty, expr.span);
    let ExprKind::Logical { op: LogicalOp::And, operands } = &mut expr.kind else { return };
    let reads_state = |operand: &Expr| {
        let mut reads = false;
        operand.for_each_column_read(&mut |id| reads |= state.contains(&id));
        reads
    };
    let (of_state, of_row): (Vec<Expr>, Vec<Expr>) =
        std::mem::take(operands).into_iter().partition(reads_state);
    let mut all = of_row;
    if all.len() > 1 {
        let kind = ExprKind::Logical { op: LogicalOp::And, operands: all };
        all = vec![Expr { kind, ty, span }];
    }
    all.extend(of_state);
    *operands = all;
}

/// Returns a doubt if a default is not a constant of its column's type.
fn defaults_in_doubt(declared: &[(Column, Option<Expr>)]) -> Option<Doubt> {
    let is_plain = |(column, default): &(Column, Option<Expr>)| {
        default.as_ref().is_none_or(|default| {
            matches!(default.kind, ExprKind::Literal(_)) && default.ty == column.ty
        })
    };
    let in_doubt = !declared.iter().all(is_plain);
    in_doubt.then_some("a default of scan that is not a constant of the column's type")
}

/// Notes for each step what of its last row is read; returns what is in doubt of the reading.
fn remember(
    steps: &mut [ScanStep],
    columns: &[Column],
    elements: &[Element],
    declared: &[(Column, Option<Expr>)],
) -> Option<Doubt> {
    let mut doubt = None;
    let mut read: Vec<HashSet<ColumnId>> = Vec::with_capacity(steps.len());
    for step in &*steps {
        let mut ids = HashSet::new();
        let mut is_window = false;
        for expr in std::iter::once(&step.predicate).chain(step.sets.iter().flatten()) {
            expr.for_each_column_read(&mut |id| {
                ids.insert(id);
            });
            expr.for_each_relation(&mut |rows| {
                rows.for_each_column_read(&mut |id| {
                    ids.insert(id);
                });
            });
            is_window |= calls_window(expr);
        }
        if is_window {
            doubt = Some("a step of scan with functions of other rows");
        }
        if declared.iter().any(|(column, _)| ids.contains(&column.id)) {
            doubt = Some("a step of scan that reads a declared column without the name of a step");
        }
        read.push(ids);
    }
    for (at, ids) in read.iter().enumerate() {
        let mut later = elements.iter().skip(at.saturating_add(1)).flat_map(|it| &it.columns);
        if later.any(|column| ids.contains(&column.id)) {
            doubt = Some("a step of scan that reads a later one");
        }
    }
    for (step, element) in steps.iter_mut().zip(elements) {
        for (source, column) in columns.iter().zip(&element.columns) {
            if read.iter().any(|ids| ids.contains(&column.id)) {
                let span = step.predicate.span;
                step.remembered.push((column_expr(source, span), column.clone()));
            }
        }
    }
    doubt
}

fn calls_window(expr: &Expr) -> bool {
    let mut calls =
        matches!(expr.kind, ExprKind::Call { function, .. } if functions::is_window(function));
    expr.for_each_child(&mut |child| calls |= calls_window(child));
    calls
}
