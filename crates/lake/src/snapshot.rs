//! What there is to read in a lake, as inputs for a run.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use deltalake::kernel::{MetadataValue, StructType};
use kql_types::{Ticks, schema::TableSchema};
use object_store::ObjectStoreExt;
use sources::{
    Input, RemoteFile,
    kept::{KeptBytes, KeptFile, KeptMember, KeptMembers},
};

use crate::{
    address::LakeAddress,
    error::LakeError,
    files::{LakeFile, is_within, of_log},
    layout::{KQL_NAME, LEDGER},
    ledger::{self, LedgerRow},
    log::Log,
    open::{Lake, check_form},
    store::Store,
};

/// When a lake is looked at: what was ingested later is as if it were not there.
///
/// What has been removed since, by retention, stays removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// After the commit of the ledger with this version.
    Version(u64),
    /// At this time.
    Time(Ticks),
}

impl Lake {
    /// Returns the files with rows of telemetry as inputs: each row is of the file it was ingested from.
    ///
    /// # Errors
    ///
    /// Those of the store, or if there is no such version of the ledger any more.
    pub fn inputs(&self, as_of: Option<AsOf>) -> Result<Vec<Input>, LakeError> {
        let mut found: Vec<(LakeFile, Arc<BTreeMap<String, String>>)> = Vec::new();
        for table in self.tables()? {
            let Some(log) = Log::open(&self.store, &table)? else { continue };
            let names = Arc::new(names(&log.state()?.schema()));
            let files = log.files()?;
            let mut files: Vec<LakeFile> =
                files.iter().map(|file| of_log(&table, file)).collect::<Result<_, _>>()?;
            files.sort_by(|one, other| (&one.day, &one.place).cmp(&(&other.day, &other.place)));
            found.extend(files.into_iter().map(|file| (file, Arc::clone(&names))));
        }
        // Last: files are in the ledger before their rows are in the tables.
        let rows = self.ledger_as_of(as_of)?;
        let members = rows.iter().filter(|row| row.stored > 0).map(member).collect();
        let members = Arc::new(KeptMembers::new(members, as_of.is_some()));
        let input = |(file, names): (LakeFile, Arc<BTreeMap<String, String>>)| {
            Input::Kept(Arc::new(KeptFile {
                path: self.path_of(&file),
                bytes: self.bytes_of(&file.place, file.bytes),
                rows: file.rows,
                times: file.times,
                event_ids: file.event_ids,
                table: file.table,
                names,
                members: Arc::clone(&members),
            }))
        };
        Ok(found.into_iter().map(input).collect())
    }

    /// Returns the files of the ledger as inputs, which are rows of the table [`LEDGER`].
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn ledger_inputs(&self) -> Result<Vec<Input>, LakeError> {
        let files = self.files(LEDGER)?;
        let input = |file: LakeFile| match self.bytes_of(&file.place, file.bytes) {
            KeptBytes::File(path) => Input::File(path),
            KeptBytes::Remote(bytes) => Input::Remote(self.path_of(&file), bytes),
        };
        Ok(files.into_iter().map(input).collect())
    }

    /// Returns the numbers of the files and members that had been ingested by a version of the ledger.
    ///
    /// # Errors
    ///
    /// Those of the store, or if there is no such version any more.
    pub fn sources_at(&self, version: u64) -> Result<BTreeSet<i64>, LakeError> {
        let rows = self.ledger_as_of(Some(AsOf::Version(version)))?;
        Ok(rows.into_iter().map(|row| row.source).collect())
    }

    /// Returns the ledger as a table of KQL.
    pub fn ledger_schema() -> TableSchema {
        ledger::schema()
    }

    /// Returns the account of what had been ingested: files by path, members in their order.
    fn ledger_as_of(&self, as_of: Option<AsOf>) -> Result<Vec<LedgerRow>, LakeError> {
        self.update()?;
        let mut rows = match as_of {
            Some(AsOf::Version(version)) => {
                let log = Log::open(&self.store, LEDGER)?;
                let mut log =
                    log.ok_or(LakeError::Internal { invariant: "a lake has a ledger" })?;
                log.go_back(&self.store, version)?;
                let mut rows = Vec::new();
                for file in log.files()? {
                    let place = file.path().into_owned();
                    let damaged = || LakeError::Damaged {
                        file: format!("{LEDGER}/{place}"),
                        reason: "it is gone".to_owned(),
                    };
                    let bytes =
                        self.store.get(&format!("{LEDGER}/{place}"))?.ok_or_else(damaged)?;
                    rows.extend(ledger::read(&place, bytes)?);
                }
                rows
            }
            Some(AsOf::Time(_)) | None => self.account(),
        };
        if let Some(AsOf::Time(time)) = as_of {
            rows.retain(|row| row.ingested <= time);
        }
        rows.sort_by(LedgerRow::by_place);
        Ok(rows)
    }

    fn bytes_of(&self, place: &str, len: u64) -> KeptBytes {
        bytes_of(&self.store, place, len)
    }
}

/// The files of a lake for whoever is told which of them to read, and does not look into its logs.
#[derive(Debug)]
pub struct LakeFiles {
    store: Arc<Store>,
}

impl LakeFiles {
    /// Opens the files of a lake.
    ///
    /// - `options`: settings of the object store, as for [`Lake::open`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open(address: &LakeAddress, options: &[(String, String)]) -> Result<Self, LakeError> {
        if address.folder().is_some_and(|folder| !folder.is_dir()) {
            return Err(LakeError::NoLake { address: address.to_string() });
        }
        let store = Store::open(address, options)?;
        check_form(&store)?;
        Ok(Self { store: Arc::new(store) })
    }

    /// Returns the bytes of a file.
    ///
    /// - `place`: relative to the lake.
    /// - `len`: how many bytes there are.
    ///
    /// # Errors
    ///
    /// If the place is not below the lake.
    pub fn bytes_of(&self, place: &str, len: u64) -> Result<KeptBytes, LakeError> {
        if !is_within(place) {
            return Err(LakeError::Damaged {
                file: place.to_owned(),
                reason: "it is not below the lake".to_owned(),
            });
        }
        Ok(bytes_of(&self.store, place, len))
    }
}

fn bytes_of(store: &Arc<Store>, place: &str, len: u64) -> KeptBytes {
    match store.address().folder() {
        Some(folder) => KeptBytes::File(folder.join(Path::new(place))),
        None => KeptBytes::Remote(Arc::new(StoredFile {
            store: Arc::clone(store),
            place: place.to_owned(),
            len,
        })),
    }
}

fn member(row: &LedgerRow) -> KeptMember {
    KeptMember {
        source: row.source,
        file: PathBuf::from(&row.file),
        member: row.member.clone(),
        format: row.format.clone(),
        heads: row.heads.iter().map(|(table, head)| (table.clone(), head.clone())).collect(),
        records: row.stored,
        times: row.times.clone(),
    }
}

/// Returns what a table calls columns whose names it cannot have.
fn names(schema: &StructType) -> BTreeMap<String, String> {
    let fields = schema.fields().filter_map(|field| match field.metadata().get(KQL_NAME) {
        Some(MetadataValue::String(name)) => Some((name.clone(), field.name().clone())),
        _ => None,
    });
    fields.collect()
}

/// A file in an object store.
#[derive(Debug)]
struct StoredFile {
    store: Arc<Store>,
    place: String,
    len: u64,
}

impl RemoteFile for StoredFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let path = self.store.path(&self.place);
        let objects = self.store.objects();
        self.store.wait(objects.get_range(&path, range)).map_err(io::Error::other)
    }
}
