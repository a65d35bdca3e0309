//! Ways from host to host.

use axum::{extract::State, http::header, response::IntoResponse};
use kql_types::datetime;
use serde::Deserialize;

use super::{Answer, Asked, Problem, Shared, time};

/// Of which time hops are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn list(State(service): Shared, Asked(which): Asked<Which>) -> Answer {
    let from = time("from", which.from.as_deref())?;
    let to = time("to", which.to.as_deref())?;
    let Some(watched) = service.watched.clone() else {
        return Err(Problem::none("there is no watch: `quarry serve --lake DIR` watches a lake"));
    };
    let look = move || {
        let now = (watched.now)();
        let (usual_from, usual_to) = watched.paths.usual_span(now)?;
        let (from, to) = (from.unwrap_or(usual_from), to.unwrap_or(usual_to));
        Ok::<_, watch::PathsError>((from, to, watched.paths.hops(from, to, now)?))
    };
    let found = tokio::task::spawn_blocking(look).await.map_err(Problem::failed)?;
    let (from, to, hops) = found.map_err(Problem::failed)?;
    let [from, to] = [from, to].map(|time| datetime::format_json(time).to_string());
    let text = format!("{{\"from\":\"{from}\",\"to\":\"{to}\",\"hops\":{hops}}}");
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}
