//! `POST /ingest/{table}`: rows that somebody sends.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use sources::Piece;

use super::{
    Service,
    body::{self, Refused},
};
use crate::intake::{Intake, IntakeError, Taken};

/// The name of a batch, so that it counts once however often it is sent.
pub(super) const BATCH: HeaderName = HeaderName::from_static("quarry-batch");
/// Seconds after which to try again what there was no room for.
pub(super) const RETRY_AFTER: &str = "1";
/// What the input is called.
const INPUT: &str = "http/ingest";

/// Takes rows in. The answer comes when they are in the lake.
pub(super) async fn take(
    State(service): State<Arc<Service>>,
    Path(table): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(intake) = &service.intake else { return told(&no_lake()) };
    match taken(intake, &table, &headers, body).await {
        Ok(taken) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            // Where no record could be told from another there is nothing to count.
            let is_unreadable = taken.accepted == 0 && taken.rejected == 0;
            let is_wrong = is_unreadable && !taken.reasons.is_empty();
            let status = if is_wrong { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            let body = json!({
                "accepted": taken.accepted,
                "rejected": taken.rejected,
                "reasons": taken.reasons,
                "repeated": taken.is_repeated,
            });
            (status, json, body.to_string()).into_response()
        }
        Err(refused) => told(&refused),
    }
}

async fn taken(
    intake: &Intake,
    table: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Taken, Refused> {
    let table = intake.table(table).ok_or_else(|| {
        Refused::new(StatusCode::NOT_FOUND, IntakeError::NoTable(table.to_owned()).to_string())
    })?;
    let batch = batch_name(headers)?;
    let received = body::unpacked(intake, headers, body).await;
    let received = received.inspect_err(|refused| note_refused(intake, INPUT, refused))?;
    let offer = intake.offer_of(table, batch, received.bytes, Piece::Whole);
    let (held, bytes) = (received.held, received.packed_bytes);
    let taken = take_offers(intake, INPUT, vec![offer], held, bytes).await?;
    taken.into_iter().next().ok_or_else(defect)
}

/// Returns the batch's own name, if it has one.
pub(super) fn batch_name(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    match headers.get(BATCH).map(|name| name.to_str()) {
        None => Ok(None),
        Some(Ok(name)) if !name.is_empty() => Ok(Some(name)),
        Some(_) => {
            let reason = "the name of the batch is not plain text";
            Err(Refused::new(StatusCode::BAD_REQUEST, reason))
        }
    }
}

/// Puts offers into the lake, and counts what became of them.
pub(super) async fn take_offers(
    intake: &Intake,
    input: &str,
    offers: Vec<lake::Offer>,
    held: crate::intake::Held,
    bytes: u64,
) -> Result<Vec<Taken>, Refused> {
    match intake.take(offers, held).await {
        Ok(taken) => {
            intake.count(input, &taken, bytes);
            Ok(taken)
        }
        Err(error) => {
            tracing::error!(%error, input, "rows were not taken in");
            intake.inputs().change(input, |state| {
                state.failed = state.failed.saturating_add(1);
                state.note(error.to_string());
            });
            Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
        }
    }
}

/// Counts a batch for which there was no room.
pub(super) fn note_refused(intake: &Intake, input: &str, refused: &Refused) {
    if refused.status == StatusCode::TOO_MANY_REQUESTS {
        intake.inputs().change(input, |state| state.refused = state.refused.saturating_add(1));
    }
}

pub(super) fn no_lake() -> Refused {
    let reason = "there is no lake; `quarry serve --lake DIR` has one";
    Refused::new(StatusCode::NOT_FOUND, reason)
}

pub(super) fn defect() -> Refused {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "a defect of Quarry's")
}

fn told(refused: &Refused) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    let body = json!({ "error": refused.reason }).to_string();
    with_retry(refused.status, (refused.status, json, body).into_response())
}

/// Says when to try again, if that helps.
pub(super) fn with_retry(status: StatusCode, mut response: Response) -> Response {
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let after = header::HeaderValue::from_static(RETRY_AFTER);
        response.headers_mut().insert(header::RETRY_AFTER, after);
    }
    response
}
