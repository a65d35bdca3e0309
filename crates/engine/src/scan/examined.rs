//! What is found out about a batch by looking at it alone, which the threads that read it do.

use std::{num::NonZeroUsize, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray},
    compute::{filter, filter_record_batch, kernels::boolean::or},
    record_batch::RecordBatch,
};
use sources::{Examine, Found};

use super::conditions::{Answers, BranchColumns, Conditions};
use crate::{
    error::EngineError,
    plan::layout::{Layout, LeafLayout, RequestLayout, SharedColumns},
    store,
};

/// A batch of which less than this part is needed is made smaller.
const LEAST_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// Looks at batches.
#[derive(Debug)]
pub(crate) struct Examiner<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) conditions: &'a Conditions<'a>,
}

/// A batch that has been looked at.
pub(crate) struct Examined {
    /// Its columns.
    pub(crate) shared: SharedColumns,
    /// What tells its records apart, if anything does.
    pub(crate) keys: Option<[ArrayRef; 2]>,
    /// The rows that leaves want, by the leaf's number among those of the request, for each that wants
    /// any or whose filter fails on one.
    pub(crate) wanted: Vec<(usize, Result<BooleanArray, EngineError>)>,
}

impl Examiner<'_> {
    /// Looks at a batch.
    pub(crate) fn look_at(&self, layout: &Arc<RequestLayout>, batch: RecordBatch) -> Examined {
        let keys = layout.keys(&batch);
        let shared = SharedColumns::new(layout, batch);
        let mut answers = Answers::default();
        let mut wanted = Vec::new();
        for (number, leaf) in layout.leaves.iter().enumerate() {
            let columns = LeafColumns { leaf, shared: &shared };
            let accepted = self.conditions.accepted(leaf.leaf, &columns, &mut answers);
            if accepted.as_ref().map_or(true, |rows| rows.true_count() > 0) {
                wanted.push((number, accepted));
            }
        }
        Examined { shared, keys, wanted }
    }
}

impl Examine for Examiner<'_> {
    fn examine(
        &self,
        table: &str,
        request: usize,
        batch: RecordBatch,
    ) -> Option<(RecordBatch, Found)> {
        let layout = self.layout.of(table, request)?;
        let examined = self.look_at(layout, batch.clone());
        let examined = match examined.needed() {
            None => return None,
            Some(Ok(rows)) if rows.true_count() < rows.len() / LEAST_PART => examined.among(&rows),
            Some(_) => Ok(examined),
        };
        // On an error the sink examines the batch itself, and reports it.
        let Ok(examined) = examined else { return Some((batch, None)) };
        let batch = examined.shared.batch().clone();
        Some((batch, Some(Box::new(examined))))
    }
}

impl Examined {
    /// Returns the rows that any leaf wants; `None` if there are none, and an error if a filter has
    /// failed, so that somebody has to be told.
    fn needed(&self) -> Option<Result<BooleanArray, ()>> {
        let wanted = self.wanted.iter().map(|(_, rows)| rows.as_ref().map_err(|_| ()));
        wanted
            .map(Result::<&BooleanArray, ()>::cloned)
            .reduce(|all, more| all.and_then(|all| or(&all, &more?).map_err(|_| ())))
    }

    /// Takes the batch with other lines in the place of its own.
    pub(crate) fn with_lines(self, batch: RecordBatch) -> Self {
        Self { shared: self.shared.with_lines(batch), ..self }
    }

    /// Returns what there is to be said of some of the rows.
    ///
    /// # Errors
    ///
    /// If there are not as many rows as are told to stay or go.
    pub(crate) fn among(self, rows: &BooleanArray) -> Result<Self, EngineError> {
        let Self { shared, keys, wanted } = self;
        let batch = filter_record_batch(shared.batch(), rows).map_err(EngineError::Batch)?;
        let columns = batch.columns().iter().map(store::compact).collect();
        let batch = RecordBatch::try_new(batch.schema(), columns).map_err(EngineError::Batch)?;
        let shared = SharedColumns::new(shared.layout(), batch);
        let among = |array: &ArrayRef| filter(array, rows).map_err(EngineError::Batch);
        let keys = match keys {
            Some([first, second]) => Some([among(&first)?, among(&second)?]),
            None => None,
        };
        let mut left = Vec::with_capacity(wanted.len());
        for (leaf, accepted) in wanted {
            let accepted = match accepted {
                Ok(accepted) => {
                    let accepted = filter(&accepted, rows).map_err(EngineError::Batch)?;
                    Ok(accepted.as_boolean().clone())
                }
                failed => failed,
            };
            left.push((leaf, accepted));
        }
        Ok(Self { shared, keys, wanted: left })
    }
}

/// The columns of a leaf in a batch.
struct LeafColumns<'a> {
    leaf: &'a LeafLayout,
    shared: &'a SharedColumns,
}

impl BranchColumns for LeafColumns<'_> {
    fn rows(&self) -> usize {
        self.shared.rows()
    }

    fn column(&self, column: usize) -> Option<ArrayRef> {
        self.leaf.column(column, self.shared)
    }
}
