//! A plan over the rows of one look as a plan over those of many: each row carries the time of its look.
//!
//! What a rule finds in each of its runs could be asked run by run. Nearly all of that work would be
//! starting plans, since a run sees few rows. Instead, a row stands once for each run that sees it,
//! with the run's time in a column of its own, and every operator keeps the runs apart: groups and
//! windows have the run among their keys, joins match within a run, and `now()` is that column.
//!
//! Operators for which that is not the same are not looked into: the plan is then run look by look.

use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::{
    common::{
        Column, DFSchema, DFSchemaRef,
        tree_node::{Transformed, TreeNode},
    },
    datasource::{provider_as_source, source_as_provider},
    error::Result,
    logical_expr::{
        Aggregate, Expr, Filter, Join, JoinType, LogicalPlan, Projection, Sort, SubqueryAlias,
        TableScan, Union, Unnest, Window,
        expr::{WindowFunction, WindowFunctionParams},
        expr_rewriter::NamePreserver,
    },
};

use crate::store::{RUN, StoredTable, run_field};

/// [`RUN`] of a join's right side.
const RIGHT_RUN: &str = "#right-run";

/// Part of a plan whose rows are those of many runs.
struct Spread {
    plan: LogicalPlan,
    /// The column that has a row's run; `None` if the rows are the same in every run.
    run: Option<Column>,
}

/// Makes a plan over stored rows one over the rows of many runs; its last column is the run's time.
///
/// `None` if an operator does not keep runs apart, or if no row has to do with the input.
pub(crate) fn spread(plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    let Some(Spread { plan, run: Some(run) }) = of(plan)? else { return Ok(None) };
    with_run_last(plan, &run).map(Some)
}

/// Tells whether a plan over stored rows may find anything in a run, given which leaves have rows that
/// the run sees.
pub(crate) fn may_find(plan: &LogicalPlan, has_rows: &impl Fn(usize) -> bool) -> bool {
    use JoinType::{
        Full, Inner, Left, LeftAnti, LeftMark, LeftSemi, Right, RightAnti, RightMark, RightSemi,
    };
    let of = |plan: &LogicalPlan| may_find(plan, has_rows);
    match plan {
        LogicalPlan::TableScan(scan) => {
            let provider = source_as_provider(&scan.source).ok();
            let leaf = provider.and_then(|it| Some(it.downcast_ref::<StoredTable>()?.leaf()));
            leaf.is_none_or(has_rows)
        }
        LogicalPlan::EmptyRelation(empty) => empty.produce_one_row,
        LogicalPlan::Projection(node) => of(&node.input),
        LogicalPlan::Filter(node) => of(&node.input),
        LogicalPlan::Sort(node) => of(&node.input),
        LogicalPlan::SubqueryAlias(node) => of(&node.input),
        LogicalPlan::Unnest(node) => of(&node.input),
        LogicalPlan::Window(node) => of(&node.input),
        LogicalPlan::Union(node) => node.inputs.iter().any(|input| of(input)),
        // Without keys there is a row for no rows as well.
        LogicalPlan::Aggregate(node) => node.group_expr.is_empty() || of(&node.input),
        LogicalPlan::Join(node) => match node.join_type {
            Inner | LeftSemi | RightSemi => of(&node.left) && of(&node.right),
            Left | LeftAnti | LeftMark => of(&node.left),
            Right | RightAnti | RightMark => of(&node.right),
            Full => of(&node.left) || of(&node.right),
        },
        _ => true,
    }
}

fn of(plan: &LogicalPlan) -> Result<Option<Spread>> {
    if plan.expressions().iter().any(has_subquery) {
        return Ok(None);
    }
    match plan {
        LogicalPlan::TableScan(scan) => of_scan(scan),
        LogicalPlan::EmptyRelation(_) => Ok(Some(Spread { plan: plan.clone(), run: None })),
        LogicalPlan::Projection(node) => of_projection(node),
        LogicalPlan::Filter(node) => of_filter(node),
        LogicalPlan::Sort(node) if node.fetch.is_none() => of_sort(node),
        LogicalPlan::SubqueryAlias(node) => of_alias(node),
        LogicalPlan::Union(node) => of_union(node),
        LogicalPlan::Aggregate(node) => of_aggregate(node),
        LogicalPlan::Window(node) => of_window(node),
        LogicalPlan::Unnest(node) => of_unnest(node),
        LogicalPlan::Join(node) => of_join(node),
        _ => Ok(None),
    }
}

