//! The branches' filters, tested condition by condition: what several of them ask is answered once.
//!
//! Rules over one table begin alike, with the view's own conditions and with the same columns taken
//! apart, so most of what a package asks of a record has been asked by another rule before.

mod shared;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder},
    buffer::BooleanBuffer,
    compute::{filter_record_batch, kernels::boolean::and, prep_null_mask_filter},
    datatypes::SchemaRef,
    record_batch::{RecordBatch, RecordBatchOptions},
};
use datafusion::{common::Column, logical_expr::Expr};

use self::shared::{Shared, Sharing};
use crate::{
    error::EngineError,
    plan::{
        branch::Branch,
        planner::{Computation, Planner},
    },
};

/// The conditions of all branches.
#[derive(Debug)]
pub(crate) struct Conditions<'a> {
    planner: &'a Planner,
    /// What is asked, each once.
    questions: Vec<Question<'a>>,
    /// What several questions compute.
    shared: Vec<Shared>,
    by_branch: Vec<Vec<Condition>>,
}

/// What one or more branches over a table ask of its rows.
#[derive(Debug)]
struct Question<'a> {
    expr: &'a Expr,
    /// The columns that it reads.
    input: SchemaRef,
    /// The condition over them, compiled when first asked: most files have few kinds of events.
    test: OnceLock<Computation>,
    /// The condition over them and what it shares with others, if it does.
    sharing: Option<Sharing>,
    /// How many branches ask it.
    askers: usize,
}

/// One condition of a branch.
#[derive(Debug)]
struct Condition {
    question: usize,
    /// Which of the branch's columns the question reads.
    columns: Vec<usize>,
}

/// What has been found out about the rows of one batch.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// By question.
    questions: HashMap<usize, BooleanArray>,
    /// What questions share, by its number; `None` if it cannot be computed for all rows.
    shared: HashMap<usize, Option<ArrayRef>>,
}

/// The columns of a branch in one batch.
pub(crate) trait BranchColumns {
    /// Returns how many rows there are.
    fn rows(&self) -> usize;
    /// Returns one of the branch's columns; `None` if it has no such column that a filter may read.
    fn column(&self, column: usize) -> Option<ArrayRef>;
}

impl<'a> Conditions<'a> {
    /// Finds out which branches ask the same.
    ///
    /// # Errors
    ///
    /// If a filter reads what its branch does not have.
    pub(crate) fn new(branches: &'a [Branch], planner: &'a Planner) -> Result<Self, EngineError> {
        let mut numbers: HashMap<(&str, &Expr), usize> = HashMap::new();
        let mut questions: Vec<Question<'a>> = Vec::new();
        let mut tables: Vec<&str> = Vec::new();
        let mut by_branch = Vec::with_capacity(branches.len());
        for branch in branches {
            let mut conditions = Vec::with_capacity(branch.conjuncts.len());
            for expr in &branch.conjuncts {
                // In the same order for all who ask.
                let names: BTreeSet<&str> =
                    expr.column_refs().into_iter().map(Column::name).collect();
                let columns = names.into_iter().map(|name| branch.input.index_of(name));
                let columns = columns.collect::<Result<Vec<_>, _>>().map_err(EngineError::Batch)?;
                let question = *numbers.entry((&branch.table, expr)).or_insert(questions.len());
                if let Some(known) = questions.get_mut(question) {
                    known.askers = known.askers.saturating_add(1);
                } else {
                    let input = branch.input.project(&columns).map_err(EngineError::Batch)?;
                    let (input, test) = (Arc::new(input), OnceLock::new());
                    tables.push(&*branch.table);
                    questions.push(Question { expr, input, test, sharing: None, askers: 1 });
                }
                conditions.push(Condition { question, columns });
            }
            by_branch.push(conditions);
        }
        let asked: Vec<(&str, &Expr)> =
            tables.into_iter().zip(questions.iter().map(|question| question.expr)).collect();
        let (shared, sharing) = shared::shared(&asked).map_err(EngineError::Plan)?;
        for (question, sharing) in questions.iter_mut().zip(sharing) {
            question.sharing = sharing;
        }
        Ok(Self { planner, questions, shared, by_branch })
    }

