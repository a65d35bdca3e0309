//! Small files of a day put together.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::cast;
use bytes::Bytes;
use deltalake::{kernel::Action, protocol::DeltaOperation};
use kql_types::{Ticks, schema::TableSchema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sources::kept::empty_columns;
use uuid::Uuid;

use super::{ATTEMPTS, commit};
use crate::{
    error::LakeError,
    files::{LakeFile, of_log},
    layout::{LEDGER, Layout},
    ledger,
    log::{Committed, Log},
    open::{Lake, MANY_FILES, millis},
    rows::Rows,
};

/// A file that is at least so large is left as it is.
const SMALL_BYTES: u64 = 32 << 20;
/// Bytes of the files that are put together at a time: they are in memory as a whole.
const GROUP_BYTES: u64 = 48 << 20;
/// Rows of the files that are put together at a time.
const GROUP_ROWS: u64 = 1 << 20;

/// What putting files together has done to a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// The table.
    pub table: String,
    /// Files that were there.
    pub before: usize,
    /// Files that are there.
    pub after: usize,
}

impl Lake {
    /// Puts small files of each day of each table together, those of the ledger too; rows stay as they are.
    ///
    /// The old files stay in the store for those who read them, until they are vacuumed.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn compact(&self, now: Ticks) -> Result<Vec<Compacted>, LakeError> {
        let mut all = Vec::new();
        for table in self.tables()?.into_iter().chain([LEDGER.to_owned()]) {
            all.extend(self.compact_table(&table, 1, now)?);
        }
        Ok(all)
    }

    /// Puts small files of a table together if there are many of them.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) fn compact_crowded(&self, table: &str, now: Ticks) -> Result<(), LakeError> {
        self.compact_table(table, MANY_FILES / 2, now).map(|_| ())
    }

    /// - `least`: by how many files a table has to become smaller for it to be worth it.
    fn compact_table(
        &self,
        table: &str,
        least: usize,
        now: Ticks,
    ) -> Result<Option<Compacted>, LakeError> {
        let mut compacted = Compacted { table: table.to_owned(), ..Compacted::default() };
        for _ in 0..ATTEMPTS {
            let Some(mut log) = Log::open(&self.store, table)? else { return Ok(None) };
            let files = log.files()?;
            compacted.before = files.len();
            compacted.after = files.len();
            let mut actions = Vec::new();
            let places: Vec<LakeFile> =
                files.iter().map(|file| of_log(table, file)).collect::<Result<_, _>>()?;
            let groups = groups(&places);
            let fewer = |group: &Vec<LakeFile>| group.len().saturating_sub(1);
            if groups.iter().map(fewer).fold(0, usize::saturating_add) < least {
                return Ok(Some(compacted));
            }
            for group in groups {
                let adds = self.put_together(&log, &group, now)?;
                compacted.after = compacted.after.saturating_sub(group.len());
                compacted.after = compacted.after.saturating_add(adds.len());
                actions.extend(adds);
                let is_in = |place: &str| group.iter().any(|file| file.place == place);
                let old = files.iter().filter(|it| is_in(&format!("{table}/{}", it.path())));
                actions.extend(old.map(|file| Action::Remove(file.remove_action(false))));
            }
            if actions.is_empty() {
                return Ok(Some(compacted));
            }
            let target_size = i64::try_from(SMALL_BYTES).unwrap_or(i64::MAX);
            let operation = DeltaOperation::Optimize { predicate: None, target_size };
            match commit(&self.store, &mut log, actions, operation)? {
                Committed::Yes(_) => return Ok(Some(compacted)),
                // What was written belongs to nobody, and is vacuumed.
                Committed::Conflict => {}
            }
        }
        Err(LakeError::Contended { table: table.to_owned(), attempts: ATTEMPTS })
    }

    /// Writes the rows of some files of one day to new ones, which are not committed.
    fn put_together(
        &self,
        log: &Log,
        files: &[LakeFile],
        now: Ticks,
    ) -> Result<Vec<Action>, LakeError> {
        let table = files.first().map(|file| file.table.as_str()).unwrap_or_default();
        let layout = Arc::new(if table == LEDGER {
            Layout::of_ledger(ledger::schema().columns)
        } else {
            let columns = Layout::columns_of(&log.state()?.schema());
            Layout::of_kept(&TableSchema { name: table.to_owned(), columns })?
        });
        let mut rows = Rows::new(&layout);
        let mut expected: u64 = 0;
        for file in files {
            expected = expected.saturating_add(file.rows);
            let reader = self.read(file)?;
            let unknown = unknown_fields(&reader, &layout);
            for batch in reader.build()? {
                rows.push_kept(&in_form(&batch?, &layout)?, &unknown)?;
            }
        }
        let name = Uuid::new_v4().to_string();
        let adds = rows.write(&self.store, &name, millis(now))?;
        let mut written: u64 = 0;
        let mut actions = Vec::new();
        for mut add in adds {
            let rows = add.stats.as_deref().map(serde_json::from_str::<serde_json::Value>);
            let rows = rows.and_then(|stats| stats.ok()?.get("numRecords")?.as_u64());
            written = written.saturating_add(rows.unwrap_or_default());
            add.data_change = false;
            actions.push(Action::Add(add));
        }
        if written != expected {
            return Err(LakeError::Internal { invariant: "as many rows are written as were read" });
        }
        Ok(actions)
    }

    /// Starts to read a file.
    pub(crate) fn read(
        &self,
        file: &LakeFile,
    ) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, LakeError> {
        let damaged =
            || LakeError::Damaged { file: file.place.clone(), reason: "it is gone".to_owned() };
        let bytes = self.store.get(&file.place)?.ok_or_else(damaged)?;
        Ok(ParquetRecordBatchReaderBuilder::try_new(bytes)?)
    }
}

