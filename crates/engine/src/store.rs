//! What the pass over the input leaves for the leaves of all plans: each row once, in memory and, above
//! a budget, on disk.
//!
//! In: what each input has for a request, with the rows that each leaf wants of it. Out: for each leaf
//! a table whose rows come in input order, or in order of time where they are asked for by time, whatever
//! thread read them. A leaf has no rows of its own: it is a selection of those that its request has stored.

mod block;
mod by_time;
mod column;
pub(crate) mod copies;
mod filling;
mod leaf;
mod packed;
mod parts;
mod runs;
mod spill;
mod table;
mod texts;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

pub use self::parts::PartId;
pub(crate) use self::{
    block::Block,
    by_time::by_time,
    column::compact,
    filling::{Batch, Filling, Members},
    leaf::LeafBlock,
    parts::RowParts,
    runs::{RUN, Runs, run_field},
    spill::{SpillFile, SpillWriter},
    table::{FewRows, StoredTable, Window},
};
use crate::error::EngineError;

/// Where a batch stands in the input: the input's index, then the batch's number within it.
pub(crate) type Place = (usize, u64);

/// The blocks of all inputs, under one memory budget.
#[derive(Debug)]
pub(crate) struct Store {
    budget_bytes: usize,
    spill_folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By request.
    blocks: BTreeMap<usize, Blocks>,
    memory_bytes: usize,
}

/// The blocks of one request, which have the same columns.
#[derive(Debug, Default)]
struct Blocks {
    blocks: Vec<Block>,
    memory_bytes: usize,
}

impl Store {
    /// Makes an empty store.
    pub(crate) fn new(budget_bytes: usize, spill_folder: PathBuf) -> Self {
        Self { budget_bytes, spill_folder, state: Mutex::default() }
    }

    /// Adds a block; if the budget is exceeded, writes out those of the request that has most.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be written.
    pub(crate) fn push(&self, block: Block) -> Result<(), EngineError> {
        let bytes = block.memory_bytes();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = state.blocks.entry(block.request()).or_default();
        blocks.memory_bytes = blocks.memory_bytes.saturating_add(bytes);
        blocks.blocks.push(block);
        state.memory_bytes = state.memory_bytes.saturating_add(bytes);
        if state.memory_bytes > self.budget_bytes {
            self.spill_largest(&mut state)?;
        }
        Ok(())
    }

    fn spill_largest(&self, state: &mut State) -> Result<(), EngineError> {
        let largest = state.blocks.values_mut().max_by_key(|blocks| blocks.memory_bytes);
        let Some(largest) = largest else { return Ok(()) };
        block::spill(&mut largest.blocks, &self.spill_folder)?;
        state.memory_bytes = state.memory_bytes.saturating_sub(largest.memory_bytes);
        largest.memory_bytes = 0;
        Ok(())
    }

    /// Ends the pass: the blocks of the inputs that count, in input order.
    ///
    /// - `last`: the last input that counts, if not all do.
    pub(crate) fn finish(self, last: Option<usize>) -> Vec<Block> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let blocks = state.blocks.into_values().flat_map(|blocks| blocks.blocks);
        let counts = |block: &Block| last.is_none_or(|last| block.place().0 <= last);
        let mut blocks: Vec<Block> = blocks.filter(counts).collect();
        blocks.sort_by_key(|block| (block.place(), block.request()));
        blocks
    }
}

/// Divides blocks by the leaves that have rows in them: the blocks of each leaf, in the same order.
///
/// - `leaves`: how many leaves there are.
///
/// # Errors
///
/// If a block has rows of another leaf.
pub(crate) fn by_leaf(
    blocks: Vec<Block>,
    leaves: usize,
) -> Result<Vec<Arc<[LeafBlock]>>, EngineError> {
    let mut by_leaf: Vec<Vec<LeafBlock>> = vec![Vec::new(); leaves];
    for block in blocks {
        for (leaf, of_leaf) in LeafBlock::all(block) {
            let blocks = by_leaf.get_mut(leaf);
            let blocks = blocks.ok_or(EngineError::Internal { what: "rows of no leaf" })?;
            blocks.push(of_leaf);
        }
    }
    Ok(by_leaf.into_iter().map(Arc::from).collect())
}

#[cfg(test)]
mod tests;
