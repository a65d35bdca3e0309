//! `in`, `has_any` and their kin.
//!
//! Source: <https://learn.microsoft.com/kusto/query/in-operator>,
//! <https://learn.microsoft.com/kusto/query/has-any-operator>. A null operand is in no list; a dynamic
//! item stands for its elements.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion_common::{Column as PlanColumn, ScalarValue, Spans};
use datafusion_expr::{
    Expr as PlanExpr, LogicalPlan, LogicalPlanBuilder,
    expr::{InList, InSubquery},
    lit,
    logical_plan::Subquery,
    when,
};
use kql_bind::tree::{Column, Expr, ExprKind, Relation};
use kql_syntax::ast::MatchOp;
use kql_types::{KqlType, Value, dynamic};

use super::{Purpose, comparison::is_nullable};
use crate::{
    aggregates::distinct_texts,
    codes,
    encoding::scalar,
    functions::{Kernel, convert, dynamic_kernels, match_kernels},
    lower::{Failure, Lowering, plan_column},
};

/// A list, taken apart.
#[derive(Default)]
struct Items {
    /// Constants of the operand's type that are not null.
    constants: Vec<Value>,
    /// Other scalars of the operand's type.
    scalars: Vec<Expr>,
    /// Dynamics, which stand for their elements.
    dynamics: Vec<Expr>,
    /// There is a constant that is null.
    has_null: bool,
}

impl Lowering<'_> {
    /// Lowers a test against a list.
    pub(super) fn membership(
        &mut self,
        expr: &Expr,
        op: MatchOp,
        left: &Expr,
        list: &[Expr],
        purpose: Purpose,
    ) -> Result<PlanExpr, Failure> {
        let items = items(list, left.ty);
        let is_negated = matches!(op, MatchOp::NotIn | MatchOp::NotInCi);
        let tests = match op {
            MatchOp::In | MatchOp::NotIn => self.equal_to_any(left, &items)?,
            MatchOp::InCi | MatchOp::NotInCi => {
                self.texts_test(left, &items, &match_kernels::IN_CI)?
            }
            MatchOp::HasAny => self.texts_test(left, &items, &match_kernels::HAS_ANY)?,
            MatchOp::HasAll => self.texts_test(left, &items, &match_kernels::HAS_ALL)?,
            _ => {
                let message = "this operator does not take a list".to_owned();
                return Err(self.refuse(codes::FUNCTION, expr.span, message));
            }
        };
        let is_all = op == MatchOp::HasAll;
        let joined = tests.into_iter().reduce(|a, b| if is_all { a.and(b) } else { a.or(b) });
        let found = joined.unwrap_or_else(|| lit(is_all));
        let has_nulls = items.scalars.iter().any(is_nullable);
        let may_be_null =
            (is_nullable(left) || has_nulls) && !matches!(op, MatchOp::HasAny | MatchOp::HasAll);
        let found = if may_be_null && (is_negated || purpose == Purpose::Value) {
            let total = datafusion_functions::core::expr_fn::coalesce(vec![found, lit(false)]);
            self.null_among_nulls(left, &items, total)?
        } else {
            found
        };
        Ok(if is_negated { PlanExpr::Not(Box::new(found)) } else { found })
    }

    /// Makes the test of null against a list with a null null, as their equality is.
    fn null_among_nulls(
        &mut self,
        left: &Expr,
        items: &Items,
        otherwise: PlanExpr,
    ) -> Result<PlanExpr, Failure> {
        let mut nulls = if items.has_null { vec![lit(true)] } else { Vec::new() };
        for item in items.scalars.iter().filter(|item| is_nullable(item)) {
            nulls.push(self.value(item)?.is_null());
        }
        let Some(any) = nulls.into_iter().reduce(PlanExpr::or) else { return Ok(otherwise) };
        if !is_nullable(left) {
            return Ok(otherwise);
        }
        let both = self.value(left)?.is_null().and(any);
        Ok(when(both, lit(ScalarValue::Boolean(None))).otherwise(otherwise)?)
    }

    /// Lowers a test against the first column of other rows.
    pub(super) fn membership_in_rows(
        &mut self,
        expr: &Expr,
        op: MatchOp,
        left: &Expr,
        relation: &Relation,
        purpose: Purpose,
    ) -> Result<PlanExpr, Failure> {
        let Some(first) = relation.columns.first() else {
            let message = "rows without columns have no value".to_owned();
            return Err(self.refuse(codes::OPERATOR, expr.span, message));
        };
        let is_join = matches!(op, MatchOp::In | MatchOp::NotIn)
            && purpose == Purpose::Conjunct
            && (left.ty, first.ty) == (KqlType::String, KqlType::String);
        if !is_join {
            return self.membership_in_list_of_rows(expr, op, left, relation, first);
        }
        let value = self.value(left)?;
        let rows = self.rows_of_first_column(relation, first)?;
        Ok(PlanExpr::InSubquery(InSubquery {
            expr: Box::new(value),
            subquery: subquery(rows),
            negated: op == MatchOp::NotIn,
        }))
    }

    /// Tests text against the texts of other rows, which are gathered once, into one list.
    ///
    /// Other types are compared as the text that says the same; nulls are in no list.
    fn membership_in_list_of_rows(
        &mut self,
        expr: &Expr,
        op: MatchOp,
        left: &Expr,
        relation: &Relation,
        first: &Column,
    ) -> Result<PlanExpr, Failure> {
        let (kernel, is_negated) = match op {
            MatchOp::In => (&match_kernels::IN_LIST, false),
            MatchOp::NotIn => (&match_kernels::IN_LIST, true),
            MatchOp::InCi => (&match_kernels::IN_CI, false),
            MatchOp::NotInCi => (&match_kernels::IN_CI, true),
            MatchOp::HasAny => (&match_kernels::HAS_ANY, false),
            MatchOp::HasAll => (&match_kernels::HAS_ALL, false),
            _ => {
                let message = "this operator does not take a list".to_owned();
                return Err(self.refuse(codes::FUNCTION, expr.span, message));
            }
        };
        let text = self.value(left)?;
        let text = convert(text, left.ty, KqlType::String);
        let rows = self.rows_of_first_column(relation, first)?;
        let rows = texts_of(rows, first.ty);
        let (Some(text), Some(rows)) = (text, rows) else {
            let message = format!("a list of {} does not run yet here", first.ty);
            return Err(self.refuse(codes::FUNCTION, expr.span, message));
        };
        let list = PlanExpr::ScalarSubquery(subquery(rows?));
        let found = kernel.call(vec![text, list]);
        Ok(if is_negated { PlanExpr::Not(Box::new(found)) } else { found })
    }

    fn equal_to_any(&mut self, left: &Expr, items: &Items) -> Result<Vec<PlanExpr>, Failure> {
        let value = self.value(left)?;
        let mut tests = Vec::new();
        let constants = items.constants.iter().filter_map(scalar);
        let mut list: Vec<PlanExpr> = constants.map(|it| PlanExpr::Literal(it, None)).collect();
        for item in &items.scalars {
            list.push(self.value(item)?);
        }
        if !list.is_empty() {
            let expr = Box::new(value.clone());
            tests.push(PlanExpr::InList(InList { expr, list, negated: false }));
        }
        for item in &items.dynamics {
            let text = convert(value.clone(), left.ty, KqlType::String).ok_or_else(|| {
                let message = format!("a {} in a dynamic list does not run yet", left.ty);
                self.refuse(codes::FUNCTION, item.span, message)
            })?;
            let json = self.value(item)?;
            tests.push(dynamic_kernels::IN_ARRAY.call(vec![text, json]));
        }
        Ok(tests)
    }

    /// Tests text with a kernel that takes a list of texts: once for the constants, once for each
    /// dynamic, and once for the scalars that are no constants.
    fn texts_test(
        &mut self,
        left: &Expr,
        items: &Items,
        kernel: &'static Kernel,
    ) -> Result<Vec<PlanExpr>, Failure> {
        let text = self.value(left)?;
        let mut tests = Vec::new();
        if !items.constants.is_empty() {
            let texts = items.constants.iter().map(|it| ScalarValue::Utf8View(Some(it.to_text())));
            let texts: Vec<ScalarValue> = texts.collect();
            let list = ScalarValue::List(ScalarValue::new_list(&texts, &DataType::Utf8View, true));
            tests.push(kernel.call(vec![text.clone(), PlanExpr::Literal(list, None)]));
        }
        for item in items.dynamics.iter().chain(&items.scalars) {
            let value = self.value(item)?;
            let json = convert(value, item.ty, KqlType::Dynamic).ok_or_else(|| {
                let message = format!("a {} in this list does not run yet", item.ty);
                self.refuse(codes::FUNCTION, item.span, message)
            })?;
            let list = dynamic_kernels::ELEMENT_TEXTS.call(vec![json]);
            tests.push(kernel.call(vec![text.clone(), list]));
        }
        Ok(tests)
    }
}

