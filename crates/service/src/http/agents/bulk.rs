//! Elastic's bulk API, which Winlogbeat, Filebeat, Logstash, Vector, Fluent Bit and many others speak.
//!
//! Records are added and never changed: `index` and `create` take a record in, `update` and `delete` are told
//! to have failed. The index says which table a record is of, if it has a table's name.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Outcome, Records, elastic::answer};
use crate::{
    http::{
        Service,
        body::{self, Refused},
        rows,
    },
    intake::Intake,
};

/// What the input is called.
const INPUT: &str = "http/_bulk";

/// What is to be done with the record in the next line.
#[derive(Debug, Deserialize)]
struct Action {
    #[serde(flatten)]
    kind: std::collections::BTreeMap<String, Target>,
}

#[derive(Debug, Default, Deserialize)]
struct Target {
    #[serde(rename = "_index")]
    index: Option<String>,
    #[serde(rename = "_id")]
    id: Option<String>,
}

/// An item of a request, and what is wrong with it so far.
#[derive(Debug)]
struct Item {
    kind: &'static str,
    index: String,
    id: Option<String>,
    refused: Option<&'static str>,
}

/// Takes records in.
pub(in crate::http) async fn take(
    state: State<Arc<Service>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(&state.0, None, &headers, body).await
}

/// Takes records in, for an index unless they name another.
pub(in crate::http) async fn take_for(
    state: State<Arc<Service>>,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(&state.0, Some(&index), &headers, body).await
}

async fn answered(
    service: &Service,
    index: Option<&str>,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let taken = match &service.intake {
        Some(intake) => taken(intake, index, headers, body).await,
        None => Err(rows::no_lake()),
    };
    match taken {
        Ok(body) => answer(StatusCode::OK, &body),
        Err(refused) => {
            let kind = match refused.status {
                StatusCode::BAD_REQUEST => "illegal_argument_exception",
                StatusCode::TOO_MANY_REQUESTS => "es_rejected_execution_exception",
                _ => "exception",
            };
            let error = json!({
                "root_cause": [{ "type": kind, "reason": refused.reason }],
                "type": kind,
                "reason": refused.reason,
            });
            let body = json!({ "error": error, "status": refused.status.as_u16() });
            rows::with_retry(refused.status, answer(refused.status, &body))
        }
    }
}

async fn taken(
    intake: &Intake,
    index: Option<&str>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Value, Refused> {
    let batch = rows::batch_name(headers)?.map(str::to_owned);
    let received = body::unpacked(intake, headers, body).await;
    let mut received = received.inspect_err(|it| rows::note_refused(intake, INPUT, it))?;
    // The records are there twice until they have been taken out.
    received.held.grow(received.bytes.len()).map_err(Refused::from)?;
    let (items, records) = read(intake, index, &received.bytes)?;
    drop(std::mem::take(&mut received.bytes));
    let bytes = received.packed_bytes;
    let outcome = records.take(intake, INPUT, batch.as_deref(), received.held, bytes).await?;
    Ok(told(&items, &outcome))
}

fn read(
    intake: &Intake,
    index: Option<&str>,
    body: &[u8],
) -> Result<(Vec<Item>, Records), Refused> {
    let wrong = |number: usize, what: &str| {
        let reason = format!("Malformed action/metadata line [{number}], {what}");
        Refused::new(StatusCode::BAD_REQUEST, reason)
    };
    let text = str::from_utf8(body)
        .map_err(|_| Refused::new(StatusCode::BAD_REQUEST, "the body is not UTF-8"))?;
    let (mut items, mut records) = (Vec::new(), Records::default());
    let mut lines = text.lines().zip(1_usize..);
    while let Some((line, number)) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let action: Action =
            serde_json::from_str(line).map_err(|error| wrong(number, &error.to_string()))?;
        let mut kinds = action.kind.into_iter();
        let (Some((kind, target)), None) = (kinds.next(), kinds.next()) else {
            return Err(wrong(number, "expected one action"));
        };
        let kind = match kind.as_str() {
            "index" => "index",
            "create" => "create",
            "update" => "update",
            "delete" => "delete",
            _ => return Err(wrong(number, "expected `index`, `create`, `update` or `delete`")),
        };
        let index = target.index.or_else(|| index.map(str::to_owned));
        let index = index.ok_or_else(|| wrong(number, "the index is missing"))?;
        let record = if kind == "delete" { None } else { lines.next() };
        let refused = match record {
            None if kind == "delete" => Some("records are added, and never removed"),
            None => return Err(wrong(number, "the record is missing")),
            Some(_) if kind == "update" => Some("records are added, and never changed"),
            Some((record, _)) if record.trim().is_empty() => Some("the record is empty"),
            Some((record, _)) => {
                records.add(intake, Some(&index), record);
                None
            }
        };
        if refused.is_some() {
            records.skip();
        }
        items.push(Item { kind, index, id: target.id, refused });
        if records.is_full() {
            let reason = format!("a request has fewer than {} records", super::MOST_RECORDS);
            return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, reason));
        }
    }
    if items.is_empty() {
        return Err(Refused::new(StatusCode::BAD_REQUEST, "request body is required"));
    }
    Ok((items, records))
}

/// Returns what became of each item.
fn told(items: &[Item], outcome: &Outcome) -> Value {
    let mut has_errors = false;
    let item = |(place, item): (usize, &Item)| {
        let reason = item.refused.or_else(|| outcome.reasons.get(&place).map(String::as_str));
        let mut told = json!({ "_index": item.index, "_id": item.id });
        if let Some(fields) = told.as_object_mut() {
            if let Some(reason) = reason {
                has_errors = true;
                let error = json!({ "type": "document_parsing_exception", "reason": reason });
                fields.insert("status".to_owned(), json!(400));
                fields.insert("error".to_owned(), error);
            } else {
                fields.insert("status".to_owned(), json!(201));
                fields.insert("result".to_owned(), json!("created"));
                fields.insert("_version".to_owned(), json!(1));
            }
        }
        json!({ item.kind: told })
    };
    let items: Vec<Value> = items.iter().enumerate().map(item).collect();
    json!({ "took": 0, "errors": has_errors, "items": items })
}
