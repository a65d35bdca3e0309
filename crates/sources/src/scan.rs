//! One scan under way: where in the input it is, what it has told the sink, and its account.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow_array::RecordBatch;

use crate::{
    known::KnownTables,
    problem::{Place, Problem, Reason},
    request::ScanRequest,
    sink::{Examine, Found, Origin, Sink},
    summary::MemberSummary,
};

/// The state of one scan.
pub(crate) struct Scan<'s> {
    pub(crate) request: &'s ScanRequest,
    pub(crate) known: &'s KnownTables,
    /// Who looks at batches on the threads that read them.
    pub(crate) examiner: Option<&'s dyn Examine>,
    pub(crate) summaries: Vec<MemberSummary>,
    sink: &'s mut dyn Sink,
    file: PathBuf,
    member: Option<String>,
    is_stopped: bool,
    /// Problems told so far.
    problems: u64,
    /// Bytes of the input read so far, and how many of them the sink knows of.
    stored: Arc<AtomicU64>,
    told: u64,
}

impl<'s> Scan<'s> {
    /// Returns a scan that has read nothing; `file` is what places call the input.
    pub(crate) fn new(
        file: &Path,
        request: &'s ScanRequest,
        known: &'s KnownTables,
        sink: &'s mut dyn Sink,
    ) -> Self {
        Self {
            request,
            known,
            examiner: None,
            summaries: Vec::new(),
            sink,
            file: file.to_owned(),
            member: None,
            is_stopped: false,
            problems: 0,
            stored: Arc::default(),
            told: 0,
        }
    }

    /// Returns how many accounts and problems there are.
    pub(crate) fn accounted(&self) -> (usize, u64) {
        (self.summaries.len(), self.problems)
    }

    /// Makes `name` the current member and returns the one before.
    pub(crate) fn enter(&mut self, name: &str) -> Option<String> {
        let inner = match &self.member {
            Some(outer) => format!("{outer}/{name}"),
            None => name.to_owned(),
        };
        self.member.replace(inner)
    }

    /// Goes back to the member that was the current one.
    pub(crate) fn leave_to(&mut self, outer: Option<String>) {
        self.member = outer;
    }

    /// Tells the sink of a problem; with a line it is a record rejected.
    pub(crate) fn problem(&mut self, line: Option<u64>, offset: Option<u64>, reason: Reason) {
        let place = Place { file: self.file.clone(), member: self.member.clone(), line, offset };
        self.problems = self.problems.saturating_add(1);
        self.sink.problem(Problem { place, reason });
    }

    /// Passes a batch on; a break is remembered.
    pub(crate) fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        self.examined(origin, batch, None)
    }

    /// Passes a batch on with what has been found out about it; a break is remembered.
    pub(crate) fn examined(
        &mut self,
        origin: &Origin,
        batch: RecordBatch,
        found: Found,
    ) -> ControlFlow<()> {
        let flow = if found.is_some() {
            self.sink.examined(origin, batch, found)
        } else {
            self.sink.batch(origin, batch)
        };
        self.is_stopped = self.is_stopped || flow.is_break();
        flow
    }

    /// Tells whether the sink has ended the scan.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Returns where the bytes that are read of the input are counted.
    pub(crate) fn stored(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.stored)
    }

    /// Takes note of bytes that were read past the content's own reader.
    pub(crate) fn add_stored(&mut self, bytes: u64) {
        self.stored.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Tells the sink how many bytes have been read since it was last told.
    pub(crate) fn tell_progress(&mut self) {
        let stored = self.stored.load(Ordering::Relaxed);
        let fresh = stored.saturating_sub(self.told);
        if fresh > 0 {
            self.told = stored;
            self.sink.progress(fresh);
        }
    }

    /// Returns an account of nothing at the current place.
    pub(crate) fn empty_summary(&self) -> MemberSummary {
        MemberSummary {
            file: self.file.clone(),
            member: self.member.clone(),
            ..MemberSummary::default()
        }
    }

    /// Returns the path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    /// Returns the names of the current member and file, folders left out, the innermost first.
    pub(crate) fn stems(&self) -> Vec<String> {
        let member = self.member.as_deref().unwrap_or_default();
        let members = member.rsplit('/').filter(|name| !name.is_empty()).map(str::to_owned);
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        members.chain(file).collect()
    }
}
