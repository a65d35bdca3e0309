//! The inputs that others speak: Elastic's bulk API, Splunk's event collector, OTLP.
//!
//! Each takes the records out of its own form and puts them in lines, one record each, in whatever shape the
//! agent has written them; the shapes are `sources`'. An answer comes when the records are in the lake, and
//! says which of them are not.

pub(super) mod bulk;
mod elastic;
pub(super) mod hec;
pub(super) mod otlp;

use axum::{
    Router,
    routing::{get, post},
};
use lake::Offer;
use sources::{EVENTS, Piece};
use std::{collections::BTreeMap, sync::Arc};

use super::{Service, body::Refused, rows};
use crate::intake::{Held, Intake, Taken};

/// Records of one request: an answer may have a part for each.
const MOST_RECORDS: usize = 200_000;

/// What needs the role `ingest`.
pub(super) fn routes() -> Router<Arc<Service>> {
    elastic::routes()
        .route("/_bulk", post(bulk::take).put(bulk::take))
        .route("/{index}/_bulk", post(bulk::take_for).put(bulk::take_for))
        .route("/services/collector", post(hec::events))
        .route("/services/collector/event", post(hec::events))
        .route("/services/collector/event/1.0", post(hec::events))
        .route("/services/collector/raw", post(hec::raw))
        .route("/services/collector/raw/1.0", post(hec::raw))
        .route("/services/collector/ack", post(hec::acks))
        .route("/services/collector/health", get(hec::health))
        .route("/services/collector/health/1.0", get(hec::health))
        .route("/v1/logs", post(otlp::take))
}

/// Records of a request, by the table that they are of unless they say so themselves.
#[derive(Debug, Default)]
struct Records {
    tables: BTreeMap<String, Lines>,
    count: usize,
}

/// Records of one table, one in each line.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    /// Which record of the request each line is.
    places: Vec<usize>,
}

/// What became of the records of a request.
#[derive(Debug, Default)]
struct Outcome {
    accepted: u64,
    rejected: u64,
    /// By place: why a record is not in the lake.
    reasons: BTreeMap<usize, String>,
}

impl Records {
    /// Adds a record, which has no line breaks but between its parts.
    ///
    /// - `table`: the table's name as the sender has it; what is not one is an event's place.
    fn add(&mut self, intake: &Intake, table: Option<&str>, record: &str) {
        let table = table.and_then(|table| intake.table_like(table)).unwrap_or(EVENTS);
        let lines = self.tables.entry(table.to_owned()).or_default();
        // In JSON and XML a line break between parts says what a space says.
        let bytes =
            record.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte });
        lines.text.extend(bytes);
        lines.text.push(b'\n');
        lines.places.push(self.count);
        self.count = self.count.saturating_add(1);
    }

    /// Passes over a record that the sender is told of otherwise.
    fn skip(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    fn is_full(&self) -> bool {
        self.count >= MOST_RECORDS
    }

    /// Puts the records into the lake.
    async fn take(
        self,
        intake: &Intake,
        input: &str,
        batch: Option<&str>,
        held: Held,
        bytes: u64,
    ) -> Result<Outcome, Refused> {
        let (mut offers, mut places): (Vec<Offer>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        for (table, lines) in self.tables {
            offers.push(intake.offer_of(&table, batch, lines.text, Piece::Lines { before: 0 }));
            places.push(lines.places);
        }
        if offers.is_empty() {
            return Ok(Outcome::default());
        }
        let taken = rows::take_offers(intake, input, offers, held, bytes).await?;
        let mut outcome = Outcome::default();
        for (taken, places) in taken.into_iter().zip(places) {
            outcome.add(&taken, &places);
        }
        Ok(outcome)
    }
}

impl Outcome {
    fn add(&mut self, taken: &Taken, places: &[usize]) {
        self.accepted = self.accepted.saturating_add(taken.accepted);
        self.rejected = self.rejected.saturating_add(taken.rejected);
        for (line, reason) in &taken.rejections {
            let at = usize::try_from(*line).ok().and_then(|line| line.checked_sub(1));
            let place = at.and_then(|at| places.get(at));
            if let (Some(place), Some(reason)) = (place, taken.reasons.get(*reason)) {
                self.reasons.insert(*place, reason.clone());
            }
        }
    }
}
