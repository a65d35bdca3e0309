//! Files that appear and grow: what is new in them comes in, once.
//!
//! Where a file has been read to is nowhere but in the lake's ledger, committed with the rows: a piece of a
//! file is offered as what follows a place of its stream, and of all that is ever offered behind one place the
//! lake takes one (`lake`, `Identity::Behind`). So whatever is killed when, the next process finds the place
//! behind the last piece that is in, and of two processes that read the same piece one is told that it is in.
//! What a stream is, content decides and not the name: a file goes on with a stream if its beginning is what
//! the stream has had (`lines`), or if it has the record that the stream had last (`event_log`). Renaming,
//! copying and truncating a log thus moves its stream along and brings nothing in twice.
//!
//! Time is counted in looks: a file that was the same at several has settled.

mod entry;
mod event_log;
pub(crate) mod folder;
mod lines;
pub(crate) mod objects;
mod packed;
mod streams;

use std::{
    collections::BTreeMap,
    fmt::Debug,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use lake::Offer;

pub(crate) use self::entry::Entry;
use self::{event_log::EventLog, lines::Lines, packed::Packed, streams::Streams};
use crate::intake::{Full, Held, Intake, IntakeError};

/// Looks after which a file that has not changed has settled: nobody is writing it any more.
const SETTLED: u32 = 3;
/// Looks after which a file that keeps changing is read as far as can be told.
const PATIENCE: u32 = 10;
/// Bytes of one file that are read at a time.
const PIECE_BYTES: u64 = 16 << 20;
/// Bytes that are offered together, about.
const ROUND_BYTES: u64 = 32 << 20;
/// Offers that are made together.
const ROUND_OFFERS: usize = 256;

/// Where files are looked for.
pub(crate) trait Listing: Debug + Send + Sync {
    /// Returns the files that are there, and what could not be looked at.
    ///
    /// # Errors
    ///
    /// Why nothing is known of them.
    fn list(&self) -> Result<(Vec<Entry>, Vec<String>), String>;

    /// Has what is below a folder be passed over: the lake's own files.
    fn exclude(&mut self, _folder: &Path) {}
}

/// What is to be followed.
#[derive(Debug)]
pub(crate) struct Follow {
    /// What the input is called.
    pub(crate) name: String,
    pub(crate) listing: Box<dyn Listing>,
    /// The time between two looks.
    pub(crate) every: Duration,
}

/// A thread that follows files.
#[derive(Debug)]
pub(crate) struct Follower {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Follower {
    /// Starts to follow files.
    ///
    /// # Errors
    ///
    /// If there is no thread for it.
    pub(crate) fn start(intake: Arc<Intake>, follow: Follow) -> io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = Arc::clone(&stop);
        let work = move || {
            let Follow { name, listing, every } = follow;
            let mut following = Following::new(&intake, name, listing);
            loop {
                following.look(&|| *stopped.0.lock().unwrap_or_else(PoisonError::into_inner));
                let is_stopped = stopped.0.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = stopped.1.wait_timeout_while(is_stopped, every, |stopped| !*stopped);
                if *waited.unwrap_or_else(PoisonError::into_inner).0 {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("follow".to_owned()).spawn(work)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Files for which there is something to do, and whether nothing is known of each yet.
type Due<'e> = Vec<(&'e Entry, bool)>;

/// Files that are followed, and how far each has been read.
pub(crate) struct Following<'i> {
    intake: &'i Intake,
    name: String,
    listing: Box<dyn Listing>,
    files: BTreeMap<PathBuf, Known>,
}

/// What is known of a file.
#[derive(Debug, Default)]
struct Known {
    len: u64,
    stamp: String,
    node: Option<(u64, u64)>,
    /// Looks at which it was the same.
    quiet: u32,
    /// Looks at which nothing could be said of it.
    new: u32,
    kind: Kind,
}

/// How a file is read.
#[derive(Clone, Debug, Default)]
enum Kind {
    /// Nothing is known of it yet.
    #[default]
    New,
    /// JSON lines, which are read as they come.
    Lines(Lines),
    /// An event log, whose records are read as they come.
    EventLog(EventLog),
    /// Compressed lines, some of which were read before they were.
    Packed(Packed),
    /// All of it, when it has settled.
    Whole,
    /// Nothing is done until it changes.
    Done,
}

/// A piece to be offered, and what the file is when it is in.
#[derive(Debug)]
struct Next {
    offer: Offer,
    bytes: u64,
    then: Kind,
    held: Held,
}

/// Why a file is not read further.
#[derive(Debug)]
enum Stuck {
    /// There is no room for more.
    Full,
    /// Another file may be the same, and is read first.
    Later,
    /// It cannot be read as it is.
    Unreadable(String),
}

impl From<Full> for Stuck {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl From<io::Error> for Stuck {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// What there is to do for a file.
#[derive(Debug)]
enum Work {
    /// Nothing before it changes, or until some more looks; what it has turned out to be.
    Wait(Kind),
    /// A piece is there.
    Offer(Box<Next>),
}

/// What a file is looked at with.
struct Look<'l> {
    intake: &'l Intake,
    entry: &'l Entry,
    streams: &'l mut Streams,
    /// Looks at which it was the same.
    quiet: u32,
    /// Whether what cannot be told yet may be told by a later look.
    has_patience: bool,
    problems: Vec<String>,
}

impl Look<'_> {
    /// Tells whether what cannot be told yet may be told by a later look: until the file has been the same for
    /// some looks, and is the same still.
    fn may_wait(&self) -> bool {
        self.has_patience || self.entry.may_have_changed()
    }
}

impl<'i> Following<'i> {
    pub(crate) fn new(intake: &'i Intake, name: String, mut listing: Box<dyn Listing>) -> Self {
        intake.inputs().change(&name, |_| {});
        if let Some(folder) = intake.lake().address().folder() {
            listing.exclude(&folder);
        }
        Self { intake, name, listing, files: BTreeMap::new() }
    }

    /// Looks at all files once, and brings in what is new.
    pub(crate) fn look(&mut self, is_stopped: &dyn Fn() -> bool) {
        let (entries, problems) = match self.listing.list() {
            Ok(found) => found,
            Err(problem) => return self.note(problem),
        };
        for problem in problems {
            self.note(problem);
        }
        let mut due = self.due(&entries);
        if due.iter().any(|(_, is_new)| *is_new) && self.intake.lake().update().is_err() {
            // What is not known of streams would be read again; the next look may know it.
            return self.note("the lake's ledger cannot be read".to_owned());
        }
        let mut streams = None;
        while !due.is_empty() && !is_stopped() {
            let of_look = streams.get_or_insert_with(|| Streams::of(self.intake.lake()));
            let later;
            (due, later) = self.round(&due, of_look);
            if due.is_empty() {
                // With what has come in, it shows what they go on with.
                (streams, due) = (None, later);
            }
        }
        self.tell_lag(&entries);
    }

    /// Takes note of how files are, and returns those for which there is something to do, and whether
    /// nothing is known of them yet.
    fn due<'e>(&mut self, entries: &'e [Entry]) -> Due<'e> {
        let mut files = std::mem::take(&mut self.files);
        let mut due = Vec::new();
        for entry in entries {
            let mut known = files.remove(&entry.path).unwrap_or_default();
            let is_same = known.len == entry.len && known.stamp == entry.stamp;
            known.quiet = if is_same { known.quiet.saturating_add(1) } else { 0 };
            if known.node != entry.node || matches!(known.kind, Kind::Done) && !is_same {
                known.kind = Kind::New;
            }
            known.stamp.clone_from(&entry.stamp);
            (known.len, known.node) = (entry.len, entry.node);
            let is_due = match &known.kind {
                _ if entry.len == 0 => false,
                Kind::New => true,
                Kind::Done => false,
                Kind::Lines(lines) => {
                    !is_same || known.quiet <= SETTLED && lines.offset() != entry.len
                }
                Kind::EventLog(log) => !is_same || known.quiet <= SETTLED || log.has_changed(entry),
                Kind::Packed(_) | Kind::Whole => known.quiet >= SETTLED,
            };
            known.new =
                if matches!(known.kind, Kind::New) { known.new.saturating_add(1) } else { 0 };
            if is_due {
                due.push((entry, matches!(known.kind, Kind::New)));
            }
            self.files.insert(entry.path.clone(), known);
        }
        due
    }

    /// Reads a piece of each file, as far as there is room, and brings them in; returns the files for which
    /// there is more to do, and those for which there is when it is done.
    fn round<'e>(
        &mut self,
        due: &[(&'e Entry, bool)],
        streams: &mut Streams,
    ) -> (Due<'e>, Due<'e>) {
        let (mut pieces, mut bytes) = (Vec::new(), 0_u64);
        let (mut left, mut later) = (Vec::new(), Vec::new());
        for &(entry, is_new) in due {
            if bytes >= ROUND_BYTES || pieces.len() >= ROUND_OFFERS {
                left.push((entry, is_new));
                continue;
            }
            let Some(known) = self.files.get_mut(&entry.path) else { continue };
            let (kind, quiet) = (known.kind.clone(), known.quiet);
            let has_patience = quiet < SETTLED && known.new < PATIENCE;
            let mut look = Look {
                intake: self.intake,
                entry,
                streams,
                quiet,
                has_patience,
                problems: Vec::new(),
            };
            let work = look.work(kind);
            let problems = look.problems;
            match work {
                Ok(Work::Wait(kind)) => known.kind = kind,
                Ok(Work::Offer(next)) => {
                    // Until it is in: what it is then, the ledger says.
                    known.kind = Kind::New;
                    bytes = bytes.saturating_add(next.bytes);
                    pieces.push((entry, *next));
                }
                // It stays what it is, and is looked at again the next time.
                Err(Stuck::Full) => {
                    self.intake
                        .inputs()
                        .change(&self.name, |it| it.refused = it.refused.saturating_add(1));
                    break;
                }
                Err(Stuck::Later) => later.push((entry, is_new)),
                Err(Stuck::Unreadable(problem)) => {
                    known.kind = Kind::Done;
                    self.note(format!("{}: {problem}", entry.path.display()));
                }
            }
            for problem in problems {
                self.note(problem);
            }
        }
        if !pieces.is_empty() {
            left.extend(self.bring_in(pieces, bytes));
        }
        (left, later)
    }

    /// Puts pieces into the lake, and returns the files that may have more.
    fn bring_in<'e>(&mut self, pieces: Vec<(&'e Entry, Next)>, bytes: u64) -> Due<'e> {
        let mut held = self.intake.enter();
        let (mut offers, mut files) = (Vec::new(), Vec::new());
        for (entry, next) in pieces {
            held.join(next.held);
            offers.push(next.offer);
            files.push((entry, next.then));
        }
        let taken = match self.intake.take_blocking(offers, held) {
            Ok(taken) if taken.len() == files.len() => taken,
            Ok(_) => return Vec::new(),
            // They are new again, and find their places in the ledger.
            Err(error) => {
                self.failed(&error);
                return Vec::new();
            }
        };
        self.intake.count(&self.name, &taken, bytes);
        let mut more = Vec::new();
        for ((entry, then), taken) in files.into_iter().zip(taken) {
            let Some(known) = self.files.get_mut(&entry.path) else { continue };
            let is_piece = !matches!(then, Kind::Done);
            if is_piece && taken.is_repeated {
                // Another process has read on: the ledger says how far.
                continue;
            }
            if taken.accepted == 0 && taken.rejected == 0 && !taken.is_repeated {
                let reasons = taken.reasons.join("; ");
                let problem = format!("{}: not taken: {reasons}", entry.path.display());
                known.kind = if is_piece { then } else { Kind::Done };
                self.note(problem);
                continue;
            }
            known.kind = then;
            if is_piece {
                more.push((entry, false));
            }
        }
        more
    }

    fn failed(&self, error: &IntakeError) {
        tracing::error!(%error, input = self.name, "what is new was not taken in");
        self.intake.inputs().change(&self.name, |state| {
            state.failed = state.failed.saturating_add(1);
            state.note(error.to_string());
        });
    }

    fn note(&self, problem: String) {
        self.intake.inputs().change(&self.name, |state| {
            if state.problems.last() != Some(&problem) {
                tracing::warn!(input = self.name, "{problem}");
            }
            state.note(problem);
        });
    }

    /// Says how much is there that is not in the lake.
    fn tell_lag(&self, entries: &[Entry]) {
        let (mut lag, mut waiting) = (0_u64, 0_usize);
        for entry in entries {
            let behind = match self.files.get(&entry.path).map(|known| &known.kind) {
                Some(Kind::Lines(lines)) => entry.len.saturating_sub(lines.offset()),
                Some(Kind::New | Kind::Whole | Kind::Packed(_)) | None => entry.len,
                Some(Kind::EventLog(_) | Kind::Done) => 0,
            };
            lag = lag.saturating_add(behind);
            waiting = waiting.saturating_add(usize::from(behind > 0));
        }
        let cursor = format!("{} files, {waiting} of them with something to come", entries.len());
        self.intake.inputs().change(&self.name, |state| {
            state.lag = Some(lag);
            state.cursor = Some(cursor);
        });
    }
}

