//! `POST /ingest/{table}`: rows that somebody sends.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Service;
use crate::intake::IntakeError;

/// The name of a batch, so that it counts once however often it is sent.
const BATCH: HeaderName = HeaderName::from_static("quarry-batch");

/// Takes rows in. The answer comes when they are in the lake.
pub(super) async fn take(
    State(service): State<Arc<Service>>,
    Path(table): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let told = |status: StatusCode, what: &str| {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (status, json, json!({ "error": what }).to_string()).into_response()
    };
    let Some(intake) = service.intake.clone() else {
        let what = "there is no lake; `quarry serve --lake DIR` has one";
        return told(StatusCode::NOT_FOUND, what);
    };
    let encoding =
        headers.get(header::CONTENT_ENCODING).map(|it| it.as_bytes().to_ascii_lowercase());
    // What is compressed is known by what it holds.
    if !matches!(encoding.as_deref(), None | Some(b"identity" | b"gzip" | b"zstd")) {
        let what = "rows may be compressed by gzip or zstd";
        return told(StatusCode::UNSUPPORTED_MEDIA_TYPE, what);
    }
    let batch = match headers.get(BATCH).map(|name| name.to_str()) {
        None => None,
        Some(Ok(name)) if !name.is_empty() => Some(name.to_owned()),
        Some(_) => return told(StatusCode::BAD_REQUEST, "the name of the batch is no plain text"),
    };
    let taken = tokio::task::spawn_blocking(move || intake.take(&table, batch.as_deref(), &body));
    match taken.await {
        Ok(Ok(taken)) => {
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
        Ok(Err(error @ IntakeError::NoTable(_))) => told(StatusCode::NOT_FOUND, &error.to_string()),
        Ok(Err(error)) => {
            tracing::error!(%error, "rows were not taken in");
            told(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
        }
        Err(error) => {
            tracing::error!(%error, "rows were not taken in");
            told(StatusCode::INTERNAL_SERVER_ERROR, "a defect of Quarry's")
        }
    }
}
