//! The lake: `SecurityAlert`, `SecurityIncident` and `SentinelHealth`, which rules and clients can query.

use std::{fmt, num::NonZeroUsize, path::PathBuf, sync::Arc};

use engine::{Environment, Input, Settings};
use kql_types::Ticks;
use lake::{Identity, Ingest, Lake, Observe, Offer};
use sources::{KnownTables, Piece, ScanRequest};

use super::{Sink, SinkError};
use crate::delivery::{Delivery, LAKE};

/// Puts rows into a lake, each once: what it takes a second time is in already.
pub struct LakeSink {
    lake: Arc<Lake>,
    known: KnownTables,
    memory_bytes: usize,
    now: fn() -> Ticks,
}

impl fmt::Debug for LakeSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LakeSink").field("lake", &self.lake).finish_non_exhaustive()
    }
}

struct Unobserved;

impl Observe for Unobserved {
    fn advance(&self, _bytes: u64) {}
}

impl LakeSink {
    /// Makes the sink of a lake.
    pub fn new(
        lake: Arc<Lake>,
        environment: &Environment,
        settings: &Settings,
        now: fn() -> Ticks,
    ) -> Self {
        Self { lake, known: environment.known(), memory_bytes: settings.staging_bytes, now }
    }
}

impl Sink for LakeSink {
    fn name(&self) -> &str {
        LAKE
    }

    fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let tables: Vec<(String, String)> =
            serde_json::from_str(&delivery.body).map_err(SinkError::new)?;
        let offers: Vec<Offer> = tables
            .into_iter()
            .map(|(table, rows)| {
                let identity = format!("{}/{table}", delivery.identity);
                let name = format!("{table}.{}.json", delivery.identity.replace('/', "-"));
                let path: PathBuf = ["watch", &name].iter().collect();
                let input = Input::of_bytes(path, rows.into_bytes());
                Offer { input, identity: Identity::Name(identity), piece: Piece::Whole }
            })
            .collect();
        let ingest = Ingest {
            lake: &self.lake,
            known: &self.known,
            fields: &[],
            reading: ScanRequest::default(),
            threads: NonZeroUsize::MIN,
            memory_bytes: self.memory_bytes,
            now: (self.now)(),
        };
        let ingested = ingest.run(&offers, &Unobserved).map_err(SinkError::new)?;
        if ingested.is_whole {
            return Ok(());
        }
        let problem = ingested.problems.first().map(ToString::to_string);
        Err(SinkError::of(problem.unwrap_or_else(|| "rows of the watch are not whole".to_owned())))
    }
}
