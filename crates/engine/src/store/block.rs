//! Rows that one request brought of one input, stored once for all leaves that want them.

use std::{collections::BTreeMap, ops::RangeInclusive, path::Path, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array, UInt32Array,
    },
    buffer::BooleanBuffer,
    compute::FilterBuilder,
    datatypes::{Field, Int64Type, Schema},
    error::ArrowError,
    record_batch::RecordBatch,
};
use kql_types::Ticks;

use super::{
    Place,
    column::StoredColumn,
    packed::{pack, packed_type, unpack},
    spill::SpillFile,
};
use crate::{
    error::EngineError,
    evidence::MemberId,
    keys::{self, RecordColumns},
    plan::layout::{LeafLayout, RequestLayout},
};

/// Some rows, and which of them each leaf wants.
#[derive(Debug)]
pub(crate) struct Block {
    layout: Arc<RequestLayout>,
    /// Where the first of its rows came from.
    place: Place,
    rows: usize,
    columns: Columns,
    selections: Vec<Selection>,
}

/// The rows of a block that a leaf wants.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) leaf: Arc<LeafLayout>,
    pub(super) rows: BooleanBuffer,
    pub(super) count: usize,
    /// The first and the last time of their records; `None` if none has one, or nobody asks for rows by
    /// time.
    pub(super) times: Option<RangeInclusive<Ticks>>,
}

/// A block's columns, wherever they are.
#[derive(Debug)]
enum Columns {
    /// In memory.
    Memory(Vec<StoredColumn>),
    /// In a temporary file.
    Spilled {
        file: Arc<SpillFile>,
        /// The block's index there.
        index: usize,
        /// How many bytes it took in memory.
        bytes: usize,
    },
}

impl Selection {
    fn new(leaf: Arc<LeafLayout>, rows: BooleanBuffer, columns: &[StoredColumn]) -> Self {
        let (count, times) = (rows.count_set_bits(), times(&leaf, columns, &rows));
        Self { leaf, rows, count, times }
    }
}

impl Block {
    /// Makes a block in memory.
    ///
    /// - `columns`: the stored columns, as the request's layout has them.
    /// - `wanted`: by the number of the leaf among those of the request, the rows that it wants.
    ///
    /// # Errors
    ///
    /// If the request has no such leaf.
    pub(super) fn new(
        layout: Arc<RequestLayout>,
        place: Place,
        columns: Vec<StoredColumn>,
        wanted: BTreeMap<usize, BooleanBuffer>,
    ) -> Result<Self, EngineError> {
        let rows = columns.first().map_or(0, StoredColumn::len);
        let select = |(leaf, rows): (usize, BooleanBuffer)| {
            Some(Selection::new(Arc::clone(layout.leaves.get(leaf)?), rows, &columns))
        };
        let selections: Option<_> = wanted.into_iter().map(select).collect();
        let selections =
            selections.ok_or(EngineError::Internal { what: "nobody wants the rows" })?;
        Ok(Self { layout, place, rows, columns: Columns::Memory(columns), selections })
    }

    /// Makes a block of rows that came from several places.
    ///
    /// - `wanted`: the leaves and the rows that they want.
    pub(super) fn in_order(
        layout: &Arc<RequestLayout>,
        columns: Vec<StoredColumn>,
        wanted: impl Iterator<Item = (Arc<LeafLayout>, BooleanBuffer)>,
    ) -> Self {
        let rows = columns.first().map_or(0, StoredColumn::len);
        let selections = wanted.map(|(leaf, rows)| Selection::new(leaf, rows, &columns));
        let selections = selections.collect();
        let (layout, place) = (Arc::clone(layout), (0, 0));
        Self { layout, place, rows, columns: Columns::Memory(columns), selections }
    }

    /// Returns where the first of the rows came from, if they come from one input.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Returns what tells the request apart that brought the rows.
    pub(super) fn request(&self) -> usize {
        self.layout.id
    }

    /// Returns how many rows it has.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the layout of its request.
    pub(super) fn layout(&self) -> &Arc<RequestLayout> {
        &self.layout
    }

    /// Returns which rows the leaves want.
    pub(super) fn selections(&self) -> &[Selection] {
        &self.selections
    }

    /// Tells whether the rows are on disk.
    pub(super) fn is_spilled(&self) -> bool {
        matches!(self.columns, Columns::Spilled { .. })
    }

    /// Returns the number of the stored column that has the rows' times, if somebody asks for rows by
    /// time.
    pub(super) fn time_column(&self) -> Option<usize> {
        let times = |leaf: &Arc<LeafLayout>| leaf.wanted().get(leaf.time()?).copied();
        self.layout.leaves.iter().find_map(times)
    }

    /// Returns the values of a stored column.
    ///
    /// # Errors
    ///
    /// If there is none with that number, or the temporary file cannot be read.
    pub(super) fn values(&self, column: usize) -> Result<ArrayRef, EngineError> {
        let columns = self.columns(&[column])?;
        let column = columns.first();
        let column = column.ok_or(EngineError::Internal { what: "a stored column is missing" })?;
        column.values().map_err(EngineError::Batch)
    }

