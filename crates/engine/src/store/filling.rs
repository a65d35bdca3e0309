//! Blocks under construction: what one input has had so far.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array},
    buffer::BooleanBuffer,
    compute::{FilterBuilder, FilterPredicate, concat},
    datatypes::DataType,
};

use super::{
    Block, Place, Store,
    column::{StoredColumn, compact},
    texts::Texts,
};
use crate::{
    error::EngineError,
    evidence::MemberId,
    plan::layout::{RequestLayout, SharedColumns},
};

/// Rows of a block.
pub(super) const BLOCK_ROWS: usize = 8_192;
/// Bytes of the rows of one input that wait for their blocks to be full.
const MOST_WAITING: usize = 4 << 20;

/// The members that rows are of.
#[derive(Clone, Copy)]
pub(crate) enum Members<'a> {
    /// All of one.
    One(MemberId),
    /// Each of the one with that code.
    Each(&'a ArrayRef),
}

/// A reader's batch.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) place: Place,
    /// What its rows are of.
    pub(crate) members: Members<'a>,
    pub(crate) shared: &'a SharedColumns,
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
    columns: Vec<Column>,
    rows: usize,
    /// By the leaf's number among those of the request.
    wanted: BTreeMap<usize, BooleanBufferBuilder>,
    bytes: usize,
}

/// A column under construction.
#[derive(Debug)]
enum Column {
    /// Texts that have repeated themselves so far.
    Texts(Box<Texts>),
    /// Values as they came.
    Plain(Vec<ArrayRef>),
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
        let Batch { place, members, shared } = *batch;
        let layout = shared.layout();
        let filter = FilterBuilder::new(any).optimize().build();
        let rows = filter.count();
        let members: ArrayRef = match members {
            Members::One(member) => Arc::new(Int64Array::from_value(member.encode(), rows)),
            Members::Each(codes) => filter.filter(codes).map_err(EngineError::Batch)?,
        };
        let stored = layout.stored(shared)?;
        let waiting = self.waiting.entry(layout.id).or_insert_with(|| {
            let repeating = stored.iter().map(|it| it.data_type() == &DataType::Utf8View);
            Waiting::new(layout, place, repeating.chain([false]))
        });
        let before = waiting.bytes;
        let [columns @ .., to] = &mut *waiting.columns else {
            return Err(EngineError::Internal { what: "a block lacks the column of members" });
        };
        for (from, to) in stored.into_iter().zip(columns) {
            to.extend(from, any, &filter, waiting.rows)?;
        }
        to.push(&members, waiting.rows)?;
        for (leaf, wanted) in wanted {
            let wanted = filter.filter(wanted).map_err(EngineError::Batch)?;
            let all = waiting.wanted.entry(*leaf).or_insert_with(|| BooleanBufferBuilder::new(0));
            all.append_n(waiting.rows.saturating_sub(all.len()), false);
            all.append_buffer(wanted.as_boolean().values());
        }
        waiting.rows = waiting.rows.saturating_add(rows);
        waiting.bytes = waiting.columns.iter().map(Column::memory_bytes).sum();
        self.bytes = self.bytes.saturating_sub(before).saturating_add(waiting.bytes);
        if waiting.rows >= BLOCK_ROWS
            && let Some(full) = self.waiting.remove(&layout.id)
        {
            self.bytes = self.bytes.saturating_sub(full.bytes);
            return store.push(full.into_block()?);
        }
        if self.bytes > MOST_WAITING { self.finish(store) } else { Ok(()) }
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
    /// Starts without rows.
    ///
    /// - `repeating`: for each column, whether it has texts, which may repeat themselves.
    fn new(
        layout: &Arc<RequestLayout>,
        place: Place,
        repeating: impl Iterator<Item = bool>,
    ) -> Self {
        let column = |has_texts| {
            if has_texts { Column::Texts(Box::default()) } else { Column::Plain(Vec::new()) }
        };
        Self {
            layout: Arc::clone(layout),
            place,
            columns: repeating.map(column).collect(),
            rows: 0,
            wanted: BTreeMap::new(),
            bytes: 0,
        }
    }

    fn into_block(self) -> Result<Block, EngineError> {
        let end = |mut rows: BooleanBufferBuilder| {
            rows.append_n(self.rows.saturating_sub(rows.len()), false);
            rows.finish()
        };
        let wanted = self.wanted.into_iter().map(|(leaf, rows)| (leaf, end(rows))).collect();
        let columns = self.columns.into_iter().map(|column| column.finish(self.rows));
        let columns = columns.collect::<Result<_, _>>()?;
        Block::new(self.layout, self.place, columns, wanted)
    }
}

impl Column {
    /// Adds the values of those rows of a batch that a filter accepts.
    ///
    /// - `before`: how many rows there are.
    fn extend(
        &mut self,
        values: &ArrayRef,
        rows: &BooleanArray,
        filter: &FilterPredicate,
        before: usize,
    ) -> Result<(), EngineError> {
        if let Self::Texts(texts) = self
            && let Some(of_batch) = values.as_string_view_opt()
            && texts.extend(of_batch, rows.values())
        {
            return Ok(());
        }
        self.push(&filter.filter(values).map_err(EngineError::Batch)?, before)
    }

    /// Adds values as they are.
    fn push(&mut self, values: &ArrayRef, before: usize) -> Result<(), EngineError> {
        if let Self::Texts(texts) = self {
            let texts = std::mem::take(texts).finish(before)?;
            let texts = texts.values().map_err(EngineError::Batch)?;
            *self = Self::Plain(if before > 0 { vec![texts] } else { Vec::new() });
        }
        if let Self::Plain(parts) = self {
            parts.push(compact(values));
        }
        Ok(())
    }

    fn memory_bytes(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.memory_bytes(),
            Self::Plain(parts) => parts.iter().map(Array::get_array_memory_size).sum(),
        }
    }

    fn finish(self, rows: usize) -> Result<StoredColumn, EngineError> {
        match self {
            Self::Texts(texts) => texts.finish(rows),
            Self::Plain(parts) => {
                let arrays: Vec<&dyn Array> = parts.iter().map(|part| &**part).collect();
                let values = concat(&arrays).map_err(EngineError::Batch)?;
                StoredColumn::of(compact(&values)).map_err(EngineError::Batch)
            }
        }
    }
}

/// Returns values as they are stored.
pub(super) fn stored(values: &ArrayRef) -> Result<StoredColumn, EngineError> {
    if let Some(of_rows) = values.as_string_view_opt() {
        let mut texts = Texts::default();
        if texts.extend(of_rows, &BooleanBuffer::new_set(of_rows.len())) {
            return texts.finish(of_rows.len());
        }
    }
    StoredColumn::of(compact(values)).map_err(EngineError::Batch)
}
