//! The branches' filters, tested condition by condition: what several of them ask is answered once.
//!
//! Rules over one table begin alike, with the view's own conditions and with the same columns taken
//! apart, so most of what a package asks of a record has been asked by another rule before.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use arrow::{
    array::{Array, AsArray, BooleanArray, BooleanBufferBuilder},
    compute::{filter_record_batch, kernels::boolean::and, prep_null_mask_filter},
    datatypes::SchemaRef,
    record_batch::RecordBatch,
};
use datafusion::{logical_expr::Expr, physical_plan::PhysicalExpr};

use crate::{branch::Branch, error::EngineError, planning::Planner};

/// The conditions of all branches.
#[derive(Debug)]
pub(crate) struct Conditions<'a> {
    planner: &'a Planner,
    by_branch: Vec<Vec<Condition<'a>>>,
}

/// One condition of a branch.
#[derive(Debug)]
struct Condition<'a> {
    expr: &'a Expr,
    /// The schema of the branch's columns.
    input: &'a SchemaRef,
    /// The condition over them, compiled when first asked: most files have few kinds of events.
    test: OnceLock<Arc<dyn PhysicalExpr>>,
    /// Equal for those branches that ask the same of the same columns.
    question: usize,
    /// How many branches ask it.
    askers: usize,
}

/// What has been answered for the rows of one batch, by question.
#[derive(Debug, Default)]
pub(crate) struct Answers(HashMap<usize, BooleanArray>);

impl<'a> Conditions<'a> {
    /// Finds out which branches ask the same.
    pub(crate) fn new(branches: &'a [Branch], planner: &'a Planner) -> Self {
        let mut questions: HashMap<(&str, &Expr), usize> = HashMap::new();
        let mut askers: HashMap<usize, usize> = HashMap::new();
        for branch in branches {
            for conjunct in &branch.conjuncts {
                let new = questions.len();
                let question = *questions.entry((&branch.table, conjunct)).or_insert(new);
                let count = askers.entry(question).or_default();
                *count = count.saturating_add(1);
            }
        }
        let conditions = |branch: &'a Branch| {
            let condition = |expr: &'a Expr| {
                let question = *questions.get(&(&*branch.table, expr))?;
                let askers = askers.get(&question).copied().unwrap_or(1);
                let test = OnceLock::new();
                Some(Condition { expr, input: &branch.input, test, question, askers })
            };
            branch.conjuncts.iter().filter_map(condition).collect()
        };
        Self { planner, by_branch: branches.iter().map(conditions).collect() }
    }

    /// Returns for each row whether a branch accepts it: whether none of its conditions is false or
    /// null.
    ///
    /// - `rows`: the branch's columns of a batch.
    /// - `answers`: what other branches have found out about the same batch.
    pub(crate) fn accepted(
        &self,
        branch: usize,
        rows: &RecordBatch,
        answers: &mut Answers,
    ) -> Result<BooleanArray, EngineError> {
        let mut accepted: Option<BooleanArray> = None;
        for condition in self.by_branch.get(branch).into_iter().flatten() {
            let left = accepted.as_ref().map_or(rows.num_rows(), BooleanArray::true_count);
            if left == 0 {
                break;
            }
            accepted = Some(match (answers.0.get(&condition.question), accepted) {
                (Some(answer), Some(accepted)) => {
                    and(&accepted, answer).map_err(EngineError::Batch)?
                }
                (Some(answer), None) => answer.clone(),
                (None, Some(accepted)) if !condition.is_worth_keeping(left, rows.num_rows()) => {
                    condition.among(rows, &accepted, self.planner)?
                }
                (None, accepted) => {
                    let answer = condition.evaluate(rows, self.planner)?;
                    let both = match &accepted {
                        Some(accepted) => and(accepted, &answer).map_err(EngineError::Batch)?,
                        None => answer.clone(),
                    };
                    answers.0.insert(condition.question, answer);
                    both
                }
            });
        }
        Ok(accepted.unwrap_or_else(|| BooleanArray::from(vec![true; rows.num_rows()])))
    }
}