    /// Yields who wants a row: the number of the selection, and the leaf's.
    pub(super) fn wanting(&self, row: u32) -> impl Iterator<Item = (usize, usize)> {
        let row = usize::try_from(row).ok().filter(|row| *row < self.rows);
        let selections = self.selections.iter().enumerate();
        let wanting = selections.filter(move |(_, it)| row.is_some_and(|row| it.rows.value(row)));
        wanting.map(|(number, it)| (number, it.leaf.leaf))
    }

    /// Takes out which rows the leaves want.
    pub(super) fn take_selections(&mut self) -> Vec<Selection> {
        std::mem::take(&mut self.selections)
    }

    /// Returns how many bytes of memory it takes.
    pub(super) fn memory_bytes(&self) -> usize {
        let columns = match &self.columns {
            Columns::Memory(columns) => columns.iter().map(StoredColumn::memory_bytes).sum(),
            Columns::Spilled { .. } => 0_usize,
        };
        columns.saturating_add(self.selection_bytes())
    }

    /// Returns how many bytes of memory it takes, or would take.
    pub(super) fn bytes(&self) -> usize {
        match &self.columns {
            Columns::Memory(_) => self.memory_bytes(),
            Columns::Spilled { bytes, .. } => bytes.saturating_add(self.selection_bytes()),
        }
    }

    fn selection_bytes(&self) -> usize {
        let selections = self.selections.iter().map(|it| it.rows.inner().capacity());
        selections.fold(0, usize::saturating_add)
    }

    /// Returns the block with its columns in memory.
    ///
    /// # Errors
    ///
    /// If the temporary file cannot be read.
    pub(super) fn load(mut self) -> Result<Self, EngineError> {
        if self.is_spilled() {
            let all: Vec<usize> = (0..=self.layout.member()).collect();
            self.columns = Columns::Memory(self.columns(&all)?);
        }
        Ok(self)
    }

    /// Returns blocks of parts of its rows.
    ///
    /// - `parts`: the rows of each part.
    ///
    /// # Errors
    ///
    /// If the temporary file cannot be read.
    pub(super) fn divide(self, parts: Vec<BooleanBuffer>) -> Result<Vec<Self>, EngineError> {
        let block = self.load()?;
        let Columns::Memory(columns) = &block.columns else {
            return Err(EngineError::Internal { what: "a block that was loaded is on disk" });
        };
        let part = |rows: BooleanBuffer| {
            let filter = FilterBuilder::new(&BooleanArray::new(rows, None)).optimize().build();
            let columns = columns.iter().map(|column| column.part(&filter));
            let columns: Vec<StoredColumn> = columns.collect::<Result<_, _>>()?;
            let select = |selection: &Selection| {
                let rows = BooleanArray::new(selection.rows.clone(), None);
                let rows = filter.filter(&rows)?.as_boolean().values().clone();
                Ok(Selection::new(Arc::clone(&selection.leaf), rows, &columns))
            };
            let selections = block.selections.iter().map(select);
            let selections = selections.collect::<Result<_, ArrowError>>()?;
            let (layout, place, rows) = (Arc::clone(&block.layout), block.place, filter.count());
            Ok(Self { layout, place, rows, columns: Columns::Memory(columns), selections })
        };
        let parts = parts.into_iter().map(part);
        parts.collect::<Result<_, ArrowError>>().map_err(EngineError::Batch)
    }

    /// Returns some of the stored columns.
    ///
    /// # Errors
    ///
    /// If the temporary file cannot be read.
    pub(super) fn columns(&self, wanted: &[usize]) -> Result<Vec<StoredColumn>, EngineError> {
        match &self.columns {
            Columns::Memory(columns) => {
                let column = |number: &usize| columns.get(*number).cloned();
                let found: Option<Vec<_>> = wanted.iter().map(column).collect();
                found.ok_or(EngineError::Internal { what: "a stored column is missing" })
            }
            Columns::Spilled { file, index, .. } => {
                let packed = file.read(*index, Some(wanted))?;
                let columns = packed.columns().iter().map(|column| unpack(column, self.rows));
                columns.collect::<Result<_, _>>().map_err(EngineError::Batch)
            }
        }
    }

    /// Returns what tells the rows' records apart; `None` if nothing does.
    pub(super) fn keys(&self) -> Result<Option<[ArrayRef; 2]>, EngineError> {
        let Some(columns) = self.layout.stored_record_columns() else { return Ok(None) };
        let columns = self.columns(&columns)?;
        let values: Vec<ArrayRef> = columns
            .iter()
            .map(StoredColumn::values)
            .collect::<Result<_, _>>()
            .map_err(EngineError::Batch)?;
        let [record_id, event_id, channel, host, time] = &*values else {
            return Err(EngineError::Internal { what: "a stored column is missing" });
        };
        Ok(keys::keys(&RecordColumns { record_id, event_id, channel, host, time }))
    }

