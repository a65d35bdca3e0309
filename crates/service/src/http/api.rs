//! The service's own interface: alerts, incidents, rules and their runs, exceptions, as JSON.
//!
//! `openapi.json` describes it for clients; a test holds that to the routes here.

mod alerts;
mod desk;
mod exceptions;
mod incidents;
mod language;
mod paths;
mod rules;

use std::{fmt::Display, sync::Arc};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, FromRequestParts, Query, State},
    http::{StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post},
};
use kql_types::{Ticks, datetime};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use watch::{Book, Desk, Observed, Paths};

use super::{Service, guard};
use crate::access::Caller;

/// The description of the interface.
const OPENAPI: &str = include_str!("api/openapi.json");

/// Bytes of a request that changes something.
const MOST_BODY: usize = 256 * 1024;

/// Rows of one answer, unless a client asks for fewer.
const MOST_ROWS: u32 = 1_000;

/// A watch that clients may look at.
#[derive(Debug)]
pub struct Watched {
    /// What the state has.
    pub book: Book,
    /// What the watch does.
    pub observed: Observed,
    /// What finds the ways from host to host.
    pub paths: Paths,
    /// What answers people who look into alerts.
    pub desk: Desk,
    /// What time it is.
    pub now: fn() -> Ticks,
}

/// Returns the routes.
pub(super) fn router() -> Router<Arc<Service>> {
    let readers = Router::new()
        .route("/api/openapi.json", get(openapi))
        .route("/api/status", get(rules::status))
        .route("/api/alerts", get(alerts::list))
        .route("/api/alerts/{id}", get(alerts::one))
        .route("/api/incidents", get(incidents::list))
        .route("/api/incidents/{number}", get(incidents::one))
        .route("/api/me", get(desk::me))
        .route("/api/queue", get(desk::queue))
        .route("/api/alerts/{id}/records", get(desk::records))
        .route("/api/alerts/{id}/questions", get(desk::questions))
        .route("/api/rules/{id}", get(desk::rule))
        .route("/api/behaviours", get(desk::behaviours))
        .route("/api/playbook", get(desk::playbook))
        .route("/api/explain", post(desk::explain))
        .route("/api/language/check", post(language::check))
        .route("/api/language/format", post(language::format))
        .route("/api/language/complete", post(language::complete))
        .route("/api/language/hover", post(language::hover))
        .route("/api/exceptions/preview", post(desk::preview))
        .route("/api/rules", get(rules::list))
        .route("/api/runs", get(rules::runs))
        .route("/api/exceptions", get(exceptions::list))
        .route("/api/paths", get(paths::list))
        .route("/api/inputs", get(rules::inputs))
        .route("/api/deliveries", get(rules::deliveries))
        .route_layer(middleware::from_fn(guard::readers));
    let admins = Router::new()
        .route("/api/incidents", patch(desk::change_several))
        .route("/api/incidents/{number}", patch(incidents::change))
        .route("/api/rules/{id}", patch(rules::change))
        .route("/api/exceptions", post(exceptions::add))
        .route("/api/exceptions/{id}", delete(exceptions::end))
        .route_layer(middleware::from_fn(guard::admins));
    readers.merge(admins).layer(DefaultBodyLimit::max(MOST_BODY))
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// What went wrong with a request.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Problem {
    fn wrong(message: impl Display) -> Self {
        let (status, code) = (StatusCode::BAD_REQUEST, "BadRequest");
        Self { status, code, message: message.to_string() }
    }

    fn none(message: impl Display) -> Self {
        let (status, code) = (StatusCode::NOT_FOUND, "NotFound");
        Self { status, code, message: message.to_string() }
    }

    fn conflict(message: impl Display) -> Self {
        let (status, code) = (StatusCode::CONFLICT, "Conflict");
        Self { status, code, message: message.to_string() }
    }

    fn failed(error: impl Display) -> Self {
        tracing::error!(%error, "a request was not answered");
        let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable");
        Self { status, code, message: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let body = json!({ "error": { "code": code, "message": message } });
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
    }
}

/// A JSON object with what was asked for.
type Answer = Result<Response, Problem>;

fn answer(value: &impl Serialize) -> Answer {
    let text = serde_json::to_string(value).map_err(Problem::failed)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// Parameters in the address of a request, all of them known.
#[derive(Debug)]
pub(super) struct Asked<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<T>::from_request_parts(parts, state).await;
        asked.map(|Query(asked)| Self(asked)).map_err(|error| Problem::wrong(error.body_text()))
    }
}

/// Reads what a request has as its body.
fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| Problem::wrong(format!("the body: {error}")))
}

/// Does something with the state, on a thread that may wait.
async fn with_watched<T: Send + 'static>(
    service: &Service,
    work: impl FnOnce(&Watched) -> Result<T, state::StateError> + Send + 'static,
) -> Result<T, Problem> {
    let Some(watched) = service.watched.clone() else {
        return Err(Problem::none("there is no watch: `quarry serve --lake DIR` watches a lake"));
    };
    let done = tokio::task::spawn_blocking(move || work(&watched)).await;
    done.map_err(Problem::failed)?.map_err(Problem::failed)
}

/// Returns what to call whoever asks.
fn author(caller: &Caller) -> String {
    caller.name().map_or_else(|| "somebody on this machine".to_owned(), |name| (*name).to_owned())
}

/// How many rows an answer has.
fn most(top: Option<u32>) -> u32 {
    top.unwrap_or(100).min(MOST_ROWS)
}

/// Reads a time.
fn time(name: &str, text: Option<&str>) -> Result<Option<Ticks>, Problem> {
    let wrong = |text: &str| Problem::wrong(format!("`{name}` is `{text}`, not a time"));
    text.map(|text| datetime::parse(text).ok_or_else(|| wrong(text))).transpose()
}

type Shared = State<Arc<Service>>;
type Who = Extension<Caller>;