fn of_scan(scan: &TableScan) -> Result<Option<Spread>> {
    if scan.fetch.is_some() {
        return Ok(None);
    }
    let Ok(provider) = source_as_provider(&scan.source) else { return Ok(None) };
    let Some(table) = provider.downcast_ref::<StoredTable>() else {
        // What the user gives is the same in every run.
        let plan = LogicalPlan::TableScan(scan.clone());
        return Ok(Some(Spread { plan, run: None }));
    };
    let run = Column::new(Some(scan.table_name.clone()), RUN);
    let mut spread = scan.clone();
    let width = scan.source.schema().fields().len();
    spread.projection =
        scan.projection.as_ref().map(|yielded| yielded.iter().copied().chain([width]).collect());
    spread.source = provider_as_source(Arc::new(table.spread()));
    let fields = scan.projected_schema.iter().map(|(q, field)| (q.cloned(), Arc::clone(field)));
    let fields = fields.chain([(run.relation.clone(), Arc::new(run_field()))]).collect();
    let metadata = scan.projected_schema.metadata().clone();
    spread.projected_schema = Arc::new(DFSchema::new_with_metadata(fields, metadata)?);
    Ok(Some(Spread { plan: LogicalPlan::TableScan(spread), run: Some(run) }))
}

fn of_projection(node: &Projection) -> Result<Option<Spread>> {
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let plan = LogicalPlan::Projection(node.clone());
    let Some(mut exprs) = at_run(&plan, &node.expr, input.run.as_ref())? else { return Ok(None) };
    exprs.extend(input.run.clone().map(Expr::Column));
    let plan = LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(input.plan))?);
    Ok(Some(Spread { plan, run: input.run }))
}

fn of_filter(node: &Filter) -> Result<Option<Spread>> {
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let Some(predicate) = replaced(node.predicate.clone(), input.run.as_ref())? else {
        return Ok(None);
    };
    let plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input.plan))?);
    Ok(Some(Spread { plan, run: input.run }))
}

fn of_sort(node: &Sort) -> Result<Option<Spread>> {
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let mut keys = Vec::with_capacity(node.expr.len());
    for key in &node.expr {
        let Some(expr) = replaced(key.expr.clone(), input.run.as_ref())? else { return Ok(None) };
        keys.push(key.with_expr(expr));
    }
    let plan = LogicalPlan::Sort(Sort { expr: keys, input: Arc::new(input.plan), fetch: None });
    Ok(Some(Spread { plan, run: input.run }))
}

fn of_alias(node: &SubqueryAlias) -> Result<Option<Spread>> {
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let run = input.run.map(|run| Column::new(Some(node.alias.clone()), run.name));
    let plan = SubqueryAlias::try_new(Arc::new(input.plan), node.alias.clone())?;
    Ok(Some(Spread { plan: LogicalPlan::SubqueryAlias(plan), run }))
}

fn of_union(node: &Union) -> Result<Option<Spread>> {
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for input in &node.inputs {
        // Rows that are the same in every run would have to be there once for each.
        let Some(Spread { plan, run: Some(run) }) = of(input)? else { return Ok(None) };
        inputs.push(Arc::new(with_run_last(plan, &run)?));
    }
    let fields = node.schema.iter().map(|(q, field)| (q.cloned(), Arc::clone(field)));
    let fields = fields.chain([(None, Arc::new(run_field()))]).collect();
    let schema = Arc::new(DFSchema::new_with_metadata(fields, node.schema.metadata().clone())?);
    let run = Some(Column::new_unqualified(RUN));
    Ok(Some(Spread { plan: LogicalPlan::Union(Union { inputs, schema }), run }))
}