impl Condition<'_> {
    /// Tells whether testing all rows, for all who ask, is less work than testing for each those rows
    /// that are left.
    fn is_worth_keeping(&self, left: usize, rows: usize) -> bool {
        left.saturating_mul(self.askers) >= rows
    }

    /// Returns for each row whether the condition is true: neither false nor null.
    fn evaluate(&self, rows: &RecordBatch, planner: &Planner) -> Result<BooleanArray, EngineError> {
        let test = if let Some(test) = self.test.get() {
            test
        } else {
            let test = planner.condition(self.expr, self.input)?;
            self.test.get_or_init(|| test)
        };
        let value = test.evaluate(rows).and_then(|value| value.into_array(rows.num_rows()));
        let value = value.map_err(EngineError::Execute)?;
        let Some(mask) = value.as_boolean_opt() else {
            return Ok(BooleanArray::from(vec![false; rows.num_rows()]));
        };
        Ok(if mask.null_count() > 0 { prep_null_mask_filter(mask) } else { mask.clone() })
    }

    /// Returns which of the accepted rows the condition accepts too.
    fn among(
        &self,
        rows: &RecordBatch,
        accepted: &BooleanArray,
        planner: &Planner,
    ) -> Result<BooleanArray, EngineError> {
        let left = filter_record_batch(rows, accepted).map_err(EngineError::Batch)?;
        let answer = self.evaluate(&left, planner)?;
        let mut both = BooleanBufferBuilder::new(rows.num_rows());
        both.append_n(rows.num_rows(), false);
        for (row, is_true) in accepted.values().set_indices().zip(answer.values()) {
            both.set_bit(row, is_true);
        }
        Ok(BooleanArray::new(both.finish(), None))
    }
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::Int32Array,
        datatypes::{DataType, Field, Schema},
    };
    use datafusion::logical_expr::{col, lit};
    use proptest::prelude::*;

    use super::*;
    use crate::{planning::Planner, run::Settings};

    /// Returns a branch over two columns of numbers that accepts what meets all conditions.
    fn branch(conjuncts: Vec<Expr>) -> Branch {
        let fields = ["a", "b"].map(|name| Field::new(name, DataType::Int32, true));
        let schema = Arc::new(Schema::new(fields.to_vec()));
        Branch {
            table: "T".into(),
            columns: Vec::new(),
            projection: vec![0, 1],
            conjuncts,
            input: Arc::clone(&schema),
            fetch: None,
            raw_schema: Arc::clone(&schema),
            schema,
        }
    }

    /// Returns a condition on column `a` or `b`, and what it says of a row.
    fn condition(on_a: bool, over: i32) -> (Expr, impl Fn(&Row) -> bool) {
        let expr = col(if on_a { "a" } else { "b" }).gt(lit(over));
        (expr, move |(a, b): &Row| (if on_a { a } else { b }).is_some_and(|value| value > over))
    }

    type Row = (Option<i32>, Option<i32>);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let number = || proptest::option::of(0..10_i32);
        proptest::collection::vec((number(), number()), 0..60)
    }

    fn branches() -> impl Strategy<Value = Vec<Vec<(bool, i32)>>> {
        let one = proptest::collection::vec((any::<bool>(), -1..10_i32), 0..4);
        proptest::collection::vec(one, 1..5)
    }

    proptest! {
        /// Whatever is shared, and in whatever order it is asked, a branch accepts the rows for which
        /// all of its conditions are true.
        #[test]
        fn a_branch_accepts_what_meets_all_its_conditions(rows in rows(), asked in branches()) {
            let planner = Planner::new(&Settings::for_tests()).unwrap();
            let conditions = |asked: &Vec<(bool, i32)>| -> Vec<_> {
                asked.iter().map(|(on_a, over)| condition(*on_a, *over)).collect()
            };
            let branches: Vec<Branch> = asked
                .iter()
                .map(|asked| {
                    let exprs = conditions(asked).into_iter().map(|(expr, _)| expr);
                    branch(exprs.collect())
                })
                .collect();
            let column = |of: fn(&Row) -> Option<i32>| {
                Arc::new(rows.iter().map(of).collect::<Int32Array>()) as _
            };
            let schema = Arc::clone(&branches[0].schema);
            let batch = RecordBatch::try_new(schema, vec![column(|row| row.0), column(|row| row.1)]);
            let batch = batch.unwrap();
            let shared = Conditions::new(&branches, &planner);
            let mut answers = Answers::default();
            for (index, asked) in asked.iter().enumerate() {
                let accepted = shared.accepted(index, &batch, &mut answers).unwrap();
                let expected: Vec<bool> = rows
                    .iter()
                    .map(|row| conditions(asked).iter().all(|(_, is_true)| is_true(row)))
                    .collect();
                prop_assert_eq!(accepted.values().iter().collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn what_two_branches_ask_is_one_question() {
        let planner = Planner::new(&Settings::for_tests()).unwrap();
        let both = || vec![condition(true, 1).0, condition(false, 2).0];
        let branches = [branch(both()), branch(both())];
        let questions = |conditions: &Vec<Condition<'_>>| -> Vec<(usize, usize)> {
            conditions.iter().map(|it| (it.question, it.askers)).collect()
        };
        let shared = Conditions::new(&branches, &planner);
        let asked: Vec<_> = shared.by_branch.iter().map(questions).collect();
        assert_eq!(asked, [[(0, 2), (1, 2)], [(0, 2), (1, 2)]]);
    }
}
