//! One input from its first byte to its account: what its content is, and who reads it.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use crate::{
    containers::{self, Members},
    formats,
    input::{
        Input,
        content::{Content, Head},
    },
    kept_rows,
    known::KnownTables,
    passwords::Passwords,
    problem::Reason,
    refused,
    request::{Piece, ScanRequest},
    scan::Scan,
    shapes::Context,
    sink::{Examine, Sink},
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
    let mut scan = Scan::new(input.path(), request, known, sink);
    scan.examiner = Some(examiner);
    scan_input(input, scan)
}

fn scan_input(input: &Input, mut scan: Scan<'_>) -> Vec<MemberSummary> {
    let content = match input {
        Input::File(path) => match File::open(path) {
            Ok(file) => Content::of_file(path, file, scan.stored()),
            Err(error) => {
                scan.problem(None, None, Reason::of_io(error));
                return scan.summaries;
            }
        },
        Input::Remote(_, file) => Content::of_remote(Arc::clone(file), scan.stored()),
        Input::Stdin => Content::of_stream(Box::new(io::stdin().lock())),
        Input::Kept(file) => {
            kept_rows::read(file, &mut scan);
            scan.tell_progress();
            return scan.summaries;
        }
    };
    let mut recognition = Recognition { scan, nesting: 0 };
    recognition.content(content);
    recognition.scan.tell_progress();
    recognition.scan.summaries
}

/// Reads a stream as [`scan`] reads an input; `name` is what places and origins call it.
pub fn scan_stream(
    name: &Path,
    stream: impl Read,
    request: &ScanRequest,
    known: &KnownTables,
    sink: &mut dyn Sink,
) -> Vec<MemberSummary> {
    let scan = Scan::new(name, request, known, sink);
    let mut recognition = Recognition { scan, nesting: 0 };
    recognition.content(Content::of_stream(Box::new(stream)));
    recognition.scan.summaries
}

/// Tells whether a text is JSON with a record in each line, which can be read from the start of any line.
///
/// - `name`: of the file, which may tell the table of its rows.
/// - `head`: what it starts with, at least a line of it; UTF-8.
pub fn is_json_lines(name: &Path, head: &[u8], known: &KnownTables) -> bool {
    // The last character may be cut.
    let head = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let stems = name.file_name().map(|name| name.to_string_lossy().into_owned());
    let context = Context { known, stems: stems.into_iter().collect(), dates: Arc::default() };
    formats::is_json_lines(head, context)
}

/// A scan that finds out what it is given.
struct Recognition<'s> {
    scan: Scan<'s>,
    /// In how many archives the content at hand lies.
    nesting: usize,
}

impl Recognition<'_> {
    /// Reads content by its kind; returns the kind of archive, if it is one.
    fn read(&mut self, content: Content<'_>) -> Option<&'static str> {
        match self.scan.request.piece {
            Piece::Whole => {}
            Piece::Lines { .. } => {
                formats::read_json_lines(content, &mut self.scan);
                return None;
            }
            Piece::Records { after } => {
                formats::read_records_after(after, content, &mut self.scan);
                return None;
            }
        }
        let head = Head { bytes: content.head(), text: content.head_text() };
        if let Some(container) = containers::ALL.iter().find(|kind| (kind.recognise)(&head)) {
            if self.nesting >= MAX_NESTING {
                self.scan.problem(None, None, Reason::Nested { kind: container.name });
                return None;
            }
            self.nesting = self.nesting.saturating_add(1);
            (container.open)(content, self);
            self.nesting = self.nesting.saturating_sub(1);
            return Some(container.name);
        } else if let Some(refused) = refused::recognise(&head) {
            if !(self.scan.request.carve && formats::carve(content, &mut self.scan)) {
                self.scan.problem(None, None, refused.reason());
            }
        } else if let Some(format) = formats::ALL.iter().find(|format| (format.recognise)(&head)) {
            (format.read)(content, &mut self.scan);
        } else {
            let start = start_of(content.head());
            if !(self.scan.request.carve && formats::carve(content, &mut self.scan)) {
                let reason = refused::split_part(&self.scan.stems())
                    .unwrap_or(Reason::UnknownFormat { start });
                self.scan.problem(None, None, reason);
            }
        }
        None
    }
}

impl Members for Recognition<'_> {
    fn content(&mut self, mut content: Content<'_>) {
        if let Some(error) = content.take_failure_of_all() {
            return self.scan.problem(None, Some(0), Reason::of_io(error));
        }
        if content.is_empty() {
            return self.scan.problem(None, None, Reason::Empty);
        }
        let start = start_of(content.head());
        let before = self.scan.accounted();
        let kind = self.read(content);
        // Whatever is neither counted nor told of would be lost without a word.
        if self.scan.accounted() == before && !self.scan.is_stopped() {
            self.scan.problem(
                None,
                None,
                match kind {
                    Some(kind) => Reason::NoMembers { kind },
                    None => Reason::NoRecords { start },
                },
            );
        }
    }

    fn member(&mut self, name: &str, content: Content<'_>) {
        let outer = self.scan.enter(name);
        self.content(content);
        self.scan.leave_to(outer);
    }

    fn member_problem(&mut self, name: &str, reason: Reason) {
        let outer = self.scan.enter(name);
        self.scan.problem(None, None, reason);
        self.scan.leave_to(outer);
    }

    fn problem(&mut self, reason: Reason) {
        self.scan.problem(None, None, reason);
    }

    fn passwords(&self) -> &Passwords {
        &self.scan.request.passwords
    }

    fn stems(&self) -> Vec<String> {
        self.scan.stems()
    }

    fn is_stopped(&self) -> bool {
        self.scan.is_stopped()
    }
}

/// Returns the first bytes of some content, to be shown.
fn start_of(head: &[u8]) -> String {
    head.get(..SHOWN_BYTES).unwrap_or(head).escape_ascii().to_string()
}
