//! A store that fails at any time, before or after it has done what was asked: nothing may be lost or doubled.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use kql_types::{
    KqlType, Ticks, datetime,
    schema::{ColumnSchema, TableSchema},
};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, memory::InMemory,
    path::Path,
};
use sources::{Input, KnownTables, ScanRequest};

use crate::{
    address::LakeAddress,
    ingest::{Ingest, Observe},
    ledger::offer::Offer,
    open::Lake,
    store::Store,
};

/// One of so many requests fails before, and one after it is done.
const ONE_OF: u64 = 14;

#[derive(Debug)]
struct Unreliable {
    inner: InMemory,
    state: AtomicU64,
    fails: AtomicBool,
    failures: AtomicU64,
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Luck {
    Good,
    NotDone,
    DoneButNotTold,
}

impl Unreliable {
    fn luck(&self) -> Luck {
        // SplitMix64, as the tests of delays have it.
        let state = self.state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let luck = match (mixed >> 33).checked_rem(ONE_OF) {
            Some(0) => Luck::NotDone,
            Some(1) => Luck::DoneButNotTold,
            _ => Luck::Good,
        };
        if !self.fails.load(Ordering::Relaxed) || luck == Luck::Good {
            return Luck::Good;
        }
        self.failures.fetch_add(1, Ordering::Relaxed);
        luck
    }

    fn told<T>(luck: Luck, done: Result<T>) -> Result<T> {
        if luck == Luck::DoneButNotTold { Err(broken()) } else { done }
    }
}

fn broken() -> Error {
    Error::Generic { store: "unreliable", source: "500".into() }
}

impl fmt::Display for Unreliable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreliable")
    }
}

#[async_trait]
impl ObjectStore for Unreliable {
    async fn put_opts(&self, at: &Path, bytes: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let luck = self.luck();
        if luck == Luck::NotDone {
            return Err(broken());
        }
        Self::told(luck, self.inner.put_opts(at, bytes, opts).await)
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, opts).await
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        let luck = self.luck();
        Self::told(luck, self.inner.get_opts(at, options).await)
    }

    fn delete_stream(
        &self,
        places: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let luck = self.luck();
        if luck == Luck::NotDone {
            return futures::stream::once(async { Err(broken()) }).boxed();
        }
        self.inner.delete_stream(places).map(move |done| Self::told(luck, done)).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.luck() != Luck::Good {
            return futures::stream::once(async { Err(broken()) }).boxed();
        }
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let luck = self.luck();
        Self::told(luck, self.inner.list_with_delimiter(prefix).await)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let luck = self.luck();
        if luck == Luck::NotDone {
            return Err(broken());
        }
        Self::told(luck, self.inner.copy_opts(from, to, options).await)
    }
}

struct Unseen;

impl Observe for Unseen {
    fn advance(&self, _bytes: u64) {}
}

const NOW: Ticks = 638_000_000_000_000_000;
const ROWS: u64 = 20;

fn tables() -> KnownTables {
    let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
    let table = |name: &str, own: &str| TableSchema {
        name: name.to_owned(),
        columns: vec![
            column("TimeGenerated", KqlType::Datetime),
            column(own, KqlType::Long),
            column("Host", KqlType::String),
        ],
    };
    KnownTables::new(vec![table("One", "A"), table("Two", "B")])
}

fn file(number: u64) -> Input {
    let column = if number.is_multiple_of(2) { "A" } else { "B" };
    let row = |row: u64| {
        let day = (number ^ row) & 3;
        let time = datetime::format_json(datetime::UNIX_EPOCH);
        let time = time.to_string().replacen("01T", &format!("0{}T", day.saturating_add(1)), 1);
        format!("{{\"TimeGenerated\":\"{time}\",\"{column}\":{row},\"Host\":\"h{number}\"}}\n")
    };
    let text: String = (0..ROWS).map(row).collect();
    Input::of_bytes(format!("{number}.json").into(), text.into_bytes())
}

fn ingest(lake: &Lake, numbers: &[u64]) -> std::result::Result<(), crate::LakeError> {
    let known = tables();
    let offers: Vec<Offer> = numbers.iter().map(|number| file(*number).into()).collect();
    let ingest = Ingest {
        lake,
        known: &known,
        fields: &[],
        reading: ScanRequest::default(),
        threads: NonZeroUsize::MIN,
        memory_bytes: 1 << 20,
        now: NOW,
    };
    ingest.run(&offers, &Unseen).map(drop)
}

fn nothing_is_lost(seed: u64) {
    let objects = Arc::new(Unreliable {
        inner: InMemory::new(),
        state: AtomicU64::new(seed),
        fails: AtomicBool::new(true),
        failures: AtomicU64::new(0),
    });
    let address = LakeAddress::parse("memory:///lake").unwrap();
    let open = || {
        let objects: Arc<dyn ObjectStore> = Arc::clone(&objects) as _;
        Lake::create_in(Store::over(&address, objects, Path::from("lake")).unwrap())
    };
    let mut done = 0_u64;
    for round in 0..30_u64 {
        // Each round is a process of its own.
        let Ok(lake) = open() else { continue };
        let first = round.wrapping_mul(7).wrapping_add(seed) % 12;
        let numbers = [first, (first ^ 1) % 12, (first ^ 5) % 12];
        done = done.saturating_add(u64::from(ingest(&lake, &numbers).is_ok()));
        if round % 5 == 4 {
            drop(lake.compact(NOW));
        }
    }
    let failures = objects.failures.load(Ordering::Relaxed);
    assert!(failures > 30 && done < 30, "{failures} failures, {done} of 30 done");
    objects.fails.store(false, Ordering::Relaxed);
    let lake = open().unwrap();
    ingest(&lake, &(0..12).collect::<Vec<_>>()).unwrap();
    let checked = lake.check().unwrap();
    assert!(checked.findings.is_empty(), "seed {seed}: {checked:?}");
    assert_eq!(
        (checked.rows, checked.absent, checked.unfinished),
        (12 * ROWS, 0, 0),
        "seed {seed}"
    );
}

#[test]
fn a_store_that_fails_loses_and_doubles_nothing() {
    for seed in 1..=4 {
        nothing_is_lost(seed);
    }
}
