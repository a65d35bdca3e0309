//! Blocks under construction: what one input has had so far.

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array},
    buffer::{BooleanBuffer, Buffer},
    compute::{FilterBuilder, concat},
    datatypes::DataType,
};

use super::{Block, Place, Store};
use crate::{
    error::EngineError,
    evidence::MemberId,
    plan::layout::{RequestLayout, SharedColumns},
};

/// Rows of a block.
const BLOCK_ROWS: usize = 8_192;
/// Bytes of the rows of one input that wait for their blocks to be full.
const MOST_WAITING: usize = 4 << 20;
/// Rows that use less than this part of the buffers behind them get buffers of their own.
const LEAST_USED_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// A reader's batch.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) layout: &'a Arc<RequestLayout>,
    pub(crate) place: Place,
    /// The member that it is of.
    pub(crate) member: MemberId,
    pub(crate) shared: &'a SharedColumns<'a>,
    /// What tells its records apart.
    pub(crate) keys: Option<&'a [ArrayRef; 2]>,
}

/// The rows of one input that are not in a block yet.
#[derive(Debug, Default)]
pub(crate) struct Filling {
    /// By request.
    waiting: BTreeMap<usize, Waiting>,
    bytes: usize,
}

/// Rows of one request.
#[derive(Debug)]
struct Waiting {
    layout: Arc<RequestLayout>,
    place: Place,
    parts: Vec<Part>,
    rows: usize,
}

/// Rows of one batch.
#[derive(Debug)]
struct Part {
    columns: Vec<ArrayRef>,
    rows: usize,
    /// By the leaf's number among those of the request.
    wanted: Vec<(usize, BooleanBuffer)>,
}

impl Filling {
    /// Adds those rows of a batch that leaves want.
    ///
    /// - `any`: the rows that any leaf wants, at least one.
    /// - `wanted`: those that each leaf wants, by its number among those of the request.
    ///
    /// # Errors
    ///
    /// If a temporary file of the store cannot be written.
    pub(crate) fn push(
        &mut self,
        store: &Store,
        batch: &Batch<'_>,
        any: &BooleanArray,
        wanted: &[(usize, BooleanArray)],
    ) -> Result<(), EngineError> {
        let Batch { layout, place, member, shared, keys } = *batch;
        let filter = FilterBuilder::new(any).optimize().build();
        let rows = filter.count();
        let filtered = |column: &ArrayRef| {
            filter.filter(column).map(|column| compact(&column)).map_err(EngineError::Batch)
        };
        let mut columns = Vec::new();
        for column in layout.stored(shared) {
            columns.push(filtered(column)?);
        }
        columns.push(Arc::new(Int64Array::from_value(member.encode(), rows)));
        for half in keys.into_iter().flatten() {
            columns.push(filtered(half)?);
        }
        let of_leaf = |(leaf, wanted): &(usize, BooleanArray)| {
            let wanted = filter.filter(wanted).map_err(EngineError::Batch)?;
            Ok((*leaf, wanted.as_boolean().values().clone()))
        };
        let wanted = wanted.iter().map(of_leaf).collect::<Result<_, EngineError>>()?;
        let bytes = columns.iter().map(|column| column.get_array_memory_size());
        self.bytes = bytes.fold(self.bytes, usize::saturating_add);
        let waiting = self.waiting.entry(layout.id).or_insert_with(|| Waiting {
            layout: Arc::clone(layout),
            place,
            parts: Vec::new(),
            rows: 0,
        });
        waiting.parts.push(Part { columns, rows, wanted });
        waiting.rows = waiting.rows.saturating_add(rows);
        if self.bytes > MOST_WAITING {
            self.finish(store)
        } else if waiting.rows >= BLOCK_ROWS
            && let Some(full) = self.waiting.remove(&layout.id)
        {
            self.bytes = self.bytes.saturating_sub(full.memory_bytes());
            store.push(full.into_block()?)
        } else {
            Ok(())
        }
    }

    /// Makes blocks of all rows that wait.
    ///
    /// # Errors
    ///
    /// If a temporary file of the store cannot be written.
    pub(crate) fn finish(&mut self, store: &Store) -> Result<(), EngineError> {
        self.bytes = 0;
        for waiting in std::mem::take(&mut self.waiting).into_values() {
            store.push(waiting.into_block()?)?;
        }
        Ok(())
    }
}

impl Waiting {
    fn memory_bytes(&self) -> usize {
        let columns = self.parts.iter().flat_map(|part| &part.columns);
        columns.map(|column| column.get_array_memory_size()).fold(0, usize::saturating_add)
    }

    fn into_block(self) -> Result<Block, EngineError> {
        let mut wanted: BTreeMap<usize, BooleanBufferBuilder> = BTreeMap::new();
        let mut before = 0_usize;
        for part in &self.parts {
            for (leaf, rows) in &part.wanted {
                let all =
                    wanted.entry(*leaf).or_insert_with(|| BooleanBufferBuilder::new(self.rows));
                all.append_n(before.saturating_sub(all.len()), false);
                all.append_buffer(rows);
            }
            before = before.saturating_add(part.rows);
        }
        let end = |mut rows: BooleanBufferBuilder| {
            rows.append_n(self.rows.saturating_sub(rows.len()), false);
            rows.finish()
        };
        let wanted = wanted.into_iter().map(|(leaf, rows)| (leaf, end(rows))).collect();
        let columns = match &*self.parts {
            [only] => only.columns.clone(),
            parts => {
                let count = parts.first().map_or(0, |part| part.columns.len());
                let column = |number: usize| {
                    let column = parts.iter().filter_map(|part| part.columns.get(number));
                    let arrays: Vec<&dyn Array> = column.map(|it| &**it).collect();
                    concat(&arrays).map(|column| compact(&column)).map_err(EngineError::Batch)
                };
                (0..count).map(column).collect::<Result<_, _>>()?
            }
        };
        Ok(Block::new(self.layout, self.place, columns, wanted))
    }
}

/// Copies what filtered rows still share with their reader's buffers, if they use little of them, so
/// that a few rows kept do not keep megabytes alive.
fn compact(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View => {
            let texts = array.as_string_view();
            let held = texts.data_buffers().iter().map(Buffer::capacity);
            let held = held.fold(0, usize::saturating_add);
            // Texts of a dictionary, which many rows share, would become more by a copy.
            if texts.total_buffer_bytes_used() < held / LEAST_USED_PART {
                Arc::new(texts.gc())
            } else {
                Arc::clone(array)
            }
        }
        DataType::Struct(_) => {
            let (fields, columns, nulls) = array.as_struct().clone().into_parts();
            let columns = columns.iter().map(compact).collect();
            Arc::new(arrow::array::StructArray::new(fields, columns, nulls))
        }
        _ => Arc::clone(array),
    }
}
