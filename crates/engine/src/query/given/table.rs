//! Rows of texts, in memory as long as there is room, else in a temporary file.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, StringViewBuilder},
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};

use super::{GivenError, room::Room};
use crate::{
    error::EngineError,
    store::{SpillFile, SpillWriter},
};

/// Rows that are put away together.
const BATCH_ROWS: usize = 8_192;
/// Texts that are put away together, whatever the number of rows.
const BATCH_BYTES: usize = 1 << 20;

/// A table whose columns are all texts.
#[derive(Debug)]
pub(crate) struct GivenTable {
    batches: Batches,
    /// The number of the first row of each batch, from 0.
    first_rows: Vec<usize>,
    /// What it has taken of the room.
    taken_bytes: usize,
    room: Room,
}

#[derive(Debug)]
enum Batches {
    Memory(Vec<RecordBatch>),
    File(Arc<SpillFile>),
}

/// A table and what its columns are called.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) table: Arc<GivenTable>,
    /// Where the columns' values are; the query may know more columns, which hold nothing.
    pub(crate) columns: BTreeMap<Arc<str>, From>,
}

/// Where a column's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// The texts of a column of the table.
    Texts(usize),
    /// The row's number, from 1.
    RowNumber,
    /// All the table's columns in a bag, under these names.
    Bag(Arc<[String]>),
    /// Nothing.
    Nothing,
}

impl GivenTable {
    /// Returns how many batches there are.
    pub(crate) fn batches(&self) -> usize {
        self.first_rows.len()
    }

    /// Returns a batch, and the number of its first row.
    pub(crate) fn batch(&self, index: usize) -> Result<Option<(usize, RecordBatch)>, EngineError> {
        let Some(first) = self.first_rows.get(index) else { return Ok(None) };
        let batch = match &self.batches {
            Batches::Memory(batches) => batches.get(index).cloned(),
            Batches::File(file) => Some(file.read(index, None)?),
        };
        Ok(batch.map(|batch| (*first, batch)))
    }
}

impl Drop for GivenTable {
    fn drop(&mut self) {
        self.room.give_back(self.taken_bytes);
    }
}

/// A table that is being filled.
pub(crate) struct TableBuilder<'a> {
    path: &'a Path,
    room: &'a Room,
    schema: SchemaRef,
    columns: Vec<StringViewBuilder>,
    rows: usize,
    bytes: usize,
    all_rows: usize,
    taken_bytes: usize,
    first_rows: Vec<usize>,
    kept: Vec<RecordBatch>,
    file: Option<SpillWriter>,
}

impl<'a> TableBuilder<'a> {
    /// Begins a table of so many columns; `path` names where its rows come from in errors.
    pub(crate) fn new(columns: usize, path: &'a Path, room: &'a Room) -> Self {
        let fields = (0..columns).map(|at| Field::new(at.to_string(), DataType::Utf8View, false));
        Self {
            path,
            room,
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            columns: (0..columns).map(|_| StringViewBuilder::new()).collect(),
            rows: 0,
            bytes: 0,
            all_rows: 0,
            taken_bytes: 0,
            first_rows: Vec::new(),
            kept: Vec::new(),
            file: None,
        }
    }

    /// Adds a row; what it lacks is `""`.
    pub(crate) fn push<'t>(
        &mut self,
        mut row: impl Iterator<Item = &'t str>,
    ) -> Result<(), GivenError> {
        for column in &mut self.columns {
            let text = row.next().unwrap_or_default();
            self.bytes = self.bytes.saturating_add(text.len());
            column.append_value(text);
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES {
            self.put_away()?;
        }
        Ok(())
    }

    /// Ends the table.
    pub(crate) fn finish(mut self) -> Result<GivenTable, GivenError> {
        if self.rows > 0 {
            self.put_away()?;
        }
        let path = self.path;
        let batches = match self.file {
            Some(file) => Batches::File(file.finish().map_err(|error| kept(path, error))?),
            None => Batches::Memory(self.kept),
        };
        Ok(GivenTable {
            batches,
            first_rows: self.first_rows,
            taken_bytes: self.taken_bytes,
            room: self.room.clone(),
        })
    }

    fn put_away(&mut self) -> Result<(), GivenError> {
        let columns: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|column| -> ArrayRef { Arc::new(column.finish()) })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|error| kept(self.path, EngineError::Batch(error)))?;
        self.first_rows.push(self.all_rows);
        self.all_rows = self.all_rows.saturating_add(self.rows);
        (self.rows, self.bytes) = (0, 0);
        let bytes = batch.get_array_memory_size();
        if self.file.is_none() && self.room.take(bytes) {
            self.taken_bytes = self.taken_bytes.saturating_add(bytes);
            self.kept.push(batch);
            return Ok(());
        }
        if self.file.is_none() {
            self.go_to_disk()?;
        }
        match &mut self.file {
            Some(file) => file.push(&batch).map_err(|error| kept(self.path, error)),
            None => Err(GivenError::NoRoom { path: self.path.to_owned() }),
        }
    }

    /// Moves what has been kept to a file, and gives back its room.
    fn go_to_disk(&mut self) -> Result<(), GivenError> {
        let Some(folder) = self.room.folder() else { return Ok(()) };
        let told = |error| kept(self.path, error);
        let mut file = SpillFile::begin(folder, &self.schema).map_err(told)?;
        for batch in self.kept.drain(..) {
            file.push(&batch).map_err(told)?;
        }
        self.room.give_back(std::mem::take(&mut self.taken_bytes));
        self.file = Some(file);
        Ok(())
    }
}

fn kept(path: &Path, error: EngineError) -> GivenError {
    GivenError::Keep { path: path.to_owned(), source: Box::new(error) }
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use super::*;

    fn table(rows: usize, room: &Room) -> Result<GivenTable, GivenError> {
        let mut table = TableBuilder::new(1, Path::new("l.csv"), room);
        for row in 0..rows {
            table.push([format!("a text that is not held inline, {row}").as_str()].into_iter())?;
        }
        table.finish()
    }

    fn texts(table: &GivenTable) -> Vec<(usize, String)> {
        let batches = (0..table.batches()).map(|at| table.batch(at).unwrap().unwrap());
        batches
            .map(|(row, batch)| (row, batch.column(0).as_string_view().value(0).to_owned()))
            .collect()
    }

    #[test]
    fn rows_go_to_disk_where_there_is_no_room_and_are_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        let small = Room::new(600_000, folder.path().to_owned());
        let large = Room::new(1 << 30, folder.path().to_owned());
        let (on_disk, in_memory) = (table(20_000, &small).unwrap(), table(20_000, &large).unwrap());
        assert_eq!(files(), 1, "one of them is on disk");
        assert_eq!(small.left_bytes(), 600_000, "and takes no room");
        assert_eq!(texts(&on_disk), texts(&in_memory));
        assert_eq!(texts(&on_disk)[1].0, BATCH_ROWS);
        drop(on_disk);
        assert_eq!(files(), 0);
        assert!(large.left_bytes() < 1 << 30);
        drop(in_memory);
        assert_eq!(large.left_bytes(), 1 << 30);
    }

    #[test]
    fn without_a_folder_there_is_an_error_that_names_the_file() {
        let room = Room::default();
        assert!(room.take(room.left_bytes()));
        let error = table(1, &room).unwrap_err();
        assert_eq!(error.to_string(), "l.csv: more rows than memory allows");
    }
}
