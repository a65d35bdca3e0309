//! Blocks put in order of time, so that a look reads those that its window touches and no others.
//!
//! The logs of many hosts overlap, and each file's blocks span what the file does: for every look nearly
//! all of them would have to be gone through. Rows of one time stay in input order, so that a query whose
//! answer depends on the order of its rows finds the same whatever files they are spread over.

mod on_disk;

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array},
    buffer::BooleanBuffer,
    compute::interleave,
    datatypes::Int64Type,
};
use kql_types::Ticks;

#[cfg(test)]
pub(super) use self::on_disk::in_ranges;
use self::on_disk::{Room, put_in_order_on_disk};
use super::{
    Block,
    block::Selection,
    column::StoredColumn,
    filling::{BLOCK_ROWS, stored},
};
use crate::{account::Reservation, error::EngineError, parallel};

/// The part of what stored rows may take that one range of time takes on its way through memory.
const PARTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// A row of a request: its time, if it has one, the number of its block and its place there.
type Row = (Option<Ticks>, u32, u32);

/// Puts the rows of each request in order of time; requests that nobody asks for by time stay as they are.
///
/// - `by_record`: rows of one time are put in the order of their records, as the rows of blocks are in
///   none.
/// - `staging_bytes`: what stored rows may take in memory.
/// - `folder`: where rows go that do not fit into memory twice.
///
/// # Errors
///
/// If a temporary file cannot be written or read, or there is not even memory for a small part of the rows.
pub(crate) fn by_time(
    blocks: Vec<Block>,
    by_record: bool,
    account: &Reservation,
    staging_bytes: usize,
    folder: &Path,
    threads: NonZeroUsize,
) -> Result<Vec<Block>, EngineError> {
    let mut requests: BTreeMap<usize, Vec<Block>> = BTreeMap::new();
    for block in blocks {
        requests.entry(block.request()).or_default().push(block);
    }
    // Side by side only if all fit: which requests need the disk must not depend on the threads.
    let all = requests.values().map(|blocks| bytes_for(blocks)).fold(0, usize::saturating_add);
    let threads = if account.try_grow(all) { threads } else { NonZeroUsize::MIN };
    account.free();
    let requests: Vec<Mutex<Vec<Block>>> = requests.into_values().map(Mutex::new).collect();
    let in_order = parallel::map(&requests, threads, |blocks| {
        let blocks = std::mem::take(&mut *blocks.lock().unwrap_or_else(PoisonError::into_inner));
        if !blocks.iter().all(|block| block.time_column().is_some()) {
            return Ok(blocks);
        }
        let bytes = bytes_for(&blocks);
        if blocks.iter().any(Block::is_spilled) || !account.try_grow(bytes) {
            let room = Room { account, folder, bytes: staging_bytes / PARTS };
            return put_in_order_on_disk(blocks, by_record, room);
        }
        let in_order = put_in_order(blocks, by_record);
        account.shrink(bytes);
        in_order
    });
    let in_order: Vec<Vec<Block>> = in_order.into_iter().collect::<Result<_, _>>()?;
    Ok(in_order.into_iter().flatten().collect())
}

/// Returns what it takes to put blocks in order: they stand twice while it is done.
fn bytes_for(blocks: &[Block]) -> usize {
    let bytes = |block: &Block| {
        let rows = block.rows().saturating_mul(size_of::<Row>());
        block.memory_bytes().saturating_add(rows)
    };
    blocks.iter().map(bytes).fold(0, usize::saturating_add)
}

fn put_in_order(blocks: Vec<Block>, by_record: bool) -> Result<Vec<Block>, EngineError> {
    let rows = if by_record {
        in_order_of_records(&blocks)?
    } else {
        let mut rows = rows(&blocks)?;
        // As they are in a log.
        if rows.is_sorted() {
            return Ok(blocks);
        }
        rows.sort_unstable();
        rows
    };
    let Some(layout) = blocks.first().map(Block::layout) else { return Ok(Vec::new()) };
    let parts: Vec<Vec<(usize, usize)>> =
        rows.chunks(BLOCK_ROWS).map(places).collect::<Result<_, _>>()?;
    let mut columns: Vec<Vec<StoredColumn>> = vec![Vec::new(); parts.len()];
    for number in 0..=layout.member() {
        let values: Vec<ArrayRef> =
            blocks.iter().map(|block| block.values(number)).collect::<Result<_, EngineError>>()?;
        let values: Vec<&dyn Array> = values.iter().map(|values| &**values).collect();
        for (part, columns) in parts.iter().zip(&mut columns) {
            let values = interleave(&values, part).map_err(EngineError::Batch)?;
            columns.push(stored(&values)?);
        }
    }
    // By leaf, the selection in each block.
    let mut leaves: BTreeMap<usize, BTreeMap<usize, &Selection>> = BTreeMap::new();
    for (number, block) in blocks.iter().enumerate() {
        for selection in block.selections() {
            leaves.entry(selection.leaf.leaf).or_default().insert(number, selection);
        }
    }
    let new_block = |(part, columns): (&Vec<(usize, usize)>, Vec<StoredColumn>)| {
        let select = |of_leaf: &BTreeMap<usize, &Selection>| {
            let is_wanted = |at: usize| {
                let place = part.get(at).and_then(|(block, row)| Some((of_leaf.get(block)?, *row)));
                place.is_some_and(|(selection, row)| selection.rows.value(row))
            };
            let rows = BooleanBuffer::collect_bool(part.len(), is_wanted);
            let leaf = &of_leaf.values().next()?.leaf;
            (rows.count_set_bits() > 0).then(|| (Arc::clone(leaf), rows))
        };
        Block::in_order(layout, columns, leaves.values().filter_map(select))
    };
    Ok(parts.iter().zip(columns).map(new_block).collect())
}

/// Returns the rows of blocks. Those without a time order first.
fn rows(blocks: &[Block]) -> Result<Vec<Row>, EngineError> {
    let mut rows: Vec<Row> = Vec::new();
    for (number, block) in (0_u32..).zip(blocks) {
        rows.extend((0_u32..).zip(&times(block)?).map(|(row, time)| (time, number, row)));
    }
    Ok(rows)
}

/// Returns the rows of blocks in order of time, those of one time in the order of their records.
fn in_order_of_records(blocks: &[Block]) -> Result<Vec<Row>, EngineError> {
    let mut ranked = Vec::new();
    for (number, block) in (0_u32..).zip(blocks) {
        let what = "rows that are put in order of time have the places of their records";
        let records = block.records()?.ok_or(EngineError::Internal { what })?;
        for (row, time) in (0_u32..).zip(&times(block)?) {
            ranked.push((time, records.rank(row)?, number, row));
        }
    }
    ranked.sort_unstable();
    Ok(ranked.into_iter().map(|(time, _, number, row)| (time, number, row)).collect())
}

/// Returns the times of a block's rows.
fn times(block: &Block) -> Result<Int64Array, EngineError> {
    let times = block.time_column().map(|column| block.values(column)).transpose()?;
    let times = times.as_ref().and_then(|times| times.as_primitive_opt::<Int64Type>());
    times.cloned().ok_or(EngineError::Internal { what: "rows without times" })
}

/// Returns the blocks and places of rows.
fn places(rows: &[Row]) -> Result<Vec<(usize, usize)>, EngineError> {
    let number = |number: u32| {
        usize::try_from(number).map_err(|_| EngineError::Internal { what: "a block is too long" })
    };
    rows.iter().map(|(_, block, row)| Ok((number(*block)?, number(*row)?))).collect()
}
