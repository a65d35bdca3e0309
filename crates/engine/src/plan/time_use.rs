//! What a query's rows have to do with the time at which it looks.
//!
//! A rule's schedule looks many times at the same records. Which looks may be left out depends on
//! how the query asks for the time, and that is read off its plan, column by column. Most queries
//! compare a record's time with the look's, as in `TimeGenerated > ago(1h)`: such a condition changes
//! at one moment only, when the look is an hour behind the record. What a query decides by the time
//! in any other way may change at every look.

use std::collections::BTreeSet;

use datafusion::{
    common::{
        Column, DFSchema, DFSchemaRef, ScalarValue,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Aggregate, Expr, Join, JoinType, LogicalPlan, Operator, TableScan, Unnest,
        expr::{InSubquery, ScalarFunction},
    },
};
use kql_types::Ticks;

use super::raw_table::RawTable;
use crate::{evidence::TIME_COLUMNS, schemas::Schemas};

/// How the rows of a result depend on when it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeUse {
    /// How long after a record's time a condition on it changes; `None` if rows may change at any
    /// time.
    pub(crate) steps: Option<BTreeSet<Ticks>>,
    /// Whether [`Self::steps`] holds only as long as the two columns that may have a record's time
    /// are equal in every row.
    pub(crate) has_second_time: bool,
    /// For each column, whether its values are made of the time of the look.
    pub(crate) columns: Vec<bool>,
}

/// What is known of a value. `t` is the time of a record that the result rests on, `now` the look's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// The same at every look.
    Fixed,
    /// `t` and so many ticks.
    Time(Ticks),
    /// `now` and so many ticks.
    Now(Ticks),
    /// `now - t` and so many ticks.
    Age(Ticks),
    /// Changes only where one of the comparisons that were noted does.
    Stepwise,
    /// May change at any time.
    Any,
}

impl Value {
    /// Returns what is known of something made of two values.
    fn and(self, other: Self) -> Self {
        match (self.alone(), other.alone()) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (Self::Stepwise, _) | (_, Self::Stepwise) => Self::Stepwise,
            _ => Self::Fixed,
        }
    }

    /// Returns what is known of something made of the value by a function that is not looked into.
    const fn alone(self) -> Self {
        match self {
            Self::Fixed | Self::Time(_) => Self::Fixed,
            Self::Now(_) | Self::Age(_) | Self::Any => Self::Any,
            Self::Stepwise => Self::Stepwise,
        }
    }

    /// Returns what is known of a column that has either value.
    fn or(self, other: Self) -> Self {
        if self == other { self } else { self.and(other) }
    }

    fn shifted(self, by: Ticks) -> Self {
        let shift = |ticks: Ticks| ticks.checked_add(by);
        match self {
            Self::Time(ticks) => shift(ticks).map_or(Self::Any, Self::Time),
            Self::Now(ticks) => shift(ticks).map_or(Self::Any, Self::Now),
            Self::Age(ticks) => shift(ticks).map_or(Self::Any, Self::Age),
            other => other.alone(),
        }
    }
}

/// The columns that an expression may name.
type Scope<'a> = Vec<(&'a DFSchema, Vec<Value>)>;

/// Finds out how a result's rows depend on when it looks.
///
/// - `plan`: as it was lowered, the time still a parameter.
pub(crate) fn time_use(plan: &LogicalPlan, schemas: &Schemas) -> TimeUse {
    let mut analysis =
        Analysis { schemas, steps: BTreeSet::new(), rows_change: false, has_second_time: false };
    let columns = analysis.columns(plan);
    let is_of_look = |value: &Value| !matches!(value, Value::Fixed | Value::Time(_));
    TimeUse {
        steps: (!analysis.rows_change).then_some(analysis.steps),
        has_second_time: analysis.has_second_time,
        columns: columns.iter().map(is_of_look).collect(),
    }
}

struct Analysis<'a> {
    schemas: &'a Schemas,
    steps: BTreeSet<Ticks>,
    /// Which rows there are may change at any time.
    rows_change: bool,
    has_second_time: bool,
}

