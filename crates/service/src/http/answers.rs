//! From a request to its answer, protocol by protocol.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::Value;

use super::{DATABASE, Service};
use crate::{
    answer::Answer,
    queries::{Frames, Question},
    query_error::QueryError,
    wire::{
        graph::{self, Graph},
        kusto::{self, Catalog, Request, V1, V2},
        log_analytics::{self, LogAnalytics},
    },
};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const ACTIVITY_ID: HeaderName = HeaderName::from_static("x-ms-activity-id");

/// A request whose query is in its address.
#[derive(Debug, Deserialize)]
pub(super) struct ByUrl {
    #[serde(default)]
    db: String,
    csl: String,
}

impl ByUrl {
    fn request(self) -> Result<Request, QueryError> {
        Request::of_query(self.db, self.csl)
    }
}

type Shared = State<Arc<Service>>;

pub(super) async fn kusto_v1(State(service): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let request = Request::parse(&body);
    of_kusto(&service, &headers, request, |_, id| Box::new(V1::new(id))).await
}

pub(super) async fn kusto_v1_by_url(
    State(service): Shared,
    headers: HeaderMap,
    Query(by_url): Query<ByUrl>,
) -> Response {
    of_kusto(&service, &headers, by_url.request(), |_, id| Box::new(V1::new(id))).await
}

pub(super) async fn kusto_v2(State(service): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let request = Request::parse(&body);
    of_kusto(&service, &headers, request, |it, id| Box::new(V2::new(it.options.layout, id))).await
}

pub(super) async fn kusto_v2_by_url(
    State(service): Shared,
    headers: HeaderMap,
    Query(by_url): Query<ByUrl>,
) -> Response {
    let request = by_url.request();
    of_kusto(&service, &headers, request, |it, id| Box::new(V2::new(it.options.layout, id))).await
}

async fn of_kusto(
    service: &Service,
    headers: &HeaderMap,
    request: Result<Request, QueryError>,
    frames: impl FnOnce(&Request, String) -> Box<dyn Frames>,
) -> Response {
    // What the client calls the request it finds in the answer again.
    let id = headers.get(CLIENT_REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let answer = async {
        let request = request?;
        let question = of_command(service, &request).await?;
        service.queries.answer(question, frames(&request, id.to_owned())).await
    };
    let answer = answer.await;
    let mut response = match answer {
        Ok(answer) => streamed(answer),
        Err(error) => refused(&error, &kusto::error_body(&error, id)),
    };
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(CLIENT_REQUEST_ID, id.clone());
        response.headers_mut().insert(ACTIVITY_ID, id);
    }
    response
}

/// Returns the question that a query or a command asks.
async fn of_command(service: &Service, request: &Request) -> Result<Question, QueryError> {
    let command = kusto::command(&request.text)?;
    let tables = if command.is_query() {
        Vec::new()
    } else {
        let queries = Arc::clone(&service.queries);
        // A store may have to be asked.
        let tables = tokio::task::spawn_blocking(move || queries.tables()).await;
        tables.map_err(|error| QueryError::Internal(error.to_string()))??
    };
    let text = command.query(&Catalog { database: DATABASE, version: service.version, tables })?;
    Ok(request.question(text))
}

pub(super) async fn log_analytics(
    State(service): Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let prefers = headers.get_all(PREFER).iter().filter_map(|it| it.to_str().ok());
    let frames = LogAnalytics::new(prefers.collect::<Vec<_>>().join(",").as_str());
    let answer = match log_analytics::question(&body) {
        Ok(question) => service.queries.answer(question, Box::new(frames)).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => streamed(answer),
        Err(error) => refused(&error, &log_analytics::error_body(&error)),
    }
}

pub(super) async fn graph(State(service): Shared, body: Bytes) -> Response {
    let answer = match graph::question(&body) {
        Ok(question) => service.queries.answer(question, Box::new(Graph::default())).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => streamed(answer),
        Err(error) => refused(&error, &graph::error_body(&error)),
    }
}

/// Returns an answer that comes as the query finds it.
fn streamed(answer: Answer) -> Response {
    let chunks = futures::stream::unfold(answer, |mut answer| async {
        let chunk = answer.next().await?;
        Some((chunk.map(Bytes::from), answer))
    });
    let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (json, Body::from_stream(chunks)).into_response()
}

/// Returns an answer without rows.
fn refused(error: &QueryError, body: &Value) -> Response {
    let status = StatusCode::from_u16(error.name().status);
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, json, body.to_string()).into_response()
}