/// Gathers the different texts of rows of one column; a dynamic array gives its elements.
fn texts_of(rows: LogicalPlan, ty: KqlType) -> Option<Result<LogicalPlan, Failure>> {
    let column = rows.schema().columns().pop()?;
    let value = PlanExpr::Column(column);
    if ty == KqlType::Dynamic {
        return Some(gathered(rows, dynamic_kernels::ELEMENT_TEXTS.call(vec![value]), true));
    }
    let is_there = value.clone().is_not_null();
    let text = convert(value, ty, KqlType::String)?;
    let rows = LogicalPlanBuilder::from(rows).filter(is_there).and_then(LogicalPlanBuilder::build);
    Some(rows.map_err(Failure::from).and_then(|rows| gathered(rows, text, false)))
}

fn gathered(rows: LogicalPlan, text: PlanExpr, is_list: bool) -> Result<LogicalPlan, Failure> {
    const TEXT: &str = "$text";
    let mut rows = LogicalPlanBuilder::from(rows).project(vec![text.alias(TEXT)])?;
    if is_list {
        rows = rows.unnest_column(PlanColumn::new_unqualified(TEXT))?;
    }
    let list = distinct_texts().call(vec![plan_column(TEXT)]).alias("$list");
    Ok(rows.aggregate(Vec::<PlanExpr>::new(), vec![list])?.build()?)
}

fn subquery(rows: LogicalPlan) -> Subquery {
    Subquery { subquery: Arc::new(rows), outer_ref_columns: Vec::new(), spans: Spans::new() }
}

fn items(list: &[Expr], ty: KqlType) -> Items {
    let mut items = Items::default();
    for item in list {
        match &item.kind {
            ExprKind::Literal(Value::Dynamic(Some(json)))
                if dynamic::kind(json) == dynamic::Kind::Array && ty == KqlType::String =>
            {
                let texts = dynamic::elements(json).map(|it| dynamic::unquote(it).into_owned());
                items.constants.extend(texts.map(Value::String));
            }
            ExprKind::Literal(value) if item.ty != KqlType::Dynamic => {
                if is_nullable(item) {
                    items.has_null = true;
                } else {
                    items.constants.push(value.clone());
                }
            }
            _ if item.ty == KqlType::Dynamic => items.dynamics.push(item.clone()),
            _ => items.scalars.push(item.clone()),
        }
    }
    items
}