/// Returns the columns of fields that the table has and a file knows nothing of: they became columns later, and
/// its events may have those fields.
fn unknown_fields(
    file: &ParquetRecordBatchReaderBuilder<Bytes>,
    layout: &Layout,
) -> BTreeSet<String> {
    let empty = empty_columns(file.metadata().file_metadata());
    let is_known = |name: &str| file.schema().index_of(name).is_ok() || empty.contains(name);
    let unknown = layout.fields().into_iter().filter(|name| !is_known(name));
    unknown.map(str::to_owned).collect()
}

/// Returns the files that are worth putting together: several small ones of a day each.
fn groups(files: &[LakeFile]) -> Vec<Vec<LakeFile>> {
    let mut days: BTreeMap<&Option<String>, Vec<&LakeFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.bytes < SMALL_BYTES) {
        days.entry(&file.day).or_default().push(file);
    }
    let mut groups: Vec<Vec<LakeFile>> = Vec::new();
    for mut of_day in days.into_values() {
        of_day.sort_by(|one, other| one.place.cmp(&other.place));
        let mut group: Vec<LakeFile> = Vec::new();
        for file in of_day {
            let sum = |of: &dyn Fn(&LakeFile) -> u64| {
                group.iter().map(of).fold(of(file), u64::saturating_add)
            };
            let is_full = sum(&|it| it.bytes) > GROUP_BYTES || sum(&|it| it.rows) > GROUP_ROWS;
            if is_full {
                groups.push(std::mem::take(&mut group));
            }
            group.push(file.clone());
        }
        groups.push(group);
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Returns a batch with all columns that the table has now, in their order.
fn in_form(batch: &RecordBatch, layout: &Layout) -> Result<RecordBatch, LakeError> {
    let schema = layout.arrow();
    for field in batch.schema().fields() {
        if schema.index_of(field.name()).is_err() {
            return Err(LakeError::Column {
                table: layout.table.clone(),
                column: field.name().clone(),
                reason: "a file has it and the table does not",
            });
        }
    }
    let column = |field: &Arc<arrow::datatypes::Field>| -> Result<ArrayRef, LakeError> {
        Ok(match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => Arc::clone(column),
            Some(column) => cast(column, field.data_type())?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        })
    };
    let columns = schema.fields().iter().map(column).collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(schema, columns)?)
}
