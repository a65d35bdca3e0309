//! What the pass kept for the leaves of all queries, until it is given back.

use std::{iter, ops::Range, sync::Arc};

use super::Run;
use crate::{error::EngineError, store::LeafBlock};

/// The rows of one leaf.
#[derive(Debug)]
pub(super) struct Stored {
    rows: usize,
    /// `None` once they have been given back.
    blocks: Option<Arc<[LeafBlock]>>,
}

impl Stored {
    /// Takes the blocks of a leaf.
    pub(super) fn new(blocks: Arc<[LeafBlock]>) -> Self {
        let rows = blocks.iter().map(LeafBlock::rows).fold(0, usize::saturating_add);
        Self { rows, blocks: Some(blocks) }
    }

    /// Returns how many rows there are, or were.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the blocks.
    ///
    /// # Errors
    ///
    /// If they have been given back.
    pub(super) fn blocks(&self) -> Result<&Arc<[LeafBlock]>, EngineError> {
        let what = "rows are asked for after they have been given back";
        self.blocks.as_ref().ok_or(EngineError::Internal { what })
    }
}

impl Run<'_> {
    /// Gives back the memory of some queries' rows, which nobody asks for any more. How many there were
    /// stays known; a query that is started again fails.
    pub fn give_back(&mut self, queries: Range<usize>) {
        let results = self.queries.get_mut(queries).into_iter().flatten().flatten();
        for result in results {
            (result.prepared, result.spread) = Default::default();
            let of_pipelines = result.pipelines.iter().map(|pipeline| pipeline.leaves.clone());
            for leaves in iter::once(result.leaves.clone()).chain(of_pipelines) {
                for stored in self.stored.get_mut(leaves).into_iter().flatten() {
                    stored.blocks = None;
                }
            }
        }
    }

    /// Yields what is kept for some leaves.
    pub(super) fn stored(&self, leaves: Range<usize>) -> impl Iterator<Item = &Stored> {
        self.stored.get(leaves).into_iter().flatten()
    }
}
