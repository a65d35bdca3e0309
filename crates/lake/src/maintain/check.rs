//! Whether a lake is as it should be.

use std::collections::BTreeMap;

use arrow::{array::AsArray, datatypes::Int64Type};

use crate::{
    error::LakeError,
    files::LakeFile,
    journal::Journal,
    layout::{LINE, SOURCE},
    ledger::LedgerRow,
    open::Lake,
};

/// What a check has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Rows that were looked at.
    pub rows: u64,
    /// Rows that the ledger has and the tables do not: they have been removed, or are lost.
    pub absent: u64,
    /// Groups of files that were begun and not finished: the next one to ingest finishes them.
    pub unfinished: usize,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file of the lake, or the file that rows are from.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// The lines that there are of each file: a bit for each, in words of which those with none are not there.
/// The first lines of a piece of a stream may be any.
type Lines = BTreeMap<i64, BTreeMap<usize, u64>>;

impl Lake {
    /// Reads all rows and compares them with what the logs and the ledger say.
    ///
    /// # Errors
    ///
    /// Those of the store; a file that is gone or damaged is a finding.
    pub fn check(&self) -> Result<Checked, LakeError> {
        let mut checked =
            Checked { unfinished: Journal::all(&self.store)?.len(), ..Checked::default() };
        let mut lines = Lines::new();
        for table in self.tables()? {
            for file in self.files(&table)? {
                if let Err(error) = self.check_file(&file, &mut lines, &mut checked) {
                    let what = error.to_string();
                    checked.findings.push(Finding { place: file.place.clone(), what });
                }
            }
        }
        // Last: what is in the tables is in the ledger before.
        self.update()?;
        let account = self.account();
        let mut stored: BTreeMap<i64, &LedgerRow> = BTreeMap::new();
        for row in account.iter().filter(|row| row.stored > 0) {
            if let Some(other) = stored.insert(row.source, row) {
                let what = format!("in twice, also as {}", other.file);
                checked.findings.push(Finding { place: row.file.clone(), what });
            }
        }
        for row in stored.values() {
            let found = lines.remove(&row.source).unwrap_or_default();
            let found = found.values().map(|bits| u64::from(bits.count_ones()));
            let found = found.fold(0, u64::saturating_add);
            checked.absent = checked.absent.saturating_add(row.stored.saturating_sub(found));
            if found > row.stored {
                let what = format!("{found} rows, and the ledger has {}", row.stored);
                checked.findings.push(Finding { place: row.file.clone(), what });
            }
        }
        for source in lines.into_keys() {
            let place = format!("source {source}");
            let what = "rows of a file that the ledger does not have".to_owned();
            checked.findings.push(Finding { place, what });
        }
        checked.findings.sort_by(|one, other| one.place.cmp(&other.place));
        Ok(checked)
    }

    fn check_file(
        &self,
        file: &LakeFile,
        lines: &mut Lines,
        checked: &mut Checked,
    ) -> Result<(), LakeError> {
        let mut rows: u64 = 0;
        let mut twice: u64 = 0;
        for batch in self.read(file)?.build()? {
            let batch = batch?;
            rows = rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
            let damaged = || LakeError::Damaged {
                file: file.place.clone(),
                reason: "rows do not say where they are from".to_owned(),
            };
            let column = |name: &str| {
                let column = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
                (arrow::array::Array::null_count(column) == 0).then_some(column)
            };
            let (sources, places) = column(SOURCE).zip(column(LINE)).ok_or_else(damaged)?;
            for (source, line) in sources.values().iter().zip(places.values()) {
                let bits = lines.entry(*source).or_default();
                let line = usize::try_from(*line).map_err(|_| damaged())?;
                let (word, bit) = (line >> 6, 1_u64 << (line & 63));
                let bits = bits.entry(word).or_default();
                twice = twice.saturating_add(u64::from(*bits & bit != 0));
                *bits |= bit;
            }
        }
        checked.rows = checked.rows.saturating_add(rows);
        let mut find = |what: String| {
            checked.findings.push(Finding { place: file.place.clone(), what });
        };
        if twice > 0 {
            find(format!("{twice} rows are there twice"));
        }
        if rows != file.rows {
            find(format!("{rows} rows, and the log says {}", file.rows));
        }
        Ok(())
    }
}