    /// Returns the members and lines of the rows' records; `None` if they are not stored.
    pub(super) fn records(&self) -> Result<Option<Records>, EngineError> {
        let mut places = self.layout.leaves.iter().filter_map(|leaf| leaf.record());
        let Some([line, member]) = places.next() else { return Ok(None) };
        let number = |column: usize| {
            let values = self.values(column)?;
            let values = values.as_primitive_opt::<Int64Type>().cloned();
            values.ok_or(EngineError::Internal { what: "a record's place is not a number" })
        };
        Ok(Some(Records { members: number(member)?, lines: number(line)? }))
    }

    /// Returns the members that some of the rows stand in.
    pub(super) fn members(&self, rows: &[u32]) -> Result<Vec<MemberId>, EngineError> {
        let columns = self.columns(&[self.layout.member()])?;
        let members = columns.first().map(|it| it.take(&UInt32Array::from(rows.to_vec())));
        let members = members.transpose().map_err(EngineError::Batch)?;
        let members = members.as_ref().and_then(|it| it.as_primitive_opt::<Int64Type>());
        let members = members.ok_or(EngineError::Internal { what: "rows without a member" })?;
        Ok(members.values().iter().map(|code| MemberId::decode(*code)).collect())
    }

    /// Takes rows from leaves: pairs of the number of the selection and the row, in order.
    ///
    /// # Errors
    ///
    /// If a selection or a row does not exist.
    pub(super) fn leave_out(&mut self, rows: &[(usize, u32)]) -> Result<(), EngineError> {
        let missing = || EngineError::Internal { what: "a stored row is missing" };
        for of_selection in rows.chunk_by(|(one, _), (other, _)| one == other) {
            let number = of_selection.first().map(|(number, _)| *number);
            let selection =
                number.and_then(|it| self.selections.get_mut(it)).ok_or_else(missing)?;
            let mut left = BooleanBufferBuilder::new(self.rows);
            left.append_buffer(&selection.rows);
            for (_, row) in of_selection {
                let row = usize::try_from(*row).ok().filter(|row| *row < self.rows);
                left.set_bit(row.ok_or_else(missing)?, false);
            }
            selection.rows = left.finish();
            selection.count = selection.rows.count_set_bits();
        }
        Ok(())
    }
}

/// Where the records of rows stand.
pub(super) struct Records {
    members: Int64Array,
    lines: Int64Array,
}

impl Records {
    /// Returns the code of a row's member, and the line: a record that stands before another in the input
    /// has less.
    pub(super) fn rank(&self, row: u32) -> Result<(i64, i64), EngineError> {
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        let rank =
            self.members.values().get(row).copied().zip(self.lines.values().get(row).copied());
        rank.ok_or(EngineError::Internal { what: "a stored row is missing" })
    }
}

/// Writes those blocks of a request that are in memory into one file in `folder`.
///
/// # Errors
///
/// If it cannot be made or written.
pub(super) fn spill<'a>(
    blocks: impl IntoIterator<Item = &'a mut Block>,
    folder: &Path,
) -> Result<(), EngineError> {
    let mut blocks: Vec<&mut Block> = blocks.into_iter().filter(|it| !it.is_spilled()).collect();
    let in_memory = blocks.iter().filter_map(|block| match &block.columns {
        Columns::Memory(columns) => Some(columns),
        Columns::Spilled { .. } => None,
    });
    let mut in_memory = in_memory.peekable();
    let Some(columns) = in_memory.peek() else { return Ok(()) };
    let field = |(number, column): (usize, &StoredColumn)| {
        Field::new(number.to_string(), packed_type(&column.data_type()), false)
    };
    let fields = columns.iter().enumerate().map(field);
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let mut file = SpillFile::begin(folder, &schema)?;
    for columns in in_memory {
        let columns = columns.iter().map(pack).collect::<Result<_, _>>();
        let columns = columns.map_err(EngineError::Batch)?;
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns);
        file.push(&batch.map_err(EngineError::Batch)?)?;
    }
    let file = file.finish()?;
    for (index, block) in blocks.iter_mut().enumerate() {
        let bytes = block.memory_bytes().saturating_sub(block.selection_bytes());
        block.columns = Columns::Spilled { file: Arc::clone(&file), index, bytes };
    }
    Ok(())
}

/// Returns the first and the last time of some rows of a leaf.
fn times(
    layout: &LeafLayout,
    columns: &[StoredColumn],
    rows: &BooleanBuffer,
) -> Option<RangeInclusive<Ticks>> {
    let times = columns.get(*layout.wanted().get(layout.time()?)?)?.values().ok()?;
    let times = times.as_primitive_opt::<Int64Type>()?;
    let valid = rows.set_indices().filter(|row| times.is_valid(*row)).map(|row| times.value(row));
    valid.fold(None, |range: Option<RangeInclusive<Ticks>>, time| {
        Some(match range {
            Some(range) => time.min(*range.start())..=time.max(*range.end()),
            None => time..=time,
        })
    })
}