    /// Returns for each row whether a branch accepts it: whether none of its conditions is false or
    /// null.
    ///
    /// - `rows`: the branch's columns of a batch.
    /// - `answers`: what other branches have found out about the same batch.
    ///
    /// # Errors
    ///
    /// If a condition fails on a row.
    pub(crate) fn accepted(
        &self,
        branch: usize,
        rows: &impl BranchColumns,
        answers: &mut Answers,
    ) -> Result<BooleanArray, EngineError> {
        let all = rows.rows();
        let mut accepted: Option<BooleanArray> = None;
        for condition in self.by_branch.get(branch).into_iter().flatten() {
            let left = accepted.as_ref().map_or(all, BooleanArray::true_count);
            if left == 0 {
                break;
            }
            if let Some(answer) = answers.questions.get(&condition.question) {
                accepted = Some(both(accepted, answer)?);
                continue;
            }
            let question = self.questions.get(condition.question);
            let question = question.ok_or(EngineError::Internal { what: "nobody asks that" })?;
            let input = condition.input(question, rows)?;
            let with_shared = self.with_shared(question, &input, left, answers)?;
            accepted = Some(match accepted {
                Some(accepted) if !is_worth_keeping(question.askers, left, all) => {
                    question.among(&input, with_shared.as_ref(), &accepted, self.planner)?
                }
                accepted => {
                    let answer = question.evaluate(&input, with_shared.as_ref(), self.planner)?;
                    let both = both(accepted, &answer)?;
                    answers.questions.insert(condition.question, answer);
                    both
                }
            });
        }
        Ok(accepted.unwrap_or_else(|| BooleanArray::new(BooleanBuffer::new_set(all), None)))
    }

    /// Returns a question's columns and behind them what it shares with others; `None` if it shares
    /// nothing, or if that is not worth computing for all rows, or cannot be: only the question itself
    /// knows whether it has to be.
    ///
    /// - `left`: how many rows the question is about.
    fn with_shared(
        &self,
        question: &Question<'_>,
        input: &RecordBatch,
        left: usize,
        answers: &mut Answers,
    ) -> Result<Option<RecordBatch>, EngineError> {
        let Some(sharing) = &question.sharing else { return Ok(None) };
        let mut rows = input.clone();
        for number in &sharing.shared {
            let shared = self.shared.get(*number);
            let shared = shared.ok_or(EngineError::Internal { what: "nobody shares that" })?;
            let known = answers.shared.get(number);
            if known.is_none() && !is_worth_keeping(shared.askers, left, input.num_rows()) {
                return Ok(None);
            }
            let values = known.cloned().unwrap_or_else(|| shared.of(input, self.planner).ok());
            answers.shared.insert(*number, values.clone());
            let Some(values) = values else { return Ok(None) };
            rows = shared.beside(&rows, values)?;
        }
        Ok(Some(rows))
    }
}

/// Tells whether computing something for all rows, for all who ask, is less work than computing it for
/// each for those rows that are left.
fn is_worth_keeping(askers: usize, left: usize, rows: usize) -> bool {
    left.saturating_mul(askers) >= rows
}

fn both(
    accepted: Option<BooleanArray>,
    answer: &BooleanArray,
) -> Result<BooleanArray, EngineError> {
    match accepted {
        Some(accepted) => and(&accepted, answer).map_err(EngineError::Batch),
        None => Ok(answer.clone()),
    }
}

impl Condition {
    /// Returns the columns that the question reads.
    fn input(
        &self,
        question: &Question<'_>,
        rows: &impl BranchColumns,
    ) -> Result<RecordBatch, EngineError> {
        let columns = self.columns.iter().map(|column| rows.column(*column));
        let columns = columns.collect::<Option<Vec<_>>>();
        let columns = columns
            .ok_or(EngineError::Internal { what: "a filter reads a column that is not there" })?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.rows()));
        RecordBatch::try_new_with_options(Arc::clone(&question.input), columns, &options)
            .map_err(EngineError::Batch)
    }
}