fn of_aggregate(node: &Aggregate) -> Result<Option<Spread>> {
    // Without keys there is a row for no rows as well, in every run.
    if node.group_expr.is_empty() || node.group_expr.iter().any(is_grouping_set) {
        return Ok(None);
    }
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let plan = LogicalPlan::Aggregate(node.clone());
    let run = input.run.as_ref();
    let Some(mut keys) = at_run(&plan, &node.group_expr, run)? else { return Ok(None) };
    let Some(values) = at_run(&plan, &node.aggr_expr, run)? else { return Ok(None) };
    keys.extend(run.cloned().map(Expr::Column));
    let plan = Aggregate::try_new(Arc::new(input.plan), keys, values)?;
    in_order(LogicalPlan::Aggregate(plan), &node.schema, input.run)
}

fn is_grouping_set(key: &Expr) -> bool {
    matches!(key, Expr::GroupingSet(_))
}

fn of_window(node: &Window) -> Result<Option<Spread>> {
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let plan = LogicalPlan::Window(node.clone());
    let run = input.run.as_ref();
    let Some(exprs) = at_run(&plan, &node.window_expr, run)? else { return Ok(None) };
    let mut within = Vec::with_capacity(exprs.len());
    for expr in exprs {
        let Some(expr) = within_run(expr, run)? else { return Ok(None) };
        within.push(expr);
    }
    let names = NamePreserver::new(&plan);
    let within = node.window_expr.iter().zip(within);
    let within = within.map(|(was, expr)| names.save(was).restore(expr)).collect();
    let plan = Window::try_new(within, Arc::new(input.plan))?;
    in_order(LogicalPlan::Window(plan), &node.schema, input.run)
}

/// Makes a function over a window one over the rows of a run; `None` if it goes by the order in which
/// rows come, which is not kept.
fn within_run(expr: Expr, run: Option<&Column>) -> Result<Option<Expr>> {
    let Some(run) = run else { return Ok(Some(expr)) };
    let mut goes_by_arrival = false;
    let within = expr.transform(|part| {
        let Expr::WindowFunction(call) = part else { return Ok(Transformed::no(part)) };
        goes_by_arrival |= call.params.order_by.is_empty();
        let WindowFunction { fun, params } = *call;
        let mut partition_by = params.partition_by;
        partition_by.push(Expr::Column(run.clone()));
        let params = WindowFunctionParams { partition_by, ..params };
        let call = Expr::WindowFunction(Box::new(WindowFunction { fun, params }));
        Ok(Transformed::new(call, true, datafusion::common::tree_node::TreeNodeRecursion::Jump))
    })?;
    Ok((!goes_by_arrival).then_some(within.data))
}

fn of_unnest(node: &Unnest) -> Result<Option<Spread>> {
    let Some(input) = of(&node.input)? else { return Ok(None) };
    let opened = node.exec_columns.clone();
    let plan = Unnest::try_new(Arc::new(input.plan), opened, node.options.clone())?;
    Ok(Some(Spread { plan: LogicalPlan::Unnest(plan), run: input.run }))
}

