//! The side of the worker: reads files for leaves that it was sent.

use std::{num::NonZeroUsize, ops::ControlFlow, sync::Arc};

use arrow::record_batch::RecordBatch;
use sources::{Examine, Found, Input, KnownTables, Limits, Origin, Problem, Sink, kept::KeptFile};

use super::{leaves, rows};
use crate::{
    cancel::Cancel,
    error::EngineError,
    plan::planner::Planner,
    scan::{conditions::Conditions, examined::Examiner},
    settings::Settings,
};

/// Reads files for the leaves of somebody else's run.
#[derive(Debug)]
pub struct LeafReader {
    leaves: leaves::Decoded,
    planner: Planner,
}

/// What a file has, part by part.
#[derive(Debug)]
pub enum Part {
    /// Rows, of which some leaf wants some.
    Rows(Vec<u8>),
    /// The file ends.
    End {
        /// Rows that were sent.
        rows: u64,
        /// Whether there is nothing to be told of it.
        is_whole: bool,
    },
}

impl LeafReader {
    /// Takes the leaves that somebody has sent.
    ///
    /// # Errors
    ///
    /// If they are not what an engine of this version sends.
    pub fn decode(leaves: &[u8], settings: &Settings) -> Result<Self, EngineError> {
        Ok(Self { leaves: leaves::decode(leaves)?, planner: Planner::new(settings)? })
    }

    /// Reads files one after the other, and hands over what each has until somebody does not want more.
    ///
    /// # Errors
    ///
    /// If the run is cancelled, or rows cannot be written.
    pub fn read(
        &self,
        files: impl IntoIterator<Item = Arc<KeptFile>>,
        cancel: &Cancel,
        hand_over: &mut dyn FnMut(Part) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let leaves::Decoded { branches, layout } = &self.leaves;
        let conditions = Conditions::new(branches, &self.planner)?;
        let examiner =
            UntilCancelled { examiner: Examiner { layout, conditions: &conditions }, cancel };
        let mut request = layout.request.clone();
        request.limits = Limits { threads: NonZeroUsize::MIN, ..request.limits };
        let known = KnownTables::new(Vec::new());
        for file in files {
            let mut sender = Sender {
                hand_over: &mut *hand_over,
                cancel,
                rows: 0,
                is_whole: true,
                error: None,
                is_over: false,
            };
            let file = Input::Kept(file);
            // There are no accounts of kept rows: whoever asked has them.
            drop(sources::scan_examined(&file, &request, &known, &examiner, &mut sender));
            let Sender { rows, is_whole, error, is_over, .. } = sender;
            if let Some(error) = error {
                return Err(error);
            }
            if is_over || hand_over(Part::End { rows, is_whole }).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Looks at batches as whoever asked would, as long as somebody waits for them.
struct UntilCancelled<'a> {
    examiner: Examiner<'a>,
    cancel: &'a Cancel,
}

impl Examine for UntilCancelled<'_> {
    fn examine(
        &self,
        table: &str,
        request: usize,
        batch: RecordBatch,
    ) -> Option<(RecordBatch, Found)> {
        if self.cancel.is_cancelled() {
            // The sink ends the reading when it gets a batch.
            return Some((batch, None));
        }
        self.examiner.examine(table, request, batch)
    }
}

/// Hands over the rows of one file.
struct Sender<'a> {
    hand_over: &'a mut dyn FnMut(Part) -> ControlFlow<()>,
    cancel: &'a Cancel,
    rows: u64,
    is_whole: bool,
    error: Option<EngineError>,
    /// Nobody wants more.
    is_over: bool,
}

impl Sink for Sender<'_> {
    fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        if self.cancel.is_cancelled() {
            self.error = Some(EngineError::Cancelled);
            return ControlFlow::Break(());
        }
        self.rows = self.rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        match rows::encode(origin.request, &batch) {
            Ok(bytes) => {
                let flow = (self.hand_over)(Part::Rows(bytes));
                self.is_over = flow.is_break();
                flow
            }
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn problem(&mut self, _problem: Problem) {
        self.is_whole = false;
    }
}
