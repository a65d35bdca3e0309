//! Rows on their way through the steps.

use std::{rc::Rc, slice};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::SchemaRef,
    record_batch::RecordBatch,
};
use datafusion_common::{Result, internal_datafusion_err};
use kql_bind::tree::StepOutput;

use super::{CompiledStep, Evaluated, Program, Source};

/// A result.
pub(super) struct Matched {
    /// The row that it is of.
    pub(super) row: usize,
    /// The declared columns, each an array of one value.
    pub(super) declared: Vec<ArrayRef>,
    /// The number of the sequence.
    pub(super) number: i64,
    /// The rows that the sequence holds, this one among them.
    pub(super) rows: Vec<usize>,
}

/// A sequence on its way: what the state of a step holds.
struct Sequence {
    number: i64,
    /// The last row of each step up to this one.
    last: Vec<Rc<Last>>,
    /// What is a result once the sequence leaves the step: of `output=last`.
    pending: Option<Matched>,
}

/// The last row of a step.
struct Last {
    row: usize,
    /// What is read of it, each an array of one value.
    values: Vec<ArrayRef>,
}

/// The state of all steps.
pub(super) struct Follower<'p> {
    program: &'p Program,
    steps: &'p [CompiledStep],
    args: &'p [ArrayRef],
    schema: SchemaRef,
    /// The state where there is no row, step by step.
    missing: Vec<Vec<ArrayRef>>,
    /// The declared columns where no step sets them.
    defaults: Vec<ArrayRef>,
    state: Vec<Option<Sequence>>,
    next_number: i64,
    matched: Vec<Matched>,
}

impl<'p> Follower<'p> {
    pub(super) fn new(
        program: &'p Program,
        steps: &'p [CompiledStep],
        args: &'p [ArrayRef],
    ) -> Result<Self> {
        let mut values = program.missing.iter();
        let mut missing = Vec::with_capacity(steps.len());
        for step in &program.steps {
            let of_step = values.by_ref().take(step.remembered.0.len());
            missing.push(of_step.map(|it| it.to_array_of_size(1)).collect::<Result<Vec<_>>>()?);
        }
        let defaults = program.declared.iter().map(|(_, default)| default.to_array_of_size(1));
        Ok(Self {
            program,
            steps,
            args,
            schema: program.schema(),
            missing,
            defaults: defaults.collect::<Result<_>>()?,
            state: steps.iter().map(|_| None).collect(),
            next_number: 0,
            matched: Vec::new(),
        })
    }

    /// Tries a row on all steps, the last one first.
    pub(super) fn see(&mut self, row: usize) -> Result<()> {
        for at in (0..self.steps.len()).rev() {
            self.try_step(at, row)?;
        }
        Ok(())
    }

    /// Returns the results in the order of their rows, those of later steps first.
    pub(super) fn finish(mut self) -> Vec<Matched> {
        for sequence in self.state.iter_mut().rev() {
            let pending = sequence.as_mut().and_then(|sequence| sequence.pending.take());
            self.matched.extend(pending);
        }
        let mut matched = self.matched;
        matched.sort_by_key(|it| it.row);
        matched
    }

    fn try_step(&mut self, at: usize, row: usize) -> Result<()> {
        let before = at.checked_sub(1);
        if let Some(before) = before
            && self.sequence(before).is_some()
            && self.matches(at, before, row)?
        {
            let Some(mut sequence) = self.state.get_mut(before).and_then(Option::take) else {
                return Err(internal_datafusion_err!("a sequence that is gone"));
            };
            self.matched.extend(sequence.pending.take());
            let replaced = self.state.get_mut(at).and_then(Option::take);
            self.matched.extend(replaced.and_then(|it| it.pending));
            return self.enter(at, before, sequence, row);
        }
        let is_first = before.is_none();
        if (is_first || self.sequence(at).is_some()) && self.matches(at, at, row)? {
            let sequence = self.state.get_mut(at).and_then(Option::take);
            let sequence = sequence.unwrap_or_else(|| {
                let number = self.next_number;
                self.next_number = number.saturating_add(1);
                Sequence { number, last: Vec::new(), pending: None }
            });
            return self.enter(at, at, sequence, row);
        }
        Ok(())
    }

