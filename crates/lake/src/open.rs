//! A lake that is open: its ledger, and what is in.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use deltalake::kernel::{Action, Add, Transaction};
use kql_types::{Ticks, datetime::UNIX_EPOCH};
use serde::{Deserialize, Serialize};

use crate::{
    address::LakeAddress,
    error::LakeError,
    journal::Journal,
    layout::{LEDGER, Layout},
    ledger::{self, LedgerRow},
    log::{Committed, Log, append},
    rows::{Origin, Rows},
    store::Store,
};

/// The file that tells a lake from other folders.
const MARK: &str = "quarry-lake.json";
/// Files of a table in whose place few would do: with more, every change of its log takes long.
pub(crate) const MANY_FILES: usize = 128;
/// The form of lakes that this program writes.
const FORM: u32 = 1;

/// A lake.
#[derive(Debug)]
pub struct Lake {
    pub(crate) store: Arc<Store>,
    ledger: Mutex<Ledger>,
}

/// What is in the lake.
#[derive(Debug)]
struct Ledger {
    log: Log,
    rows: Vec<LedgerRow>,
    /// The files of the ledger that `rows` are from.
    files: BTreeSet<String>,
    /// By digest: the first row of the file.
    by_digest: HashMap<String, usize>,
    by_source: HashMap<i64, usize>,
    /// The logs of the other tables that rows were put into.
    logs: BTreeMap<String, Log>,
    /// By table: how many files it had when that was last looked at.
    counted: BTreeMap<String, usize>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    form: u32,
}

/// A group of files whose rows are written and not committed.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) rows: Vec<LedgerRow>,
    pub(crate) tables: BTreeMap<String, Vec<Add>>,
}

/// What became of a group.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is in.
    In,
    /// Some of its files came in otherwise in the meantime: none of it is in. These are their digests.
    Taken(Vec<String>),
}

/// What has come into a lake.
#[derive(Debug)]
pub struct Arrived {
    /// The account of it.
    pub rows: Vec<LedgerRow>,
    /// The version of the ledger that has it.
    pub version: u64,
}

impl Lake {
    /// Opens a lake.
    ///
    /// - `options`: settings of the object store, credentials above all, under the names of the
    ///   environment variables of its own client.
    ///
    /// # Errors
    ///
    /// If there is none at the address, or it was written by a later version of the program.
    pub fn open(address: &LakeAddress, options: &[(String, String)]) -> Result<Self, LakeError> {
        let no_lake = || LakeError::NoLake { address: address.to_string() };
        if address.folder().is_some_and(|folder| !folder.is_dir()) {
            return Err(no_lake());
        }
        Self::open_in(Store::open(address, options)?)
    }

    /// Opens a lake, which is made if there is none, and finishes what others began and did not finish.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), or if it cannot be made.
    pub fn open_or_create(
        address: &LakeAddress,
        options: &[(String, String)],
    ) -> Result<Self, LakeError> {
        address.make_folder()?;
        Self::create_in(Store::open(address, options)?)
    }

    /// Opens the lake in a store, or makes it.
    pub(crate) fn create_in(store: Store) -> Result<Self, LakeError> {
        let mark = serde_json::to_vec(&Mark { form: FORM }).map_err(std::io::Error::from)?;
        store.put_new(MARK, mark)?;
        let lake = Self::open_in(store)?;
        lake.finish_journals()?;
        Ok(lake)
    }

    fn open_in(store: Store) -> Result<Self, LakeError> {
        check_form(&store)?;
        let log = Log::for_rows(&store, &ledger::layout())?;
        let ledger = Ledger::new(log, &store)?;
        Ok(Self { store: Arc::new(store), ledger: Mutex::new(ledger) })
    }

    /// Returns where the lake is.
    pub fn address(&self) -> &LakeAddress {
        self.store.address()
    }

    /// Returns the account of all that was ingested: files by path, members in their order.
    pub fn account(&self) -> Vec<LedgerRow> {
        let mut rows = self.ledger().rows.clone();
        rows.sort_by(LedgerRow::by_place);
        rows
    }