impl Question<'_> {
    /// Returns for each row whether the condition is true: neither false nor null.
    ///
    /// - `with_shared`: the rows with what the question shares, if that is there.
    fn evaluate(
        &self,
        rows: &RecordBatch,
        with_shared: Option<&RecordBatch>,
        planner: &Planner,
    ) -> Result<BooleanArray, EngineError> {
        let (rows, expr, test) = match (with_shared, &self.sharing) {
            (Some(rows), Some(sharing)) => (rows, &sharing.expr, &sharing.compiled),
            _ => (rows, self.expr, &self.test),
        };
        let test = if let Some(test) = test.get() {
            test
        } else {
            let compiled = planner.computation(expr, rows.schema_ref())?;
            test.get_or_init(|| compiled)
        };
        let value = test.evaluate(rows).map_err(EngineError::Execute)?;
        if value.data_type().is_null() {
            return Ok(BooleanArray::new(BooleanBuffer::new_unset(rows.num_rows()), None));
        }
        let mask = value
            .as_boolean_opt()
            .ok_or(EngineError::Internal { what: "a condition is neither true nor false" })?;
        Ok(if mask.null_count() > 0 { prep_null_mask_filter(mask) } else { mask.clone() })
    }

    /// Returns which of the accepted rows the condition accepts too.
    fn among(
        &self,
        rows: &RecordBatch,
        with_shared: Option<&RecordBatch>,
        accepted: &BooleanArray,
        planner: &Planner,
    ) -> Result<BooleanArray, EngineError> {
        let among = |rows| filter_record_batch(rows, accepted).map_err(EngineError::Batch);
        let answer = match with_shared.map(among).transpose()? {
            Some(left) => self.evaluate(&left, Some(&left), planner)?,
            None => self.evaluate(&among(rows)?, None, planner)?,
        };
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
    use datafusion::logical_expr::{col, lit, when};
    use proptest::prelude::*;

    use super::*;
    use crate::{plan::planner::Planner, settings::Settings};

    impl BranchColumns for RecordBatch {
        fn rows(&self) -> usize {
            self.num_rows()
        }

        fn column(&self, column: usize) -> Option<ArrayRef> {
            self.columns().get(column).cloned()
        }
    }

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
            first: None,
            is_timed: false,
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
            let shared = Conditions::new(&branches, &planner).unwrap();
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
        let shared = Conditions::new(&branches, &planner).unwrap();
        let questions = |conditions: &Vec<Condition>| -> Vec<(usize, usize)> {
            let numbers = conditions.iter().map(|it| it.question);
            numbers.map(|it| (it, shared.questions[it].askers)).collect()
        };
        let asked: Vec<_> = shared.by_branch.iter().map(questions).collect();
        assert_eq!(asked, [[(0, 2), (1, 2)], [(0, 2), (1, 2)]]);
    }

    /// Returns what each branch accepts of four rows, and what of them is shared.
    fn shared_answers(branches: &[Branch]) -> (Vec<Vec<bool>>, Answers, Vec<usize>) {
        let planner = Planner::new(&Settings::for_tests()).unwrap();
        let conditions = Conditions::new(branches, &planner).unwrap();
        let column = |values: [i32; 4]| Arc::new(Int32Array::from(values.to_vec())) as ArrayRef;
        let columns = vec![column([1, 2, 3, 4]), column([0, 0, 2, 4])];
        let rows = RecordBatch::try_new(Arc::clone(&branches[0].schema), columns).unwrap();
        let mut answers = Answers::default();
        let accepted = (0..branches.len()).map(|branch| {
            let accepted = conditions.accepted(branch, &rows, &mut answers).unwrap();
            accepted.values().iter().collect()
        });
        let accepted = accepted.collect();
        (accepted, answers, conditions.shared.iter().map(|it| it.askers).collect())
    }

    /// Returns `8 / b` where `a` is over a number.
    #[expect(clippy::arithmetic_side_effects, reason = "an expression that nobody computes here")]
    fn quotient(over: i32) -> Expr {
        when(col("a").gt(lit(over)), lit(8) / col("b")).otherwise(lit(0)).unwrap()
    }

    #[test]
    fn what_different_questions_compute_is_computed_once() {
        let branches = [4, 2, 1].map(|least| branch(vec![quotient(2).gt_eq(lit(least))]));
        let (accepted, answers, askers) = shared_answers(&branches);
        assert_eq!(askers, [3]);
        assert!(answers.shared[&0].is_some());
        let expected = [[false, false, true, false], [false, false, true, true]];
        assert_eq!(accepted, [expected[0], expected[1], expected[1]]);
    }

    #[test]
    fn what_cannot_be_computed_for_all_rows_is_computed_for_those_that_are_left() {
        // By zero, where the first condition holds nothing.
        let of = |least: i32| branch(vec![col("b").gt(lit(0)), quotient(0).gt_eq(lit(least))]);
        let (accepted, answers, askers) = shared_answers(&[of(4), of(2)]);
        assert_eq!(askers, [2]);
        assert!(answers.shared[&0].is_none());
        assert_eq!(accepted, [[false, false, true, false], [false, false, true, true]]);
    }
}
