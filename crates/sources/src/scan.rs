//! One input from its first byte to its account: what is in it, who reads it, what came of it.

use std::{
    fs::File,
    io::{self, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow_array::RecordBatch;

use crate::{
    containers,
    content::Content,
    formats::{self, Head},
    input::Input,
    known::KnownTables,
    problem::{Place, Problem, Reason},
    refused,
    request::ScanRequest,
    sink::{Examine, Found, Origin, Sink},
    summary::MemberSummary,
};

/// Archives and compressed streams that may lie within one another.
const MAX_NESTING: usize = 4;
/// Bytes of unknown content that a problem shows.
const SHOWN_BYTES: usize = 24;

/// Reads one input and pushes what the request wants of it into the sink.
///
/// Yields an account for each table in each member, in the order in which they appeared. Whatever
/// goes wrong is told to the sink; the rest goes on. Memory is bounded by the request's limits and
/// the size of a batch, whatever the input.
pub fn scan(
    input: &Input,
    request: &ScanRequest,
    known: &KnownTables,
    sink: &mut dyn Sink,
) -> Vec<MemberSummary> {
    scan_input(input, Scan::new(input.path(), request, known, sink))
}

/// Does as [`scan`], and lets batches be looked at on the threads that read them.
pub fn scan_examined(
    input: &Input,
    request: &ScanRequest,
    known: &KnownTables,
    examiner: &dyn Examine,
    sink: &mut dyn Sink,
) -> Vec<MemberSummary> {
    let examiner = Some(examiner);
    scan_input(input, Scan { examiner, ..Scan::new(input.path(), request, known, sink) })
}

fn scan_input(input: &Input, mut scan: Scan<'_>) -> Vec<MemberSummary> {
    let content = match input {
        Input::File(path) => match File::open(path) {
            Ok(file) => Content::of_file(path, file, Arc::clone(&scan.stored)),
            Err(error) => {
                scan.problem(None, None, Reason::of_io(error));
                return scan.summaries;
            }
        },
        Input::Remote(_, file) => Content::of_remote(Arc::clone(file), Arc::clone(&scan.stored)),
        Input::Stdin => Content::of_stream(Box::new(io::stdin().lock())),
    };
    scan.content(content);
    scan.tell_progress();
    scan.summaries
}

/// Reads a stream as [`scan`] reads an input; `name` is what places and origins call it.
pub fn scan_stream(
    name: &Path,
    stream: impl Read,
    request: &ScanRequest,
    known: &KnownTables,
    sink: &mut dyn Sink,
) -> Vec<MemberSummary> {
    let mut scan = Scan::new(name, request, known, sink);
    scan.content(Content::of_stream(Box::new(stream)));
    scan.summaries
}

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
    nesting: usize,
    is_stopped: bool,
    /// Problems told so far.
    problems: u64,
    /// Bytes of the input read so far, and how many of them the sink knows of.
    stored: Arc<AtomicU64>,
    told: u64,
}

impl<'s> Scan<'s> {
    fn new(
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
            nesting: 0,
            is_stopped: false,
            problems: 0,
            stored: Arc::default(),
            told: 0,
        }
    }

    /// Recognises some content and reads it.
    pub(crate) fn content(&mut self, mut content: Content<'_>) {
        if let Some(error) = content.take_failure_of_all() {
            return self.problem(None, Some(0), Reason::of_io(error));
        }
        if content.is_empty() {
            return self.problem(None, None, Reason::Empty);
        }
        let start = start_of(content.head());
        let before = self.accounted();
        let kind = self.read(content);
        // Whatever is neither counted nor told of would be lost without a word.
        if self.accounted() == before && !self.is_stopped {
            self.problem(
                None,
                None,
                match kind {
                    Some(kind) => Reason::NoMembers { kind },
                    None => Reason::NoRecords { start },
                },
            );
        }
    }

    /// Reads content by its kind; returns the kind of archive, if it is one.
    fn read(&mut self, content: Content<'_>) -> Option<&'static str> {
        let head = Head { bytes: content.head(), text: content.head_text() };
        if let Some(container) = containers::ALL.iter().find(|kind| (kind.recognise)(&head)) {
            if self.nesting >= MAX_NESTING {
                self.problem(None, None, Reason::Nested { kind: container.name });
                return None;
            }
            self.nesting = self.nesting.saturating_add(1);
            (container.open)(content, self);
            self.nesting = self.nesting.saturating_sub(1);
            return Some(container.name);
        } else if let Some(refused) = refused::recognise(&head) {
            if !(self.request.carve && formats::carve(content, self)) {
                self.problem(None, None, refused.reason());
            }
        } else if let Some(format) = formats::ALL.iter().find(|format| (format.recognise)(&head)) {
            (format.read)(content, self);
        } else {
            let start = start_of(content.head());
            if !(self.request.carve && formats::carve(content, self)) {
                let reason = self.split_part().unwrap_or(Reason::UnknownFormat { start });
                self.problem(None, None, reason);
            }
        }
        None
    }

    /// Returns how many accounts and problems there are.
    fn accounted(&self) -> (usize, u64) {
        (self.summaries.len(), self.problems)
    }

    /// Reads a member of an archive.
    pub(crate) fn member(&mut self, name: &str, content: Content<'_>) {
        let outer = self.enter(name);
        self.content(content);
        self.member = outer;
    }

    /// Tells of a problem with a member that could not even be opened.
    pub(crate) fn member_problem(&mut self, name: &str, reason: Reason) {
        let outer = self.enter(name);
        self.problem(None, None, reason);
        self.member = outer;
    }

    /// Makes `name` the current member and returns the one before.
    fn enter(&mut self, name: &str) -> Option<String> {
        let inner = match &self.member {
            Some(outer) => format!("{outer}/{name}"),
            None => name.to_owned(),
        };
        self.member.replace(inner)
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

    /// Returns why content cannot be read whose name is that of a part of an archive.
    pub(crate) fn split_part(&self) -> Option<Reason> {
        let stems = self.stems();
        stems.first().is_some_and(|name| refused::is_split_part(name)).then_some(Reason::SplitPart)
    }

    /// Returns the names of the current member and file, folders left out, the innermost first.
    pub(crate) fn stems(&self) -> Vec<String> {
        let member = self.member.as_deref().unwrap_or_default();
        let members = member.rsplit('/').filter(|name| !name.is_empty()).map(str::to_owned);
        let file = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        members.chain(file).collect()
    }
}

/// Returns the first bytes of some content, to be shown.
fn start_of(head: &[u8]) -> String {
    head.get(..SHOWN_BYTES).unwrap_or(head).escape_ascii().to_string()
}
