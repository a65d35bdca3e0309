//! Rows put in order of time where they do not fit into memory twice: divided by ranges of time, each of
//! which does.

use std::path::Path;

use arrow::buffer::BooleanBuffer;
use kql_types::Ticks;

use super::{put_in_order, times};
use crate::{
    account::Reservation,
    error::EngineError,
    store::{Block, block::spill},
};

/// One row of so many says where ranges end.
const SAMPLED: usize = 64;
/// The least that a range may take: rows beyond that are worth a temporary file.
const LEAST_ROOM: usize = 1 << 20;
/// What is in memory at the same time: rows that wait to be written, those of a range, as they came and in
/// order, and those that have been put in order.
const ROOMS: usize = 4;

/// Where and in how much memory rows are put in order.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub(super) account: &'a Reservation,
    /// The folder for temporary files.
    pub(super) folder: &'a Path,
    /// Bytes that the rows of a range may take.
    pub(super) bytes: usize,
}

/// Puts the rows of a request's blocks in order of time, those of one time in the order of the blocks.
///
/// # Errors
///
/// If a temporary file cannot be written or read, or there is no memory for even a small range.
pub(super) fn put_in_order_on_disk(
    blocks: Vec<Block>,
    by_record: bool,
    room: Room<'_>,
) -> Result<Vec<Block>, EngineError> {
    if !by_record && is_in_order(&blocks)? {
        return Ok(blocks);
    }
    let mut bytes = room.bytes.max(LEAST_ROOM);
    while bytes > LEAST_ROOM && !room.account.try_grow(bytes.saturating_mul(ROOMS)) {
        bytes /= 2;
    }
    if bytes <= LEAST_ROOM {
        room.account.grow(bytes.saturating_mul(ROOMS))?;
    }
    let in_order = in_ranges(blocks, by_record, bytes, room.folder);
    room.account.free();
    in_order
}

/// Tells whether rows are in order of time as they are.
fn is_in_order(blocks: &[Block]) -> Result<bool, EngineError> {
    let mut last: Option<Ticks> = None;
    for block in blocks {
        let times = times(block)?;
        let mut all = times.iter();
        // Rows without a time come first.
        if !all.all(|time| std::mem::replace(&mut last, time) <= time) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Puts rows in order range by range.
///
/// - `room`: bytes that a range may take.
pub(in crate::store) fn in_ranges(
    blocks: Vec<Block>,
    by_record: bool,
    room: usize,
    folder: &Path,
) -> Result<Vec<Block>, EngineError> {
    let ends = ends(&blocks, room)?;
    let mut ranges: Vec<Vec<Block>> = (0..=ends.len()).map(|_| Vec::new()).collect();
    let mut held = 0_usize;
    for block in blocks {
        for (range, part) in divide(block, &ends)? {
            held = held.saturating_add(part.memory_bytes());
            let range = ranges.get_mut(range);
            range.ok_or(EngineError::Internal { what: "rows of no range of time" })?.push(part);
        }
        if held > room {
            spill(ranges.iter_mut().flatten(), folder)?;
            held = 0;
        }
    }
    let mut in_order: Vec<Block> = Vec::new();
    let mut held = 0_usize;
    for range in ranges {
        let loaded = range.into_iter().map(Block::load).collect::<Result<_, _>>()?;
        let of_range = put_in_order(loaded, by_record)?;
        held = of_range.iter().map(Block::memory_bytes).fold(held, usize::saturating_add);
        in_order.extend(of_range);
        if held > room {
            spill(&mut in_order, folder)?;
            held = 0;
        }
    }
    spill(&mut in_order, folder)?;
    Ok(in_order)
}

/// Returns where ranges of time end that take about as many bytes as there is room for; the last one has
/// no end.
fn ends(blocks: &[Block], room: usize) -> Result<Vec<Ticks>, EngineError> {
    let bytes = blocks.iter().map(Block::bytes).fold(0, usize::saturating_add);
    let ranges = bytes.div_ceil(room);
    let mut sample: Vec<Ticks> = Vec::new();
    for block in blocks {
        sample.extend(times(block)?.iter().step_by(SAMPLED).flatten());
    }
    sample.sort_unstable();
    let rows = sample.len();
    let end = |range: usize| sample.get(rows.checked_mul(range)?.checked_div(ranges)?).copied();
    let mut ends: Vec<Ticks> = (1..ranges).filter_map(end).collect();
    ends.dedup();
    Ok(ends)
}

/// Divides a block by ranges of time: the number of each range that has rows of it, and those rows.
fn divide(block: Block, ends: &[Ticks]) -> Result<Vec<(usize, Block)>, EngineError> {
    // A row without a time is before all.
    let range =
        |time: Option<Ticks>| time.map_or(0, |time| ends.partition_point(|end| *end <= time));
    let ranges: Vec<usize> = times(&block)?.iter().map(range).collect();
    let mut numbers = ranges.clone();
    numbers.sort_unstable();
    numbers.dedup();
    if let [range] = &*numbers {
        return Ok(vec![(*range, block)]);
    }
    let rows =
        |number: &usize| ranges.iter().map(|range| range == number).collect::<BooleanBuffer>();
    let parts = block.divide(numbers.iter().map(rows).collect())?;
    Ok(numbers.into_iter().zip(parts).collect())
}