fn of_join(node: &Join) -> Result<Option<Spread>> {
    use JoinType::{Inner, Left, LeftAnti, LeftSemi, Right, RightAnti, RightSemi};
    let (Some(left), Some(right)) = (of(&node.left)?, of(&node.right)?) else { return Ok(None) };
    // Rows that are the same in every run may be matched with, not brought along.
    let run = match (&left.run, &right.run, node.join_type) {
        (_, _, JoinType::Full | JoinType::LeftMark | JoinType::RightMark) => return Ok(None),
        (Some(_), None, Right | RightSemi | RightAnti) => return Ok(None),
        (None, Some(_), Left | LeftSemi | LeftAnti) => return Ok(None),
        (Some(left), None, _) => Some(left.clone()),
        (Some(left), Some(_), Inner | Left | LeftSemi | LeftAnti) => Some(left.clone()),
        (None, Some(right), _) => Some(right.clone()),
        (Some(_), Some(_), _) => Some(Column::new_unqualified(RIGHT_RUN)),
        (None, None, _) => None,
    };
    let mut on = node.on.clone();
    let mut right_plan = right.plan;
    if let (Some(of_left), Some(of_right)) = (&left.run, &right.run) {
        // Both sides' columns must not have one name.
        let named = |(q, field): (Option<&_>, &Arc<Field>)| {
            let column = Column::new(q.cloned(), field.name());
            let is_run = column == *of_right;
            let column = Expr::Column(column);
            if is_run { column.alias(RIGHT_RUN) } else { column }
        };
        let exprs = right_plan.schema().iter().map(named).collect();
        right_plan = LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(right_plan))?);
        on.push((Expr::Column(of_left.clone()), Expr::Column(Column::new_unqualified(RIGHT_RUN))));
    }
    let within = match &left.run {
        Some(left) => Some(left.clone()),
        None => right.run,
    };
    let mut keys = Vec::with_capacity(on.len());
    for (one, other) in on {
        let sides = (replaced(one, left.run.as_ref())?, replaced(other, within.as_ref())?);
        let (Some(one), Some(other)) = sides else { return Ok(None) };
        keys.push((one, other));
    }
    let filter = match node.filter.clone().map(|it| replaced(it, within.as_ref())).transpose()? {
        Some(None) => return Ok(None),
        filter => filter.flatten(),
    };
    let (left, right) = (Arc::new(left.plan), Arc::new(right_plan));
    let (kind, constraint) = (node.join_type, node.join_constraint);
    let (nulls, null_aware) = (node.null_equality, node.null_aware);
    let join = Join::try_new(left, right, keys, filter, kind, constraint, nulls, null_aware)?;
    in_order(LogicalPlan::Join(join), &node.schema, run)
}

/// Puts a plan's columns back into the order of a schema, with the run behind them.
fn in_order(
    plan: LogicalPlan,
    schema: &DFSchemaRef,
    run: Option<Column>,
) -> Result<Option<Spread>> {
    let Some(run) = run else { return Ok(Some(Spread { plan, run: None })) };
    let mut exprs: Vec<Expr> = schema.columns().into_iter().map(Expr::Column).collect();
    let is_named = *run.name == *RUN;
    exprs.push(if is_named {
        Expr::Column(run.clone())
    } else {
        Expr::Column(run.clone()).alias(RUN)
    });
    let run = if is_named { run } else { Column::new_unqualified(RUN) };
    let plan = LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?);
    Ok(Some(Spread { plan, run: Some(run) }))
}

fn with_run_last(plan: LogicalPlan, run: &Column) -> Result<LogicalPlan> {
    let columns = plan.schema().columns();
    if columns.last() == Some(run) {
        return Ok(plan);
    }
    let others = columns.into_iter().filter(|column| column != run);
    let exprs = others.chain([run.clone()]).map(Expr::Column).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
}

/// Puts the run in the place of the time in a plan's expressions, which keep their names; `None` if
/// there is no run.
fn at_run(plan: &LogicalPlan, exprs: &[Expr], run: Option<&Column>) -> Result<Option<Vec<Expr>>> {
    let names = NamePreserver::new(plan);
    let mut all = Vec::with_capacity(exprs.len());
    for expr in exprs {
        let name = names.save(expr);
        let Some(expr) = replaced(expr.clone(), run)? else { return Ok(None) };
        all.push(name.restore(expr));
    }
    Ok(Some(all))
}

/// Puts the run in the place of the time; `None` if there is no run and the time is asked for.
fn replaced(expr: Expr, run: Option<&Column>) -> Result<Option<Expr>> {
    let mut is_lost = false;
    let at_run = expr.transform(|part| {
        Ok(match (part, run) {
            (Expr::Placeholder(_), Some(run)) => Transformed::yes(Expr::Column(run.clone())),
            (part @ Expr::Placeholder(_), None) => {
                is_lost = true;
                Transformed::no(part)
            }
            (part, _) => Transformed::no(part),
        })
    })?;
    Ok((!is_lost).then_some(at_run.data))
}

fn has_subquery(expr: &Expr) -> bool {
    let is_subquery = |part: &Expr| {
        Ok(matches!(
            part,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::Exists(_)
                | Expr::SetComparison(_)
        ))
    };
    expr.exists(is_subquery).unwrap_or(true)
}
