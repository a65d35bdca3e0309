//! Splunk's HTTP event collector, which Splunk's own forwarders do not speak and nearly everything else does.
//!
//! An event is an object or a text; a text may be the event's XML, or an object in JSON. Acknowledgements are
//! refused: an answer says that the events are in the lake, which is what they are for.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use sources::{EVENTS, Piece};

use super::Records;
use crate::{
    http::{
        Service,
        body::{self, Received, Refused},
        rows,
    },
    intake::Intake,
};

/// What the input is called.
const INPUT: &str = "http/hec";

/// What the collector says, and its number for it.
///
/// Source: <https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector>
const SUCCESS: (&str, u32) = ("Success", 0);
const NO_DATA: (&str, u32) = ("No data", 5);
const INVALID: (&str, u32) = ("Invalid data format", 6);
const INTERNAL: (&str, u32) = ("Internal server error", 8);
const BUSY: (&str, u32) = ("Server is busy", 9);
const NO_EVENT: (&str, u32) = ("Event field is required", 12);
const BLANK_EVENT: (&str, u32) = ("Event field cannot be blank", 13);
const NO_ACKS: (&str, u32) = ("ACK is disabled", 14);
const HEALTHY: (&str, u32) = ("HEC is healthy", 17);

/// An event in its envelope.
#[derive(Debug, Deserialize)]
struct Envelope<'b> {
    #[serde(borrow)]
    event: Option<&'b RawValue>,
    sourcetype: Option<String>,
    index: Option<String>,
}

/// What is wrong with a request.
#[derive(Debug)]
enum Fault {
    /// What the collector has a number for, and the number of the event.
    Known((&'static str, u32), Option<usize>),
    Refused(Refused),
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// Takes events in their envelopes.
pub(in crate::http) async fn events(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = async {
        let intake = service.intake.as_deref().ok_or_else(rows::no_lake)?;
        let (batch, mut received) = received(intake, &headers, body).await?;
        received.held.grow(received.bytes.len()).map_err(Refused::from)?;
        let records = read(intake, &received.bytes)?;
        let Received { packed_bytes, held, .. } = received;
        let outcome = records.take(intake, INPUT, batch.as_deref(), held, packed_bytes).await?;
        // Some that are not events are told in the lake; a sender of nothing else has to know.
        match (outcome.accepted, outcome.reasons.keys().next()) {
            (0, Some(first)) => Err(Fault::Known(INVALID, Some(*first))),
            _ => Ok(()),
        }
    };
    answered(taken.await)
}

/// Takes events as they are: XML, or JSON.
pub(in crate::http) async fn raw(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let taken = async {
        let intake = service.intake.as_deref().ok_or_else(rows::no_lake)?;
        let (batch, received) = received(intake, &headers, body).await?;
        if received.bytes.trim_ascii().is_empty() {
            return Err(Fault::Known(NO_DATA, None));
        }
        let query = query.unwrap_or_default();
        let values = query.split('&').filter_map(|pair| pair.split_once('='));
        let named = values.filter(|(name, _)| matches!(*name, "sourcetype" | "index"));
        let table = named.into_iter().find_map(|(_, value)| intake.table_like(value));
        let Received { bytes, packed_bytes, held } = received;
        let offer = intake.offer_of(table.unwrap_or(EVENTS), batch.as_deref(), bytes, Piece::Whole);
        let taken = rows::take_offers(intake, INPUT, vec![offer], held, packed_bytes).await?;
        let accepted: u64 = taken.iter().map(|taken| taken.accepted).sum();
        if accepted == 0 { Err(Fault::Known(INVALID, Some(0))) } else { Ok(()) }
    };
    answered(taken.await)
}

/// Says that there are no acknowledgements.
pub(in crate::http) async fn acks() -> Response {
    answer(StatusCode::BAD_REQUEST, NO_ACKS, None)
}

/// Says that events are taken.
pub(in crate::http) async fn health() -> Response {
    answer(StatusCode::OK, HEALTHY, None)
}

async fn received(
    intake: &Intake,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Option<String>, Received), Refused> {
    let batch = rows::batch_name(headers)?.map(str::to_owned);
    let received = body::unpacked(intake, headers, body).await;
    Ok((batch, received.inspect_err(|it| rows::note_refused(intake, INPUT, it))?))
}

fn read(intake: &Intake, body: &[u8]) -> Result<Records, Fault> {
    let invalid = |at: usize| Fault::Known(INVALID, Some(at));
    let text = str::from_utf8(body).map_err(|_| invalid(0))?.trim();
    let mut records = Records::default();
    let mut add = |envelope: &RawValue, at: usize| {
        let fields: Envelope<'_> = serde_json::from_str(envelope.get()).map_err(|_| invalid(at))?;
        let event = fields.event.ok_or(Fault::Known(NO_EVENT, Some(at)))?.get();
        if matches!(event, "\"\"" | "null") {
            return Err(Fault::Known(BLANK_EVENT, Some(at)));
        }
        let text: Option<String> = serde_json::from_str(event).ok();
        let inner = text.as_deref().map(str::trim).filter(|text| is_object(text));
        // The XML of an event is read where it stands.
        let record = if event.starts_with('{') { event } else { envelope.get() };
        let names = [&fields.sourcetype, &fields.index].into_iter().flatten();
        let table = names.into_iter().find(|name| intake.table_like(name).is_some());
        records.add(intake, table.map(String::as_str), inner.unwrap_or(record));
        if records.is_full() {
            let reason = format!("a request has fewer than {} events", super::MOST_RECORDS);
            return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, reason).into());
        }
        Ok(())
    };
    if text.starts_with('[') {
        let envelopes: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| invalid(0))?;
        for (at, envelope) in envelopes.into_iter().enumerate() {
            add(envelope, at)?;
        }
    } else {
        let envelopes = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        for (at, envelope) in envelopes.enumerate() {
            add(envelope.map_err(|_| invalid(at))?, at)?;
        }
    }
    if records.count == 0 { Err(Fault::Known(NO_DATA, None)) } else { Ok(records) }
}

/// Tells whether a text is an object in JSON.
pub(super) fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn answered(taken: Result<(), Fault>) -> Response {
    match taken {
        Ok(()) => answer(StatusCode::OK, SUCCESS, None),
        Err(Fault::Known(what, at)) => answer(StatusCode::BAD_REQUEST, what, at),
        Err(Fault::Refused(refused)) => match refused.status {
            // Senders know this one, and try again.
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                rows::with_retry(status, answer(status, BUSY, None))
            }
            status if status.is_server_error() => answer(status, INTERNAL, None),
            status => {
                let json = [(header::CONTENT_TYPE, "application/json")];
                let body = json!({ "text": refused.reason, "code": INVALID.1 });
                (status, json, body.to_string()).into_response()
            }
        },
    }
}

fn answer(status: StatusCode, (text, code): (&str, u32), at: Option<usize>) -> Response {
    let mut body = json!({ "text": text, "code": code });
    if let (Some(at), Some(fields)) = (at, body.as_object_mut()) {
        fields.insert("invalid-event-number".to_owned(), json!(at));
    }
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