    fn sequence(&self, at: usize) -> Option<&Sequence> {
        self.state.get(at).and_then(Option::as_ref)
    }

    /// Makes a row the last one of a step's sequence, and a result if it is one.
    ///
    /// - `seen`: the step as whose state the sequence was when the row matched.
    fn enter(&mut self, at: usize, seen: usize, mut sequence: Sequence, row: usize) -> Result<()> {
        let step = self.steps.get(at).zip(self.program.steps.get(at));
        let (compiled, step) = step.ok_or_else(|| internal_datafusion_err!("no step {at}"))?;
        let mut batch = None;
        let mut declared = self.defaults.clone();
        for (set, value) in compiled.sets.iter().zip(&mut declared) {
            if let Some(set) = set {
                *value = self.value(set, &sequence.last, seen, row, &mut batch)?;
            }
        }
        let values = step.remembered.0.iter().map(|source| match source {
            Source::Argument(at) => self.args.get(*at).map(|array| array.slice(row, 1)),
            Source::Declared(at) => declared.get(*at).cloned(),
        });
        let values: Option<Vec<ArrayRef>> = values.collect();
        let values =
            values.ok_or_else(|| internal_datafusion_err!("a column that is not there"))?;
        sequence.last.truncate(at);
        sequence.last.push(Rc::new(Last { row, values }));
        if step.output != StepOutput::None {
            let mut rows: Vec<usize> = sequence.last.iter().map(|last| last.row).collect();
            rows.sort_unstable();
            rows.dedup();
            let matched = Matched { row, declared, number: sequence.number, rows };
            match step.output {
                StepOutput::Last => sequence.pending = Some(matched),
                _ => self.matched.push(matched),
            }
        }
        if let Some(state) = self.state.get_mut(at) {
            *state = Some(sequence);
        }
        Ok(())
    }

    /// Tells whether a row meets a step's condition with the state of the step `seen`.
    fn matches(&self, at: usize, seen: usize, row: usize) -> Result<bool> {
        let last = self.sequence(seen).map(|it| &*it.last).unwrap_or_default();
        let mut batch = None;
        let step = self.steps.get(at);
        let step = step.ok_or_else(|| internal_datafusion_err!("a scan has no such step"))?;
        for test in &step.tests {
            let value = self.value(test, last, seen, row, &mut batch)?;
            let value = value.as_boolean_opt();
            if !value.is_some_and(|value| value.is_valid(0) && value.value(0)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Evaluates something of a row, with the last rows of a state.
    fn value(
        &self,
        of: &Evaluated,
        last: &[Rc<Last>],
        seen: usize,
        row: usize,
        batch: &mut Option<RecordBatch>,
    ) -> Result<ArrayRef> {
        let expr = match of {
            Evaluated::Argument(at) => {
                let array = self.args.get(*at);
                let array = array.ok_or_else(|| internal_datafusion_err!("no argument {at}"))?;
                return Ok(array.slice(row, 1));
            }
            Evaluated::Expr(expr) => expr,
        };
        if batch.is_none() {
            *batch = Some(self.batch(last.get(..=seen).unwrap_or(last), row)?);
        }
        let batch = batch.as_ref().map(slice::from_ref).unwrap_or_default();
        let batch = batch.first().ok_or_else(|| internal_datafusion_err!("no row"))?;
        expr.evaluate(batch)?.into_array(1)
    }

    /// Makes the row that expressions are evaluated over.
    fn batch(&self, last: &[Rc<Last>], row: usize) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> =
            self.args.iter().map(|array| array.slice(row, 1)).collect();
        for (at, missing) in self.missing.iter().enumerate() {
            columns.extend(last.get(at).map_or(missing, |last| &last.values).iter().cloned());
        }
        Ok(RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)?)
    }
}
