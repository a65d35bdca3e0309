//! Telemetry that comes in: rows that somebody sends, into the lake.

mod group;
mod inputs;
mod room;

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use engine::{Diagnostic, Environment, Settings};
use kql_types::Ticks;
use lake::{Answer, Identity, Ingest, Ingested, Lake, LakeError, LedgerRow, Observe, Offer};
use sources::{EVENTS, Input, KnownTables, Piece, ScanRequest};
use thiserror::Error;

pub use self::inputs::{InputState, Inputs};
pub(crate) use self::{
    group::CommitError,
    room::{Full, Held},
};
use self::{
    group::{Answers, Batch, Commit, Group},
    room::Room,
};

/// Bytes that may have been received and not be in the lake yet.
const MOST_HELD: usize = 128 << 20;

/// Puts rows into a lake.
#[derive(Debug)]
pub struct Intake {
    /// First: what waits is committed before the rest goes.
    group: Group,
    target: Arc<Target>,
    room: Arc<Room>,
    inputs: Arc<Inputs>,
    /// How many batches without a name have come.
    nameless: AtomicU64,
}

/// The lake, and how what comes in is read.
#[derive(Debug)]
struct Target {
    lake: Arc<Lake>,
    known: KnownTables,
    fields: Vec<String>,
    settings: Settings,
    now: fn() -> Ticks,
}

/// What became of some records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Rows that are in the lake, now or since the batch came the first time.
    pub(crate) accepted: u64,
    /// Records that are not.
    pub(crate) rejected: u64,
    /// Why, each reason once.
    pub(crate) reasons: Vec<String>,
    /// By line, counted from 1: which of the reasons a record has that is not in the lake. Unknown if the
    /// batch is repeated.
    pub(crate) rejections: BTreeMap<u64, usize>,
    /// The batch was in already.
    pub(crate) is_repeated: bool,
}

