//! One thread's files on their way into the lake: read, gathered, written, committed in groups.

use std::{collections::BTreeMap, num::NonZeroUsize, ops::ControlFlow, sync::Arc};

use arrow::record_batch::RecordBatch;
use deltalake::kernel::Add;
use sources::{Limits, Place, Problem, Reason, ScanRequest, Sink};
use uuid::Uuid;

use super::{
    Work,
    outcome::{Members, Outcome, Rejections},
};
use crate::{
    error::LakeError,
    ledger::{
        LedgerRow,
        offer::{identity_of, source_of},
    },
    open::{Fate, Group, millis},
    rows::{Origin, Rows},
};

/// Rows that a group has, about, before it is committed: fewer make small files.
const GROUP_BYTES: usize = 256 << 20;
/// Files that a group has at most.
const GROUP_FILES: usize = 4_096;
/// Problems of one file that are told one by one.
const TOLD: usize = 100;

/// Files of one thread.
pub(super) struct Gatherer<'w> {
    work: &'w Work<'w>,
    request: ScanRequest,
    memory_bytes: usize,
    group: Gathered,
}

/// What one group has so far.
struct Gathered {
    id: String,
    /// Rows that are not written, by table.
    rows: BTreeMap<String, Rows>,
    /// Bytes of rows that are written.
    written: usize,
    /// Times that rows were written.
    writes: usize,
    adds: BTreeMap<String, Vec<Add>>,
    members: u32,
    files: Vec<(usize, Outcome)>,
}

impl Gathered {
    fn new() -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            rows: BTreeMap::new(),
            written: 0,
            writes: 0,
            adds: BTreeMap::new(),
            members: 0,
            files: Vec::new(),
        }
    }

    fn bytes(&self) -> usize {
        self.rows.values().map(Rows::bytes).fold(0, usize::saturating_add)
    }
}

impl<'w> Gatherer<'w> {
    /// Starts without files.
    ///
    /// - `threads`: that read one file.
    pub(super) fn new(work: &'w Work<'w>, threads: NonZeroUsize, memory_bytes: usize) -> Self {
        let mut request = work.request.scan.clone();
        request.limits = Limits { threads, ..request.limits };
        Self { work, request, memory_bytes, group: Gathered::new() }
    }

    /// Reads a file, unless it is in.
    pub(super) fn read(&mut self, place: usize) -> Result<(), LakeError> {
        let offer = self.work.offers.get(place);
        let offer = offer.ok_or(LakeError::Internal { invariant: "a place is of an offer" })?;
        let input = &offer.input;
        let (digest, bytes) = match identity_of(offer) {
            Ok(digest) => digest,
            Err(error) => {
                let file = input.path().to_owned();
                let place_of = Place { file, ..Place::default() };
                let problem = Problem { place: place_of, reason: Reason::Unreadable(error) };
                self.work.tell(place, Outcome::unreadable(vec![problem]));
                return Ok(());
            }
        };
        if let Some(known) = self.work.claim(&digest, input.path()) {
            self.work.observer.advance(bytes);
            self.work.tell(place, Outcome::known(known));
            return Ok(());
        }
        self.read_new(place, &digest, bytes)?;
        let size = self.group.written.saturating_add(self.group.bytes());
        if size >= GROUP_BYTES || self.group.files.len() >= GROUP_FILES {
            self.put()
        } else {
            Ok(())
        }
    }

    fn read_new(&mut self, place: usize, digest: &str, bytes: u64) -> Result<(), LakeError> {
        let offer = self.work.offers.get(place);
        let offer = offer.ok_or(LakeError::Internal { invariant: "a place is of an offer" })?;
        let input = &offer.input;
        let file = sources::path_text(input.path());
        let head = LedgerRow {
            ingested: self.work.ingest.now,
            file: file.clone(),
            digest: digest.to_owned(),
            bytes,
            batch: self.group.id.clone(),
            ..LedgerRow::of_identity(&offer.identity)
        };
        let mut request = self.request.clone();
        request.piece = offer.piece;
        let known = self.work.ingest.known;
        let mut sink = FileSink {
            gatherer: self,
            digest,
            file: file.into(),
            members: Members::new(head),
            origins: Vec::new(),
            problems: Vec::new(),
            told: Rejections::default(),
            tables: BTreeMap::new(),
            error: None,
        };
        let summaries = sources::scan(input, &request, known, &mut sink);
        let FileSink { members, problems, told, tables, error, .. } = sink;
        if let Some(error) = error {
            return Err(error);
        }
        let has_records = summaries.iter().any(|summary| summary.read > 0);
        let source = |member: Option<&str>| source_of(digest, member);
        let outcome = members.finish(summaries, problems, told, tables, source);
        if has_records {
            self.group.files.push((place, outcome));
        } else {
            // It is told again when it is offered again.
            self.work.tell(place, Outcome { rows: Vec::new(), is_whole: false, ..outcome });
        }
        Ok(())
    }