    /// Returns what there is of streams: the ledger's row of each piece that is in, those of one stream in its
    /// order.
    pub fn pieces(&self) -> BTreeMap<String, Vec<LedgerRow>> {
        let mut streams: BTreeMap<String, Vec<LedgerRow>> = BTreeMap::new();
        for row in self.ledger().rows.iter().filter(|row| !row.stream.is_empty()) {
            streams.entry(row.stream.clone()).or_default().push(row.clone());
        }
        for pieces in streams.values_mut() {
            pieces.sort_by_key(|piece| piece.cursor.position);
        }
        streams
    }

    /// Returns the account of what came in with an offer that has a name of its own; nothing if none did.
    pub fn account_of(&self, name: &str) -> Vec<LedgerRow> {
        let digest = ledger::offer::digest_of_name(name);
        let ledger = self.ledger();
        ledger.rows.iter().filter(|row| row.digest == digest).cloned().collect()
    }

    /// Returns the path under which a file of this content was ingested, if one was.
    pub fn known_as(&self, digest: &str) -> Option<String> {
        let ledger = self.ledger();
        let row = ledger.by_digest.get(digest).and_then(|row| ledger.rows.get(*row));
        row.map(|row| row.file.clone())
    }

    /// Returns the file and member that have a number, if any do.
    pub(crate) fn of_source(&self, source: i64) -> Option<LedgerRow> {
        let ledger = self.ledger();
        ledger.by_source.get(&source).and_then(|row| ledger.rows.get(*row)).cloned()
    }

