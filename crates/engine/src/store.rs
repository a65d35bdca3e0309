//! What the pass over the input leaves for the leaves of all plans: each row once, in memory and, above
//! a budget, on disk.
//!
//! In: what each input has for a request, with the rows that each leaf wants of it. Out: for each leaf
//! a table whose rows come in input order, whatever thread read them. A leaf has no rows of its own: it
//! is a selection of those that its request has stored.

mod block;
mod column;
pub(crate) mod copies;
mod filling;
mod leaf;
mod runs;
mod spill;
mod table;
mod texts;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

pub(crate) use self::{
    block::Block,
    filling::{Batch, Filling},
    leaf::LeafBlock,
    runs::{RUN, Runs, run_field},
    spill::{SpillFile, SpillWriter},
    table::{StoredTable, Window},
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

/// Divides blocks by the leaves that have rows in them: the blocks of each leaf, in input order.
///
/// - `leaves`: how many leaves there are.
pub(crate) fn by_leaf(blocks: Vec<Block>, leaves: usize) -> Vec<Arc<[LeafBlock]>> {
    let mut by_leaf: Vec<Vec<LeafBlock>> = vec![Vec::new(); leaves];
    for block in blocks {
        for (leaf, of_leaf) in LeafBlock::all(block) {
            if let Some(blocks) = by_leaf.get_mut(leaf) {
                blocks.push(of_leaf);
            }
        }
    }
    by_leaf.into_iter().map(Arc::from).collect()
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{ArrayRef, AsArray, BooleanArray, Int64Array, StringViewArray},
        datatypes::{DataType, Field, Schema},
        record_batch::RecordBatch,
    };
    use kql_datafusion::ScanColumn;
    use kql_types::KqlType;

    use super::*;
    use crate::{
        evidence::MemberId,
        plan::{
            branch::Branch,
            layout::{Layout, ReadOptions, RequestLayout},
        },
    };

    const LONG: &str = "a text longer than a view holds inline";

    /// Returns the layout of two leaves that want the one column of a table.
    fn layout() -> Arc<RequestLayout> {
        let schema = Arc::new(Schema::new(vec![Field::new("t", DataType::Utf8View, false)]));
        let branch = || Branch {
            table: "T".into(),
            columns: vec![ScanColumn::Column { name: "t".into(), ty: KqlType::String }],
            projection: vec![0],
            conjuncts: Vec::new(),
            input: Arc::clone(&schema),
            fetch: None,
            is_timed: false,
            schema: Arc::clone(&schema),
            raw_schema: Arc::clone(&schema),
        };
        let layout = Layout::new(&[branch(), branch()], &BTreeMap::new(), ReadOptions::default());
        Arc::clone(layout.of("T", 0).unwrap())
    }

    /// Stores texts of one input: for each, which of the two leaves wants it.
    fn push(store: &Store, input: usize, texts: &[(&str, [bool; 2])]) -> Result<(), EngineError> {
        let layout = layout();
        let mut filling = Filling::default();
        for (number, (text, wanted)) in (0..).zip(texts) {
            let columns: [(_, ArrayRef); 2] = [
                ("t", Arc::new(StringViewArray::from(vec![*text]))),
                ("line", Arc::new(Int64Array::from(vec![1]))),
            ];
            let batch = RecordBatch::try_from_iter(columns).unwrap();
            let shared = layout.shared(&batch);
            let (place, member) = ((input, number), MemberId::new(input, 0));
            let rows = Batch { layout: &layout, place, member, shared: &shared };
            let wanted = wanted.iter().enumerate().filter(|(_, wants)| **wants);
            let wanted: Vec<_> =
                wanted.map(|(leaf, _)| (leaf, BooleanArray::from(vec![true]))).collect();
            filling.push(store, &rows, &BooleanArray::from(vec![true]), &wanted)?;
        }
        filling.finish(store)
    }

    /// Returns what each leaf has in the end.
    fn texts(store: Store, last: Option<usize>) -> Vec<Vec<String>> {
        let leaves = by_leaf(store.finish(last), 2);
        let of_block = |block: &LeafBlock| {
            let rows = block.read(None).unwrap().unwrap();
            assert_eq!(rows.num_rows(), block.rows());
            rows.column(0).as_string_view().iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        };
        leaves.iter().map(|blocks| blocks.iter().flat_map(of_block).collect()).collect()
    }

    fn store(budget_bytes: usize) -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Store::new(budget_bytes, folder.path().to_owned()), folder)
    }

    const INPUTS: [&[(&str, [bool; 2])]; 3] = [
        &[("first", [true, false]), (LONG, [true, true]), ("third", [false, true])],
        &[("fourth", [false, true])],
        &[("fifth", [true, true])],
    ];

    #[test]
    fn each_leaf_has_its_rows_in_input_order_whatever_thread_read_them() {
        for budget in [usize::MAX, 0] {
            let (store, folder) = store(budget);
            for input in [2, 0, 1] {
                push(&store, input, INPUTS[input]).unwrap();
            }
            let files = || std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(files(), if budget == 0 { 3 } else { 0 });
            assert_eq!(
                texts(store, None),
                [vec!["first", LONG, "fifth"], vec![LONG, "third", "fourth", "fifth"]]
            );
            assert_eq!(files(), 0);
        }
    }

    #[test]
    fn inputs_that_do_not_count_leave_nothing() {
        let (store, _folder) = store(usize::MAX);
        for (input, texts) in INPUTS.iter().enumerate() {
            push(&store, input, texts).unwrap();
        }
        assert_eq!(texts(store, Some(0)), [vec!["first", LONG], vec![LONG, "third"]]);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_that_names_it() {
        let (store, folder) = store(0);
        let path = folder.path().to_owned();
        drop(folder);
        let error = push(&store, 0, INPUTS[0]).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}