    /// Writes the rows gathered.
    fn write(&mut self) -> Result<(), LakeError> {
        self.group.written = self.group.written.saturating_add(self.group.bytes());
        let now_ms = millis(self.work.ingest.now);
        for (table, rows) in std::mem::take(&mut self.group.rows) {
            let name = format!("{}-{}", self.group.id, self.group.writes);
            let adds = rows.write(&self.work.ingest.lake.store, &name, now_ms)?;
            self.group.adds.entry(table).or_default().extend(adds);
        }
        self.group.writes = self.group.writes.saturating_add(1);
        Ok(())
    }

    /// Commits what has been gathered.
    pub(super) fn put(&mut self) -> Result<(), LakeError> {
        self.write()?;
        let Gathered { id, adds, files, .. } = std::mem::replace(&mut self.group, Gathered::new());
        if files.is_empty() {
            return Ok(());
        }
        let (lake, now) = (self.work.ingest.lake, self.work.ingest.now);
        let rows: Vec<LedgerRow> =
            files.iter().flat_map(|(_, outcome)| outcome.rows.iter().cloned()).collect();
        for (at, row) in rows.iter().enumerate() {
            let other = lake.of_source(row.source);
            let other = other
                .or_else(|| rows.iter().take(at).find(|other| other.source == row.source).cloned());
            if let Some(other) = other.filter(|other| other.digest != row.digest) {
                return Err(LakeError::SameNumber { one: other.file, other: row.file.clone() });
            }
        }
        let group = Group { id, rows, tables: adds.clone() };
        match lake.put(group, &self.work.request.layouts, now)? {
            Fate::In => {
                for (place, outcome) in files {
                    self.work.tell(place, outcome);
                }
                Ok(())
            }
            Fate::Taken(digests) => self.put_others(files, &adds, &digests),
        }
    }

    /// Another process has brought some of the files: reads the others again, for a group of their own.
    fn put_others(
        &mut self,
        files: Vec<(usize, Outcome)>,
        adds: &BTreeMap<String, Vec<Add>>,
        taken: &[String],
    ) -> Result<(), LakeError> {
        let lake = self.work.ingest.lake;
        for (table, adds) in adds {
            for add in adds {
                lake.store.delete(&format!("{table}/{}", add.path))?;
            }
        }
        for (place, outcome) in files {
            let Some(row) = outcome.rows.first() else { continue };
            if taken.contains(&row.digest) {
                let known = lake.known_as(&row.digest);
                let invariant = "a file that is taken is in the ledger";
                let known = known.ok_or(LakeError::Internal { invariant })?;
                self.work.tell(place, Outcome::known(known));
            } else {
                let (digest, bytes) = (row.digest.clone(), row.bytes);
                self.read_new(place, &digest, bytes)?;
            }
        }
        self.put()
    }

    /// Returns the place of records in the lake.
    fn origin(&mut self, digest: &str, file: &Arc<str>, member: Option<&str>) -> Origin {
        let order = self.group.members;
        self.group.members = order.saturating_add(1);
        let source = source_of(digest, member);
        Origin { source, file: Arc::clone(file), member: member.map(Arc::from), order }
    }

    fn push(&mut self, table: &str, batch: &RecordBatch, origin: &Origin) -> Result<(), LakeError> {
        let layout = self.work.request.layouts.get(table);
        let layout = layout.ok_or(LakeError::Internal { invariant: "a table has a layout" })?;
        let rows = self.group.rows.entry(table.to_owned()).or_insert_with(|| Rows::new(layout));
        rows.push(batch, origin, self.work.ingest.now)?;
        if self.group.bytes() > self.memory_bytes { self.write() } else { Ok(()) }
    }
}

/// Takes what a scan finds in one file.
struct FileSink<'g, 'w> {
    gatherer: &'g mut Gatherer<'w>,
    digest: &'g str,
    file: Arc<str>,
    members: Members,
    /// The members with rows, and the place of these.
    origins: Vec<(Option<String>, Origin)>,
    /// The first few.
    problems: Vec<Problem>,
    told: Rejections,
    tables: BTreeMap<String, u64>,
    error: Option<LakeError>,
}

impl FileSink<'_, '_> {
    fn take(&mut self, origin: &sources::Origin, batch: &RecordBatch) -> Result<(), LakeError> {
        let last = self.origins.iter().rposition(|(member, _)| *member == origin.member);
        let at = last.unwrap_or(self.origins.len());
        if last.is_none() {
            let place = self.gatherer.origin(self.digest, &self.file, origin.member.as_deref());
            self.origins.push((origin.member.clone(), place));
        }
        let (_, place) =
            self.origins.get(at).ok_or(LakeError::Internal { invariant: "a member was met" })?;
        let rows = self.tables.entry(origin.table.clone()).or_default();
        let more = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
        *rows = rows.saturating_add(more);
        self.gatherer.push(&origin.table, batch, place)
    }
}

impl Sink for FileSink<'_, '_> {
    fn batch(&mut self, origin: &sources::Origin, batch: RecordBatch) -> ControlFlow<()> {
        match self.take(origin, &batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        let Problem { place, reason } = &problem;
        let row = self.members.of(place.member.as_deref(), |it| source_of(self.digest, it));
        row.note(reason.to_string(), place.line);
        self.told.note(&problem);
        if self.problems.len() < TOLD {
            self.problems.push(problem);
        }
    }

    fn progress(&mut self, bytes: u64) {
        self.gatherer.work.observer.advance(bytes);
    }
}