/// Rows that were not put into the lake.
#[derive(Debug, Error)]
pub(crate) enum IntakeError {
    /// There is no such table.
    #[error("there is no table `{0}`")]
    NoTable(String),
    /// There is no room.
    #[error(transparent)]
    Full(#[from] Full),
    /// Nobody knows whether they are in, and they may be sent again.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

struct Unobserved;

impl Observe for Unobserved {
    fn advance(&self, _bytes: u64) {}
}

impl Commit for Target {
    fn commit(&self, offers: &[Offer]) -> Result<Ingested, LakeError> {
        let Settings { carve, local_offset, ref passwords, date_order, .. } = self.settings;
        let passwords = passwords.clone();
        let reading =
            ScanRequest { carve, local_offset, passwords, date_order, ..ScanRequest::default() };
        let ingest = Ingest {
            lake: &self.lake,
            known: &self.known,
            fields: &self.fields,
            reading,
            threads: NonZeroUsize::MIN,
            memory_bytes: self.settings.staging_bytes,
            now: (self.now)(),
        };
        ingest.run(offers, &Unobserved)
    }
}

impl Intake {
    /// Makes what puts rows of an environment's tables into a lake.
    ///
    /// # Errors
    ///
    /// If a view of the environment has mistakes.
    pub fn new(
        lake: Arc<Lake>,
        environment: &Environment,
        settings: Settings,
        now: fn() -> Ticks,
    ) -> Result<Self, Vec<Diagnostic>> {
        let fields = engine::event_fields(environment)?;
        let known = environment.known();
        let target = Arc::new(Target { lake, known, fields, settings, now });
        let commit: Arc<dyn Commit> = Arc::<Target>::clone(&target);
        Ok(Self {
            group: Group::start(commit),
            target,
            room: Room::new(MOST_HELD),
            inputs: Arc::default(),
            nameless: AtomicU64::new(0),
        })
    }

    /// Sets how many bytes may have been received and not be in the lake yet.
    #[must_use]
    pub fn with_room(self, bytes: usize) -> Self {
        Self { room: Room::new(bytes), ..self }
    }

    /// Returns what has come in by which input, and what has not.
    pub fn inputs(&self) -> &Arc<Inputs> {
        &self.inputs
    }

    /// Returns the table that a name means, for rows that do not say theirs.
    pub(crate) fn table(&self, name: &str) -> Option<&str> {
        let known = self.target.known.get(name).map(|table| table.name.as_str());
        known.or((name == EVENTS).then_some(EVENTS))
    }

    /// Returns the table that a sender means by a name, which it may have to write in small letters.
    pub(crate) fn table_like(&self, name: &str) -> Option<&str> {
        let tables = self.target.known.tables().iter().map(|table| table.name.as_str());
        let mut alike = tables.filter(|table| table.eq_ignore_ascii_case(name));
        self.table(name).or_else(|| alike.next())
    }

    /// Returns room for what is about to be received, with nothing in it.
    pub(crate) fn enter(&self) -> Held {
        self.room.enter()
    }

    /// Returns how many bytes have been received and are not in the lake yet.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.room.held()
    }

    /// Returns what time it is.
    pub(crate) fn now(&self) -> Ticks {
        (self.target.now)()
    }

    /// Offers records that somebody sends.
    ///
    /// - `table`: whose rows they are, unless they say so themselves. Those of `WindowsEvent` may be events
    ///   in any form.
    /// - `batch`: the batch's name. A batch of the same name counts once; without one each counts.
    /// - `piece`: `Lines` if each line is a record, and nothing else may be meant.
    pub(crate) fn offer_of(
        &self,
        table: &str,
        batch: Option<&str>,
        body: Vec<u8>,
        piece: Piece,
    ) -> Offer {
        let name = batch.map_or_else(|| self.nameless(), |name| format!("{table}/{name}"));
        // Alerts tell records apart by the names of files, and not by those of folders.
        let path: PathBuf =
            ["ingest", &format!("{table}.{}.json", escaped(&name))].iter().collect();
        Offer { input: Input::of_bytes(path, body), identity: Identity::Name(name), piece }
    }

    /// Puts offers into the lake. When this returns without an error they are there, whatever happens.
    ///
    /// Yields what became of each, in their order.
    pub(crate) async fn take(
        &self,
        offers: Vec<Offer>,
        held: Held,
    ) -> Result<Vec<Taken>, IntakeError> {
        let identities = identities(&offers);
        let answers = self.group.offer(Batch { offers, held }).await;
        self.taken(identities, answers.unwrap_or(Err(CommitError::Stopped)))
    }

    /// Does as [`take`](Self::take), on a thread that may wait.
    pub(crate) fn take_blocking(
        &self,
        offers: Vec<Offer>,
        held: Held,
    ) -> Result<Vec<Taken>, IntakeError> {
        let identities = identities(&offers);
        let answers = self.group.offer(Batch { offers, held }).blocking_recv();
        self.taken(identities, answers.unwrap_or(Err(CommitError::Stopped)))
    }

    /// Returns the lake.
    pub(crate) fn lake(&self) -> &Lake {
        &self.target.lake
    }

    /// Returns the tables that exports can be of.
    pub(crate) fn known(&self) -> &KnownTables {
        &self.target.known
    }

    /// Counts what became of offers.
    ///
    /// - `bytes`: that came for them.
    pub(crate) fn count(&self, input: &str, taken: &[Taken], bytes: u64) {
        let now = self.now();
        self.inputs.change(input, |state| {
            for taken in taken {
                if taken.is_repeated {
                    state.repeated = state.repeated.saturating_add(1);
                    continue;
                }
                state.batches = state.batches.saturating_add(1);
                state.records = state.records.saturating_add(taken.accepted);
                state.rejected = state.rejected.saturating_add(taken.rejected);
                for reason in &taken.reasons {
                    state.note(reason.clone());
                }
            }
            state.bytes = state.bytes.saturating_add(bytes);
            state.last = Some(now);
        });
    }

    /// Returns an identity that no other batch has.
    fn nameless(&self) -> String {
        let number = self.nameless.fetch_add(1, Ordering::Relaxed);
        format!("nameless/{}-{}-{number}", self.now(), std::process::id())
    }

    fn taken(
        &self,
        identities: Vec<Identity>,
        answers: Answers,
    ) -> Result<Vec<Taken>, IntakeError> {
        let of_answer = |(identity, answer): (Identity, Answer)| {
            if answer.known_as.is_none() {
                return Taken {
                    accepted: answer.stored,
                    rejected: answer.rejected,
                    reasons: answer.reasons,
                    rejections: answer.rejections.into_iter().collect(),
                    is_repeated: false,
                };
            }
            let rows = match &identity {
                Identity::Name(name) => self.target.lake.account_of(name),
                Identity::Content | Identity::Behind { .. } => Vec::new(),
            };
            let sum = |of: fn(&LedgerRow) -> u64| rows.iter().map(of).fold(0, u64::saturating_add);
            let reasons = rows.iter().flat_map(|row| &row.reasons);
            let mut reasons: Vec<String> = reasons.map(|it| it.reason.clone()).collect();
            reasons.sort_unstable();
            reasons.dedup();
            Taken {
                accepted: sum(|row| row.stored),
                rejected: sum(|row| row.rejected),
                reasons,
                rejections: BTreeMap::new(),
                is_repeated: true,
            }
        };
        Ok(identities.into_iter().zip(answers?).map(of_answer).collect())
    }
}

/// Returns a name without what parts folders.
fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F").replace('\\', "%5C")
}

fn identities(offers: &[Offer]) -> Vec<Identity> {
    offers.iter().map(|offer| offer.identity.clone()).collect()
}
