//! Incidents.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::json;
use watch::IncidentChange;

use super::{Answer, Asked, Problem, Shared, Who, answer, author, body, most, with_watched};

/// Which incidents are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    status: Option<String>,
    before: Option<i32>,
    top: Option<u32>,
}

pub(super) async fn list(State(service): Shared, Asked(which): Asked<Which>) -> Answer {
    let Which { status, before, top } = which;
    let read = move |watched: &super::Watched| {
        watched.book.incidents(status.as_deref(), before, most(top))
    };
    let incidents = with_watched(&service, read).await?;
    let next = incidents.last().map(|incident| incident.number);
    answer(&json!({ "incidents": incidents, "before": next }))
}

pub(super) async fn one(State(service): Shared, Path(number): Path<String>) -> Answer {
    let wanted = numbered(&number)?;
    let incident = with_watched(&service, move |watched| watched.book.incident(wanted)).await?;
    answer(&incident.ok_or_else(|| none(&number))?)
}

pub(super) async fn change(
    State(service): Shared,
    Extension(caller): Who,
    Path(number): Path<String>,
    bytes: Bytes,
) -> Answer {
    let wanted = numbered(&number)?;
    let change: IncidentChange = body(&bytes)?;
    if let Some(problem) = change.problem() {
        return Err(Problem::wrong(problem));
    }
    let write = move |watched: &super::Watched| {
        let now = (watched.now)();
        watched.book.change_incident(wanted, &change, &author(&caller), now)
    };
    let incident = with_watched(&service, write).await?;
    answer(&incident.ok_or_else(|| none(&number))?)
}

fn numbered(number: &str) -> Result<i32, Problem> {
    number.parse().map_err(|_| none(number))
}

fn none(number: &str) -> Problem {
    Problem::none(format!("there is no incident `{number}`"))
}