impl Look<'_> {
    fn work(&mut self, kind: Kind) -> Result<Work, Stuck> {
        let kind = match kind {
            Kind::New => match self.kind()? {
                Some(kind) => kind,
                None => return Ok(Work::Wait(Kind::New)),
            },
            kind => kind,
        };
        match kind {
            Kind::New | Kind::Done => Ok(Work::Wait(Kind::Done)),
            Kind::Lines(lines) => lines.work(self),
            Kind::EventLog(log) => log.work(self),
            Kind::Packed(packed) => packed.work(self),
            Kind::Whole => self.whole(),
        }
    }

    /// Finds out how a file is read; `None` if that is to be seen.
    fn kind(&mut self) -> Result<Option<Kind>, Stuck> {
        let head = self.read(0, lines::MOST_FIRST)?;
        if event_log::is_log(&head) && self.entry.is_local {
            return EventLog::adopt(self).map(|log| log.map(Kind::EventLog));
        }
        match lines::recognise(&self.entry.path, &head, self.entry.len, self.intake.known()) {
            lines::Recognised::Lines => {
                return Lines::adopt(self).map(|lines| lines.map(Kind::Lines));
            }
            // The first line may not be there yet.
            lines::Recognised::Unfinished if self.quiet < SETTLED => return Ok(None),
            _ => {}
        }
        if let Some(packed) = Packed::adopt(self, &head) {
            return Ok(Some(Kind::Packed(packed)));
        }
        Ok(Some(Kind::Whole))
    }

    /// Offers a file as it is, when it has settled.
    fn whole(&mut self) -> Result<Work, Stuck> {
        if self.quiet < SETTLED {
            return Ok(Work::Wait(Kind::Whole));
        }
        if self.streams.has_grown(self.entry)? {
            let problem =
                "it has grown since it was taken; only JSON lines and event logs are followed";
            return Err(Stuck::Unreadable(problem.to_owned()));
        }
        Ok(Work::Offer(Box::new(Next {
            offer: self.entry.whole.clone().into(),
            bytes: self.entry.len,
            then: Kind::Done,
            held: self.intake.enter(),
        })))
    }

    /// Reads some bytes, fewer at the end of the file.
    fn read(&self, start: u64, most: u64) -> io::Result<bytes::Bytes> {
        let end = start.saturating_add(most).min(self.entry.len);
        if start >= end {
            return Ok(bytes::Bytes::new());
        }
        self.entry.file.read_range(start..end)
    }
}
