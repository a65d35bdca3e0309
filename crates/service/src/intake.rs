//! Telemetry that comes in: rows that somebody sends, into the lake.

use std::{
    io,
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use engine::{Diagnostic, Environment, Settings};
use kql_types::Ticks;
use lake::{Ingest, Ingested, Lake, LakeError, Observe, Offer};
use sources::{KnownTables, ScanRequest};
use thiserror::Error;

/// Puts rows into a lake.
#[derive(Debug)]
pub struct Intake {
    lake: Arc<Lake>,
    known: KnownTables,
    fields: Vec<String>,
    settings: Settings,
    now: fn() -> Ticks,
    /// How many batches without a name have come.
    nameless: AtomicU64,
}

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Rows that are in the lake, now or since the batch came the first time.
    pub(crate) accepted: u64,
    /// Records that are not.
    pub(crate) rejected: u64,
    /// Why, each reason once.
    pub(crate) reasons: Vec<String>,
    /// The batch was in already.
    pub(crate) is_repeated: bool,
}

/// A batch that could not be put into the lake: nobody knows whether it is in, and it may be sent again.
#[derive(Debug, Error)]
pub(crate) enum IntakeError {
    /// There is no such table.
    #[error("there is no table `{0}`")]
    NoTable(String),
    /// What came cannot be kept until it is in.
    #[error("the rows cannot be kept until they are in the lake: {0}")]
    Spool(#[from] io::Error),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

struct Unobserved;

impl Observe for Unobserved {
    fn advance(&self, _bytes: u64) {}
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
        Ok(Self { lake, known, fields, settings, now, nameless: AtomicU64::new(0) })
    }

    /// Puts a batch of rows into the lake. When this returns without an error they are there, whatever happens.
    ///
    /// - `table`: whose rows they are, unless they say so themselves. Those of `WindowsEvent` may be events in
    ///   any form.
    /// - `batch`: the batch's name. A batch of the same name counts once; without one each counts.
    /// - `body`: JSON lines or a list, which may be compressed.
    pub(crate) fn take(
        &self,
        table: &str,
        batch: Option<&str>,
        body: &[u8],
    ) -> Result<Taken, IntakeError> {
        if self.known.get(table).is_none() && table != "WindowsEvent" {
            return Err(IntakeError::NoTable(table.to_owned()));
        }
        let now = (self.now)();
        let identity = batch.map_or_else(|| self.nameless(now), |name| format!("{table}/{name}"));
        let name: PathBuf = ["ingest", &identity, &format!("{table}.json")].iter().collect();
        let input = lake::spooled(&name, body, &self.settings.spill_folder)?;
        let Settings { carve, local_offset, ref passwords, date_order, .. } = self.settings;
        let passwords = passwords.clone();
        let ingest = Ingest {
            lake: &self.lake,
            known: &self.known,
            fields: &self.fields,
            reading: ScanRequest {
                carve,
                local_offset,
                passwords,
                date_order,
                ..ScanRequest::default()
            },
            threads: NonZeroUsize::MIN,
            memory_bytes: self.settings.staging_bytes,
            now,
        };
        let offer = Offer { input, identity: Some(identity) };
        Ok(self.taken(&ingest.run(&[offer], &Unobserved)?))
    }

    /// Returns an identity that no other batch has.
    fn nameless(&self, now: Ticks) -> String {
        let number = self.nameless.fetch_add(1, Ordering::Relaxed);
        format!("nameless/{now}-{}-{number}", std::process::id())
    }

    fn taken(&self, ingested: &Ingested) -> Taken {
        let mut taken = Taken::default();
        let mut rows = ingested.rows.clone();
        for (_, known_as) in &ingested.known {
            taken.is_repeated = true;
            rows.extend(self.lake.account().into_iter().filter(|row| row.file == *known_as));
        }
        for row in &rows {
            taken.accepted = taken.accepted.saturating_add(row.stored);
            taken.rejected = taken.rejected.saturating_add(row.rejected);
            taken.reasons.extend(row.reasons.iter().map(|reason| reason.reason.clone()));
        }
        let problems = ingested.problems.iter().map(|problem| problem.reason.to_string());
        taken.reasons.extend(problems.filter(|_| rows.is_empty()));
        taken.reasons.sort_unstable();
        taken.reasons.dedup();
        taken
    }
}
