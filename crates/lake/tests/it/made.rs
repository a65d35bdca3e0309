//! Lakes in temporary folders.

use std::{
    collections::BTreeSet,
    fs::File,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use arrow::{
    array::{Array, AsArray},
    datatypes::Int64Type,
};
use kql_types::{Ticks, datetime};
use lake::{Ingest, Ingested, Lake, LakeAddress, LakeError, Observe, Offer};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sources::{Input, KnownTables, ScanRequest};
use tempfile::TempDir;

/// A lake in a folder that goes when the test does.
pub(crate) struct Made {
    pub(crate) folder: TempDir,
}

/// Nobody looks.
pub(crate) struct Unseen;

impl Observe for Unseen {
    fn advance(&self, _bytes: u64) {}
}

/// The rows of a table: for each its source and line, and what the test asks for besides.
pub(crate) type Places = BTreeSet<(i64, i64)>;

impl Made {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    pub(crate) fn open(&self) -> Lake {
        let address = LakeAddress::parse(self.path().to_str().unwrap()).unwrap();
        Lake::open_or_create(&address, &[]).unwrap()
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn ingest(&self, paths: &[PathBuf]) -> Ingested {
        ingest(&self.open(), paths, 1).unwrap()
    }

    /// Returns where the rows of a table are from; no two are the same.
    pub(crate) fn places(&self, table: &str) -> Places {
        let lake = self.open();
        let mut places = Places::new();
        let mut rows = 0_u64;
        for file in lake.files(table).unwrap() {
            let (count, found) = places_of(&lake.path_of(&file));
            assert_eq!(file.rows, count, "{}: what the log says", file.place);
            rows = rows.checked_add(count).unwrap();
            places.extend(found);
        }
        assert_eq!(u64::try_from(places.len()).unwrap(), rows, "{table} has a row twice");
        places
    }
}

pub(crate) fn now() -> Ticks {
    datetime::parse("2026-03-01T12:00:00.1234567Z").unwrap()
}

pub(crate) fn ingest(
    lake: &Lake,
    paths: &[PathBuf],
    threads: usize,
) -> Result<Ingested, LakeError> {
    let found = sources::discover(paths);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    ingest_inputs(lake, &found.inputs, threads)
}

pub(crate) fn ingest_inputs(
    lake: &Lake,
    inputs: &[Input],
    threads: usize,
) -> Result<Ingested, LakeError> {
    let offers: Vec<Offer> = inputs.iter().cloned().map(Offer::from).collect();
    ingest_offers(lake, &offers, threads)
}

pub(crate) fn ingest_offers(
    lake: &Lake,
    offers: &[Offer],
    threads: usize,
) -> Result<Ingested, LakeError> {
    ingest_with_fields(lake, offers, threads, &["CommandLine", "Image", "SubjectUserName"])
}

/// - `fields`: the fields that have columns of their own.
pub(crate) fn ingest_with_fields(
    lake: &Lake,
    offers: &[Offer],
    threads: usize,
    fields: &[&str],
) -> Result<Ingested, LakeError> {
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    let tables = tables::catalog(tables::Environment::Both);
    let known = KnownTables::new(tables.into_iter().map(|table| table.schema).collect());
    let ingest = Ingest {
        lake,
        known: &known,
        fields: &fields,
        reading: ScanRequest::default(),
        threads: NonZeroUsize::new(threads).unwrap(),
        memory_bytes: 64 << 20,
        now: now(),
    };
    ingest.run(offers, &Unseen)
}

fn places_of(path: &Path) -> (u64, Places) {
    let mut places = Places::new();
    let mut rows = 0_u64;
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let column = |name| batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().clone();
        let (sources, lines) = (column("_Source"), column("_Line"));
        assert_eq!((sources.null_count(), lines.null_count()), (0, 0));
        rows = rows.checked_add(u64::try_from(batch.num_rows()).unwrap()).unwrap();
        places.extend(sources.values().iter().copied().zip(lines.values().iter().copied()));
    }
    (rows, places)
}

/// Returns the samples of the project.
pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

/// Returns rows of a native table as JSON lines, a minute apart.
pub(crate) fn rows(count: u32, host: &str) -> String {
    let row = |number: u32| {
        let minutes = kql_types::timespan::MINUTE.checked_mul(i64::from(number)).unwrap();
        let start = datetime::parse("2024-05-01T00:00:00.0000003Z").unwrap();
        let time = datetime::format_json(start.checked_add(minutes).unwrap());
        format!(
            "{{\"Timestamp\":\"{time}\",\"DeviceName\":\"{host}\",\"RemotePort\":445,\
             \"RemoteIPType\":\"Private\",\"RemoteIP\":\"10.0.0.1\",\
             \"ActionType\":\"ConnectionSuccess\",\"LocalPort\":{number}}}\n"
        )
    };
    (0..count).map(row).collect()
}