impl Analysis<'_> {
    /// Returns what is known of each column of a plan.
    fn columns(&mut self, plan: &LogicalPlan) -> Vec<Value> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::EmptyRelation(empty) => fixed(&empty.schema),
            LogicalPlan::Projection(node) => {
                let scope = vec![self.of(&node.input)];
                node.expr.iter().map(|expr| self.value(expr, &scope)).collect()
            }
            LogicalPlan::Filter(node) => {
                let scope = vec![self.of(&node.input)];
                let condition = self.value(&node.predicate, &scope);
                self.decides(condition);
                scope.into_iter().flat_map(|(_, values)| values).collect()
            }
            LogicalPlan::Sort(node) => {
                let scope = vec![self.of(&node.input)];
                for key in &node.expr {
                    // What is ordered by its age is ordered by its time.
                    match self.value(&key.expr, &scope) {
                        Value::Now(_) | Value::Age(_) => {}
                        other => self.decides(other),
                    }
                }
                scope.into_iter().flat_map(|(_, values)| values).collect()
            }
            LogicalPlan::Window(node) => {
                let scope = vec![self.of(&node.input)];
                let of_window: Vec<Value> =
                    node.window_expr.iter().map(|expr| self.value(expr, &scope)).collect();
                scope.into_iter().flat_map(|(_, values)| values).chain(of_window).collect()
            }
            LogicalPlan::Aggregate(node) => self.aggregate(node),
            LogicalPlan::Join(node) => self.join(node),
            LogicalPlan::Union(node) => {
                let mut inputs = node.inputs.iter().map(|input| self.columns(input));
                let first = inputs.next().unwrap_or_default();
                inputs.fold(first, |all, input| {
                    all.into_iter().zip(input).map(|(one, other)| one.or(other)).collect()
                })
            }
            LogicalPlan::Unnest(node) => self.unnest(node),
            LogicalPlan::Distinct(_) => {
                let values = plan.inputs().into_iter().flat_map(|input| self.columns(input));
                let values: Vec<Value> = values.collect();
                for value in &values {
                    self.decides(*value);
                }
                values
            }
            LogicalPlan::SubqueryAlias(node) => self.columns(&node.input),
            LogicalPlan::Subquery(node) => self.columns(&node.subquery),
            LogicalPlan::Limit(node) => self.columns(&node.input),
            other => self.unknown(other),
        }
    }

    /// Returns a plan's schema and what is known of its columns.
    fn of<'p>(&mut self, plan: &'p LogicalPlan) -> (&'p DFSchema, Vec<Value>) {
        (plan.schema(), self.columns(plan))
    }

    /// Takes note of a value by which rows are chosen or put together.
    fn decides(&mut self, value: Value) {
        self.rows_change = self.rows_change || value.alone() == Value::Any;
    }

    fn scan(&mut self, scan: &TableScan) -> Vec<Value> {
        let Some(table) = scan.source.downcast_ref::<RawTable>() else {
            return fixed(&scan.projected_schema);
        };
        let schema = self.schemas.get(table.name());
        let has = |name: &str| match &schema {
            Some(schema) => schema.column(name).is_some(),
            None => true,
        };
        let [first, second] = TIME_COLUMNS;
        let has_both = has(first) && has(second);
        let mut values = Vec::new();
        for field in scan.projected_schema.fields() {
            let is_time = TIME_COLUMNS.contains(&field.name().as_str());
            self.has_second_time |= has_both && field.name() == second;
            values.push(if is_time { Value::Time(0) } else { Value::Fixed });
        }
        values
    }

    fn aggregate(&mut self, node: &Aggregate) -> Vec<Value> {
        let scope = vec![self.of(&node.input)];
        let mut values: Vec<Value> = Vec::new();
        for key in &node.group_expr {
            let value = self.value(key, &scope);
            // One value for all rows parts none of them.
            if !matches!(value, Value::Now(_)) {
                self.decides(value);
            }
            values.push(value);
        }
        for expr in &node.aggr_expr {
            let value = self.aggregated(expr, &scope);
            values.push(value);
        }
        if values.len() == node.schema.fields().len() { values } else { self.lost(&node.schema) }
    }

    fn aggregated(&mut self, expr: &Expr, scope: &Scope<'_>) -> Value {
        let call = match expr {
            Expr::Alias(alias) => return self.aggregated(&alias.expr, scope),
            Expr::AggregateFunction(call) => call,
            other => return self.value(other, scope),
        };
        if let Some(filter) = &call.params.filter {
            let filter = self.value(filter, scope);
            self.decides(filter);
        }
        match (call.func.name(), call.params.args.as_slice()) {
            // The first or last of some records' times is the time of one of them.
            ("min" | "max", [time]) => match self.value(time, scope) {
                Value::Time(ticks) => Value::Time(ticks),
                other => other.alone(),
            },
            _ => self.parts(expr, scope),
        }
    }

    fn join(&mut self, node: &Join) -> Vec<Value> {
        let (left, right) = (self.of(&node.left), self.of(&node.right));
        let scope = vec![left.clone(), right.clone()];
        for key in node.on.iter().flat_map(|(left, right)| [left, right]).chain(&node.filter) {
            let value = self.value(key, &scope);
            self.decides(value);
        }
        let values: Vec<Value> = match node.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => left.1,
            JoinType::RightSemi | JoinType::RightAnti => right.1,
            _ => left.1.into_iter().chain(right.1).collect(),
        };
        if values.len() == node.schema.fields().len() { values } else { self.lost(&node.schema) }
    }

    fn unnest(&mut self, node: &Unnest) -> Vec<Value> {
        let input = self.columns(&node.input);
        let opened = node.list_type_columns.iter().map(|(index, _)| index);
        let opened: BTreeSet<usize> = opened.chain(&node.struct_type_columns).copied().collect();
        for index in &opened {
            self.decides(input.get(*index).copied().unwrap_or(Value::Any));
        }
        let value = |index: &usize| match input.get(*index).copied().unwrap_or(Value::Any) {
            value if opened.contains(index) => value.alone(),
            value => value,
        };
        node.dependency_indices.iter().map(value).collect()
    }

    /// Returns the columns of an operator that is not looked into.
    fn unknown(&mut self, plan: &LogicalPlan) -> Vec<Value> {
        let inputs: Vec<Value> =
            plan.inputs().into_iter().flat_map(|input| self.columns(input)).collect();
        let asks = plan.expressions().iter().any(asks_for_time);
        let depends = inputs.iter().any(|value| value.alone() != Value::Fixed);
        if asks || depends { self.lost(plan.schema()) } else { fixed(plan.schema()) }
    }

    /// Gives up on a relation: it may change at any time.
    fn lost(&mut self, schema: &DFSchemaRef) -> Vec<Value> {
        self.rows_change = true;
        vec![Value::Any; schema.fields().len()]
    }

    fn value(&mut self, expr: &Expr, scope: &Scope<'_>) -> Value {
        match expr {
            Expr::Column(column) => column_value(column, scope),
            Expr::Placeholder(_) => Value::Now(0),
            Expr::Literal(..) => Value::Fixed,
            Expr::Alias(alias) => self.value(&alias.expr, scope),
            Expr::ScalarFunction(call) if let Some((time, by)) = shift(call) => {
                self.value(time, scope).shifted(by)
            }
            // What `toscalar` gives of no rows is null; otherwise it is the value itself.
            Expr::ScalarFunction(call) if call.name().starts_with("kql_maybe_missing") => {
                call.args.first().map_or(Value::Any, |value| self.value(value, scope))
            }
            _ if is_plainly_fixed(expr, scope) => Value::Fixed,
            Expr::IsNull(operand) | Expr::IsNotNull(operand) => match self.value(operand, scope) {
                // Whether there is a time does not depend on which one it is.
                Value::Now(_) | Value::Age(_) => Value::Fixed,
                other => other.alone(),
            },
            Expr::BinaryExpr(binary) => match binary.op {
                Operator::And | Operator::Or => self.operands(expr, scope),
                op => {
                    let left = self.value(&binary.left, scope);
                    let right = self.value(&binary.right, scope);
                    self.binary(op, (left, literal(&binary.left)), (right, literal(&binary.right)))
                }
            },
            Expr::Between(between) => {
                let value = (self.value(&between.expr, scope), literal(&between.expr));
                let low = (self.value(&between.low, scope), literal(&between.low));
                let high = (self.value(&between.high, scope), literal(&between.high));
                let above = self.binary(Operator::GtEq, value, low);
                above.and(self.binary(Operator::LtEq, value, high))
            }
            Expr::ScalarSubquery(subquery) => {
                self.columns(&subquery.subquery).first().copied().unwrap_or(Value::Any)
            }
            Expr::InSubquery(InSubquery { expr, subquery, .. }) => {
                let of_rows = self.columns(&subquery.subquery);
                let value = self.value(expr, scope);
                of_rows.into_iter().fold(value.alone(), Value::and)
            }
            Expr::Exists(exists) => {
                let _of_no_matter = self.columns(&exists.subquery.subquery);
                Value::Stepwise
            }
            _ => self.parts(expr, scope),
        }
    }

    /// Returns what is known of the result of an operator; beside each operand stands its number if
    /// it is one.
    fn binary(
        &mut self,
        op: Operator,
        (left, left_number): (Value, Option<i64>),
        (right, right_number): (Value, Option<i64>),
    ) -> Value {
        if op == Operator::Minus {
            return match (left, right) {
                (Value::Now(now), Value::Time(time)) => {
                    now.checked_sub(time).map_or(Value::Any, Value::Age)
                }
                _ => left.and(right),
            };
        }
        let is_comparison = matches!(
            op,
            Operator::Eq
                | Operator::NotEq
                | Operator::Lt
                | Operator::LtEq
                | Operator::Gt
                | Operator::GtEq
        );
        // The look's time at which both sides are equal, counted from the record's.
        let step = match (left, right) {
            _ if !is_comparison => None,
            (Value::Time(time), Value::Now(now)) | (Value::Now(now), Value::Time(time)) => {
                time.checked_sub(now)
            }
            (Value::Age(age), Value::Fixed) => right_number.and_then(|it| it.checked_sub(age)),
            (Value::Fixed, Value::Age(age)) => left_number.and_then(|it| it.checked_sub(age)),
            _ => None,
        };
        match step {
            Some(step) => {
                self.steps.insert(step);
                Value::Stepwise
            }
            None => left.and(right),
        }
    }

    /// Returns what is known of a chain of `and` and `or`, which may be long.
    fn operands(&mut self, expr: &Expr, scope: &Scope<'_>) -> Value {
        let mut value = Value::Fixed;
        let mut waiting = vec![expr];
        while let Some(next) = waiting.pop() {
            match next {
                Expr::BinaryExpr(it) if matches!(it.op, Operator::And | Operator::Or) => {
                    waiting.extend([&*it.left, &*it.right]);
                }
                other => value = value.and(self.value(other, scope)),
            }
        }
        value
    }

    /// Returns what is known of an expression by its parts.
    fn parts(&mut self, expr: &Expr, scope: &Scope<'_>) -> Value {
        let mut value = Value::Fixed;
        let visited = expr.apply_children(|part| {
            value = value.and(self.value(part, scope));
            Ok(TreeNodeRecursion::Continue)
        });
        if visited.is_ok() { value } else { Value::Any }
    }
}