    /// Returns what has come in besides what somebody knows of, all of it there to be read: what a process
    /// that has ended had begun is finished first.
    ///
    /// - `known`: the numbers of files and members.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn arrived(&self, known: &BTreeSet<i64>) -> Result<Arrived, LakeError> {
        // A file is in the ledger before its rows are in the tables; in between there is a journal.
        self.finish_journals()?;
        let mut ledger = self.ledger();
        ledger.update(&self.store)?;
        let begun: BTreeSet<String> =
            Journal::all(&self.store)?.into_iter().map(|journal| journal.id).collect();
        let is_new = |row: &&LedgerRow| !known.contains(&row.source) && !begun.contains(&row.batch);
        let rows = ledger.rows.iter().filter(is_new).cloned().collect();
        Ok(Arrived { rows, version: ledger.log.version()? })
    }

    /// Returns the version of the ledger that is known.
    ///
    /// # Errors
    ///
    /// If the ledger has none, which does not happen.
    pub fn version(&self) -> Result<u64, LakeError> {
        self.ledger().log.version()
    }

    /// Reads what others have ingested since.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn update(&self) -> Result<(), LakeError> {
        self.ledger().update(&self.store)
    }

    /// Puts a group of files into the lake: all of it or, if somebody else has put one of them in, nothing.
    ///
    /// - `layouts`: of the tables that the group has rows of.
    ///
    /// # Errors
    ///
    /// Those of the store. If the journal was written, the group is finished later.
    pub(crate) fn put(
        &self,
        group: Group,
        layouts: &BTreeMap<String, Arc<Layout>>,
        now: Ticks,
    ) -> Result<Fate, LakeError> {
        let (fate, crowded) = self.put_in(group, layouts, now)?;
        for table in crowded {
            self.compact_crowded(&table, now)?;
        }
        Ok(fate)
    }

    /// Returns also the tables that have many more files than when that was last looked at.
    fn put_in(
        &self,
        group: Group,
        layouts: &BTreeMap<String, Arc<Layout>>,
        now: Ticks,
    ) -> Result<(Fate, Vec<String>), LakeError> {
        // One group at a time: what was read of the logs has to be older than the journal.
        let mut ledger = self.ledger();
        match self.begin(&mut ledger, group, layouts, now)? {
            Ok(journal) => {
                let fate = self.register(&mut ledger, &journal)?;
                if fate == Fate::In {
                    for (table, adds) in &journal.tables {
                        let log = ledger.logs.get_mut(table).ok_or(NO_LOG)?;
                        log.append(&self.store, &actions(adds), &journal.id)?;
                    }
                }
                journal.remove(&self.store)?;
                Ok((fate, ledger.crowded()?))
            }
            Err(taken) => Ok((Fate::Taken(taken), Vec::new())),
        }
    }

    /// Reads the logs of a group's tables and writes its journal, unless somebody else has put one of its
    /// files in: returns the digests of these.
    fn begin(
        &self,
        ledger: &mut Ledger,
        group: Group,
        layouts: &BTreeMap<String, Arc<Layout>>,
        now: Ticks,
    ) -> Result<Result<Journal, Vec<String>>, LakeError> {
        let Group { id, rows, tables } = group;
        for table in tables.keys() {
            ledger.read_log(&self.store, layouts.get(table).ok_or(NO_LOG)?)?;
        }
        ledger.update(&self.store)?;
        let coming_in = rows.iter().filter(|row| row.is_in());
        let mut digests: Vec<String> = coming_in.map(|row| row.digest.clone()).collect();
        digests.dedup();
        let taken = ledger.taken(&digests, &id);
        if !taken.is_empty() {
            return Ok(Err(taken));
        }
        let ledger_file = self.write_ledger(&id, &rows, now)?;
        let journal = Journal { id, digests, ledger: ledger_file, tables };
        journal.write(&self.store)?;
        Ok(Ok(journal))
    }

    /// Commits a group to the ledger, unless it is there or one of its files is.
    fn register(&self, ledger: &mut Ledger, journal: &Journal) -> Result<Fate, LakeError> {
        loop {
            if ledger.rows.iter().any(|row| row.batch == journal.id) {
                return Ok(Fate::In);
            }
            let taken = ledger.taken(&journal.digests, &journal.id);
            if !taken.is_empty() {
                return Ok(Fate::Taken(taken));
            }
            let digests = journal.digests.iter();
            let mut transactions: Vec<Transaction> =
                digests.map(|digest| Transaction::new(format!("file:{digest}"), 1)).collect();
            transactions.push(Transaction::new(&journal.id, 1));
            let actions = vec![Action::Add(journal.ledger.clone())];
            let committed = ledger.log.commit(&self.store, actions, transactions, append())?;
            if let Committed::Yes(_) = committed {
                ledger.read(&self.store)?;
                return Ok(Fate::In);
            }
            ledger.update(&self.store)?;
        }
    }

    /// Finishes the groups of processes that have ended before they were done; those of processes that are
    /// at it are done by both, once.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) fn finish_journals(&self) -> Result<usize, LakeError> {
        let journals = Journal::all(&self.store)?;
        for journal in &journals {
            let mut ledger = self.ledger();
            ledger.update(&self.store)?;
            if self.register(&mut ledger, journal)? == Fate::In {
                for (table, adds) in &journal.tables {
                    let mut log = Log::open(&self.store, table)?.ok_or(NO_LOG)?;
                    if !log.has(&self.store, &journal.id)? {
                        log.append(&self.store, &actions(adds), &journal.id)?;
                    }
                }
            }
            journal.remove(&self.store)?;
        }
        Ok(journals.len())
    }

    /// Writes the rows of the ledger to a file, which is not committed.
    fn write_ledger(&self, id: &str, rows: &[LedgerRow], now: Ticks) -> Result<Add, LakeError> {
        let mut gathered = Rows::new(&ledger::layout());
        let nowhere = Origin { source: 0, file: "".into(), member: None, order: 0 };
        gathered.push(&ledger::batch(rows)?, &nowhere, now)?;
        let adds = gathered.write(&self.store, id, millis(now))?;
        adds.into_iter().next().ok_or(LakeError::Internal { invariant: "a group has files" })
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes sure that there is a lake in a store, of a form that is known.
pub(crate) fn check_form(store: &Store) -> Result<(), LakeError> {
    let no_lake = || LakeError::NoLake { address: store.address().to_string() };
    let mark = store.get(MARK)?.ok_or_else(no_lake)?;
    let mark: Mark = serde_json::from_slice(&mark)
        .map_err(|error| LakeError::Damaged { file: MARK.to_owned(), reason: error.to_string() })?;
    if mark.form != FORM {
        return Err(LakeError::Form { found: mark.form.to_string(), known: FORM });
    }
    Ok(())
}

const NO_LOG: LakeError = LakeError::Internal { invariant: "a group's tables are there before it" };

fn actions(adds: &[Add]) -> Vec<Action> {
    adds.iter().cloned().map(Action::Add).collect()
}

/// Returns milliseconds since 1970.
pub(crate) fn millis(now: Ticks) -> i64 {
    now.saturating_sub(UNIX_EPOCH).div_euclid(10_000)
}

impl Ledger {
    fn new(log: Log, store: &Store) -> Result<Self, LakeError> {
        let mut ledger = Self {
            log,
            rows: Vec::new(),
            files: BTreeSet::new(),
            by_digest: HashMap::new(),
            by_source: HashMap::new(),
            logs: BTreeMap::new(),
            counted: BTreeMap::new(),
        };
        ledger.read(store)?;
        Ok(ledger)
    }

    fn update(&mut self, store: &Store) -> Result<(), LakeError> {
        self.log.update(store)?;
        self.read(store)
    }

    /// Reads the log of a table that rows are put into, which is made or widened if it has to be.
    fn read_log(&mut self, store: &Store, layout: &Layout) -> Result<(), LakeError> {
        if let Some(log) = self.logs.get_mut(&layout.table) {
            log.update(store)?;
            return log.widen(store, layout);
        }
        let log = Log::for_rows(store, layout)?;
        self.logs.insert(layout.table.clone(), log);
        Ok(())
    }

    /// Reads the files that it has not read.
    fn read(&mut self, store: &Store) -> Result<(), LakeError> {
        let paths: BTreeSet<String> =
            self.log.files()?.iter().map(|file| file.path().into_owned()).collect();
        if !self.files.is_subset(&paths) {
            // They have been put together.
            self.files.clear();
            self.rows.clear();
            self.by_digest.clear();
            self.by_source.clear();
        }
        for path in paths {
            if self.files.contains(&path) {
                continue;
            }
            let damaged = || LakeError::Damaged {
                file: format!("{LEDGER}/{path}"),
                reason: "it is gone".to_owned(),
            };
            let bytes = store.get(&format!("{LEDGER}/{path}"))?.ok_or_else(damaged)?;
            for row in ledger::read(&path, bytes)? {
                let at = self.rows.len();
                // What was rejected as a whole may be read another time, in another way.
                if row.is_in() {
                    self.by_digest.entry(row.digest.clone()).or_insert(at);
                }
                self.by_source.entry(row.source).or_insert(at);
                self.rows.push(row);
            }
            self.files.insert(path);
        }
        Ok(())
    }

    /// Returns the tables that have many more files than when this was last asked.
    fn crowded(&mut self) -> Result<Vec<String>, LakeError> {
        let mut crowded = Vec::new();
        for log in self.logs.values().chain([&self.log]) {
            let files = log.state()?.log_data().num_files();
            let counted = self.counted.entry(log.name().to_owned()).or_default();
            if files >= counted.saturating_add(MANY_FILES) {
                crowded.push(log.name().to_owned());
                *counted = files;
            }
            // They have been put together since.
            *counted = files.min(*counted);
        }
        Ok(crowded)
    }

    /// Returns which of some files another group has brought.
    fn taken(&self, digests: &[String], group: &str) -> Vec<String> {
        let is_taken = |digest: &&String| {
            let row = self.by_digest.get(*digest).and_then(|row| self.rows.get(*row));
            row.is_some_and(|row| row.batch != group)
        };
        digests.iter().filter(is_taken).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use kql_types::{
        KqlType,
        schema::{ColumnSchema, TableSchema},
    };

    use super::*;

    const NOW: Ticks = UNIX_EPOCH + 555;

    /// Returns a group of one file with a row in each of two tables, whose files are written.
    fn group(lake: &Lake, id: &str, digest: &str) -> (Group, BTreeMap<String, Arc<Layout>>) {
        let columns = vec![ColumnSchema { name: "A".into(), ty: KqlType::Long }];
        let mut layouts = BTreeMap::new();
        let mut tables = BTreeMap::new();
        for name in ["One", "Two"] {
            let schema = TableSchema { name: name.to_owned(), columns: columns.clone() };
            let layout = Arc::new(Layout::of_table(&schema).unwrap());
            let numbers = || Arc::new(arrow::array::Int64Array::from(vec![1]));
            let batch = arrow::record_batch::RecordBatch::try_new(
                sources::row_schema(&columns),
                vec![numbers(), numbers()],
            );
            let mut rows = Rows::new(&layout);
            let origin = Origin { source: 7, file: "f".into(), member: None, order: 0 };
            rows.push(&batch.unwrap(), &origin, NOW).unwrap();
            tables.insert(name.to_owned(), rows.write(&lake.store, id, millis(NOW)).unwrap());
            layouts.insert(name.to_owned(), layout);
        }
        let row = LedgerRow {
            ingested: NOW,
            source: 7,
            digest: digest.to_owned(),
            stored: 2,
            batch: id.to_owned(),
            ..LedgerRow::default()
        };
        (Group { id: id.to_owned(), rows: vec![row], tables }, layouts)
    }

    fn lake(folder: &tempfile::TempDir) -> Lake {
        let address = LakeAddress::parse(folder.path().to_str().unwrap()).unwrap();
        Lake::open_or_create(&address, &[]).unwrap()
    }

    fn rows_of(lake: &Lake) -> Vec<u64> {
        let rows = |table| lake.files(table).unwrap().iter().map(|file| file.rows).sum();
        ["One", "Two"].map(rows).to_vec()
    }

    #[test]
    fn a_group_that_was_begun_is_finished_by_whoever_comes_next() {
        // Where the process ends: behind the journal, the ledger, the first table.
        for steps in 0..3 {
            let folder = tempfile::tempdir().unwrap();
            let first = lake(&folder);
            let (group, layouts) = group(&first, "g1", "d1");
            let mut ledger = first.ledger();
            let journal = first.begin(&mut ledger, group, &layouts, NOW).unwrap().unwrap();
            if steps > 0 {
                assert_eq!(first.register(&mut ledger, &journal).unwrap(), Fate::In);
            }
            if steps > 1 {
                let log = ledger.logs.get_mut("One").unwrap();
                log.append(&first.store, &actions(&journal.tables["One"]), "g1").unwrap();
            }
            drop(ledger);
            drop(first);
            let next = lake(&folder);
            assert_eq!(rows_of(&next), [1, 1], "{steps}");
            assert_eq!(next.account().len(), 1);
            assert!(Journal::all(&next.store).unwrap().is_empty());
            // The first was not dead but slow.
            journal.write(&next.store).unwrap();
            assert_eq!(next.finish_journals().unwrap(), 1);
            assert_eq!(rows_of(&next), [1, 1], "{steps}");
        }
    }

    #[test]
    fn a_group_whose_file_is_in_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let first = lake(&folder);
        let second = lake(&folder);
        let (mine, layouts) = group(&first, "g1", "d1");
        let (others, _) = group(&second, "g2", "d1");
        // Both have looked before either has committed.
        let mut ledger = first.ledger();
        let journal = first.begin(&mut ledger, mine, &layouts, NOW).unwrap().unwrap();
        assert_eq!(second.put(others, &layouts, NOW).unwrap(), Fate::In);
        let fate = first.register(&mut ledger, &journal).unwrap();
        assert_eq!(fate, Fate::Taken(vec!["d1".to_owned()]));
        drop(ledger);
        assert_eq!(first.finish_journals().unwrap(), 1);
        assert_eq!(rows_of(&second), [1, 1]);
    }
}
