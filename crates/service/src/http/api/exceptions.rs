//! Exceptions.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Problem, Shared, Watched, Who, answer, author, body, with_watched};

pub(super) async fn list(State(service): Shared) -> Answer {
    let exceptions = with_watched(&service, |watched| watched.book.exceptions()).await?;
    answer(&json!({ "exceptions": exceptions }))
}

/// An exception to make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    list: String,
}

pub(super) async fn add(State(service): Shared, Extension(caller): Who, bytes: Bytes) -> Answer {
    let New { list } = body(&bytes)?;
    let write = move |watched: &Watched| {
        watched.book.add_exception(&list, &author(&caller), (watched.now)())
    };
    match with_watched(&service, write).await? {
        Ok(Some(id)) => Ok((StatusCode::CREATED, answer(&json!({ "id": id }))?).into_response()),
        Ok(None) => Err(Problem::conflict("there is an exception of that id already")),
        Err(problem) => Err(Problem::wrong(problem)),
    }
}

pub(super) async fn end(State(service): Shared, Path(id): Path<String>) -> Answer {
    let wanted = id.clone();
    let write = move |watched: &Watched| watched.book.end_exception(&wanted, (watched.now)());
    if with_watched(&service, write).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(Problem::none(format!("there is no exception `{id}` that holds")))
}