fn fixed(schema: &DFSchemaRef) -> Vec<Value> {
    vec![Value::Fixed; schema.fields().len()]
}

fn column_value(column: &Column, scope: &Scope<'_>) -> Value {
    let find = |(schema, values): &(&DFSchema, Vec<Value>)| {
        values.get(schema.maybe_index_of_column(column)?).copied()
    };
    scope.iter().find_map(find).unwrap_or(Value::Any)
}

fn literal(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(ScalarValue::Int64(value), _) => *value,
        _ => None,
    }
}

/// Returns the time that a call moves, and by how many ticks.
fn shift(call: &ScalarFunction) -> Option<(&Expr, Ticks)> {
    let [time, span] = call.args.as_slice() else { return None };
    match call.name() {
        "kql_datetime_add" => Some((time, literal(span)?)),
        "kql_datetime_subtract" => Some((time, literal(span)?.checked_neg()?)),
        _ => None,
    }
}

/// Tells whether nothing in an expression has to do with the time, or with rows of its own.
fn is_plainly_fixed(expr: &Expr, scope: &Scope<'_>) -> bool {
    let depends = |part: &Expr| {
        Ok(match part {
            Expr::Column(column) => {
                !matches!(column_value(column, scope), Value::Fixed | Value::Time(_))
            }
            other => is_of_time_or_rows(other),
        })
    };
    !expr.exists(depends).unwrap_or(true)
}

fn asks_for_time(expr: &Expr) -> bool {
    expr.exists(|part| Ok(is_of_time_or_rows(part))).unwrap_or(true)
}

fn is_of_time_or_rows(part: &Expr) -> bool {
    matches!(
        part,
        Expr::Placeholder(_) | Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_)
    )
}

#[cfg(test)]
mod tests;
