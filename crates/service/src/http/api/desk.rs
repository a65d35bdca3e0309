//! What pages need beside lists: what there is to do in brief, the records of an alert, the rule and the guide.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use watch::{Desk, DeskError};

use super::{Answer, Asked, Problem, Shared, Who, answer, author, body, time};
use crate::{access::Role, http::Service};

/// Alerts and incidents of the queue, unless fewer are asked for.
const MOST_IN_QUEUE: u32 = 10_000;

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NoAlert(_) | DeskError::NoRule(_) => Self::none(error),
            DeskError::Wrong(_) => Self::wrong(error),
            DeskError::Refused(diagnostics) => {
                let texts = diagnostics.iter().map(|it| format!("{}: {}", it.code, it.message));
                Self::wrong(texts.collect::<Vec<_>>().join("; "))
            }
            DeskError::NotBegun
            | DeskError::Lake(_)
            | DeskError::State(_)
            | DeskError::Engine(_) => Self::failed(error),
        }
    }
}

/// Who asks, and what they may.
pub(super) async fn me(State(service): Shared, Extension(caller): Who) -> Answer {
    answer(&json!({
        "name": author(&caller),
        "may_change": caller.may(Role::Admin),
        "watches": service.watched.is_some(),
        "version": service.version,
    }))
}

/// How much of the queue is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    top: Option<u32>,
}

pub(super) async fn queue(State(service): Shared, Asked(which): Asked<Which>) -> Answer {
    let most = which.top.unwrap_or(MOST_IN_QUEUE).min(MOST_IN_QUEUE);
    ask(&service, move |desk| desk.queue(most)).await
}

pub(super) async fn records(State(service): Shared, Path(alert): Path<String>) -> Answer {
    list(&service, "records", move |desk| desk.records(&alert)).await
}

pub(super) async fn questions(State(service): Shared, Path(alert): Path<String>) -> Answer {
    list(&service, "questions", move |desk| desk.questions(&alert)).await
}

pub(super) async fn rule(State(service): Shared, Path(id): Path<String>) -> Answer {
    ask(&service, move |desk| desk.rule(&id)).await
}

pub(super) async fn behaviours(State(service): Shared) -> Answer {
    list(&service, "behaviours", Desk::behaviours).await
}

pub(super) async fn playbook(State(service): Shared) -> Answer {
    list(&service, "steps", Desk::playbook).await
}

/// An exception that somebody thinks of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thought {
    list: String,
}

pub(super) async fn preview(State(service): Shared, bytes: Bytes) -> Answer {
    let Thought { list } = body(&bytes)?;
    ask(&service, move |desk| desk.preview(&list)).await
}

/// A query to take apart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToExplain {
    query: String,
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn explain(State(service): Shared, bytes: Bytes) -> Answer {
    let ToExplain { query, from, to } = body(&bytes)?;
    let times = (time("from", from.as_deref())?, time("to", to.as_deref())?);
    let now = service.watched.as_ref().map(|watched| (watched.now)()).unwrap_or_default();
    list(&service, "stages", move |desk| desk.stages(&query, times, now)).await
}

/// Incidents to change in the same way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    numbers: Vec<i32>,
    change: watch::IncidentChange,
}

pub(super) async fn change_several(
    State(service): Shared,
    Extension(caller): Who,
    bytes: Bytes,
) -> Answer {
    let Several { numbers, change } = body(&bytes)?;
    if let Some(problem) = change.problem() {
        return Err(Problem::wrong(problem));
    }
    let write = move |watched: &super::Watched| {
        let now = (watched.now)();
        watched.book.change_incidents(&numbers, &change, &author(&caller), now)
    };
    let changed = super::with_watched(&service, write).await?;
    answer(&json!({ "changed": changed }))
}

/// Asks the desk, on a thread that may wait.
async fn on_desk<T: Send + 'static>(
    service: &Service,
    ask: impl FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
) -> Result<T, Problem> {
    let Some(watched) = service.watched.clone() else {
        return Err(Problem::none("there is no watch: `quarry serve --lake DIR` watches a lake"));
    };
    let done = tokio::task::spawn_blocking(move || ask(&watched.desk)).await;
    Ok(done.map_err(Problem::failed)??)
}

async fn ask<T: Serialize + Send + 'static>(
    service: &Service,
    ask: impl FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
) -> Answer {
    answer(&on_desk(service, ask).await?)
}

async fn list<T: Serialize + Send + 'static>(
    service: &Service,
    name: &str,
    ask: impl FnOnce(&Desk) -> Result<Vec<T>, DeskError> + Send + 'static,
) -> Answer {
    let found = on_desk(service, ask).await?;
    let text = serde_json::to_string(&found).map_err(Problem::failed)?;
    let text = format!("{{\"{name}\":{text}}}");
    let response: Response =
        (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text).into_response();
    Ok(response)
}
