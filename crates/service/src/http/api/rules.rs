//! Rules and their runs.

use axum::{
    body::Bytes,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Asked, Problem, Shared, Watched, answer, body, most, with_watched};

pub(super) async fn status(State(service): Shared) -> Answer {
    let status = with_watched(&service, |watched| Ok(watched.observed.status())).await?;
    answer(&status)
}

/// What comes in, and what has to go out.
pub(super) async fn inputs(State(service): Shared) -> Answer {
    let states = service.intake.as_ref().map(|intake| intake.inputs().states());
    let inputs: Vec<Value> = states
        .unwrap_or_default()
        .into_iter()
        .map(|(name, state)| json!({ "name": name, "state": state }))
        .collect();
    answer(&json!({ "inputs": inputs }))
}

pub(super) async fn deliveries(State(service): Shared) -> Answer {
    let waiting = with_watched(&service, |watched| watched.book.waiting()).await?;
    answer(&json!({ "waiting": waiting }))
}

pub(super) async fn list(State(service): Shared) -> Answer {
    let read = |watched: &Watched| Ok((watched.book.rules()?, watched.observed.status().refused));
    let (rules, refused) = with_watched(&service, read).await?;
    answer(&json!({ "rules": rules, "refused": refused }))
}

/// What somebody makes of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    disabled: bool,
}

pub(super) async fn change(State(service): Shared, Path(id): Path<String>, bytes: Bytes) -> Answer {
    let Change { disabled } = body(&bytes)?;
    let wanted = id.clone();
    let write = move |watched: &Watched| {
        let is_there = watched.book.set_disabled(&wanted, disabled)?;
        Ok(if is_there {
            watched.book.rules()?.into_iter().find(|it| it.id == wanted)
        } else {
            None
        })
    };
    let rule = with_watched(&service, write).await?;
    answer(&rule.ok_or_else(|| Problem::none(format!("there is no rule `{id}`")))?)
}

/// Which runs are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    rule: Option<String>,
    before: Option<i64>,
    top: Option<u32>,
}

pub(super) async fn runs(State(service): Shared, Asked(which): Asked<Which>) -> Answer {
    let Which { rule, before, top } = which;
    let read = move |watched: &Watched| watched.book.runs(rule.as_deref(), before, most(top));
    let runs = with_watched(&service, read).await?;
    let next = runs.last().map(|run| run.number);
    answer(&json!({ "runs": runs, "before": next }))
}
