//! OTLP over HTTP: logs as OpenTelemetry's collector, its SDKs and agents send them, in protobuf or JSON.
//!
//! What counts of a record is its body: an event as a map, as text with JSON or XML, or as the collector's
//! receiver for Windows' event logs writes it. Resources and attributes are about the sender.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

mod messages;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use prost::Message;
use serde_json::{Map, Value, json};

use self::messages::{
    AnyValue, ExportLogsRequest, ExportLogsResponse, Kind, PartialSuccess, Status,
};
use super::{Outcome, Records, hec::is_object};
use crate::{
    http::{
        Service,
        body::{self, Refused},
        rows,
    },
    intake::Intake,
};

/// What the input is called.
const INPUT: &str = "http/otlp";
/// Reasons that an answer tells.
const MOST_TOLD: usize = 5;

/// The two forms of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Protobuf,
    Json,
}

/// Takes records in.
pub(in crate::http) async fn take(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let form = match kind.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
        Some("application/x-protobuf") => Form::Protobuf,
        Some("application/json") => Form::Json,
        _ => {
            let reason = "expected application/x-protobuf or application/json";
            let refused = Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason);
            return refused_in(Form::Json, &refused);
        }
    };
    let taken = match &service.intake {
        Some(intake) => taken(intake, form, &headers, body).await,
        None => Err(rows::no_lake()),
    };
    match taken {
        Ok(outcome) => accepted_in(form, &outcome),
        Err(refused) => rows::with_retry(refused.status, refused_in(form, &refused)),
    }
}

async fn taken(
    intake: &Intake,
    form: Form,
    headers: &HeaderMap,
    body: Body,
) -> Result<Outcome, Refused> {
    let batch = rows::batch_name(headers)?.map(str::to_owned);
    let received = body::unpacked(intake, headers, body).await;
    let mut received = received.inspect_err(|it| rows::note_refused(intake, INPUT, it))?;
    received.held.grow(received.bytes.len()).map_err(Refused::from)?;
    let records = match form {
        Form::Protobuf => of_protobuf(intake, &received.bytes)?,
        Form::Json => of_json(intake, &received.bytes)?,
    };
    drop(std::mem::take(&mut received.bytes));
    let bytes = received.packed_bytes;
    records.take(intake, INPUT, batch.as_deref(), received.held, bytes).await
}

fn of_protobuf(intake: &Intake, bytes: &[u8]) -> Result<Records, Refused> {
    let wrong = |error: prost::DecodeError| {
        Refused::new(StatusCode::BAD_REQUEST, format!("not a request in protobuf: {error}"))
    };
    let request = ExportLogsRequest::decode(bytes).map_err(wrong)?;
    let mut records = Records::default();
    let scopes = request.resource_logs.into_iter().flat_map(|it| it.scope_logs);
    for record in scopes.flat_map(|scope| scope.log_records) {
        add(intake, &mut records, record.body.map_or(Value::Null, of_any))?;
    }
    Ok(records)
}

fn of_json(intake: &Intake, bytes: &[u8]) -> Result<Records, Refused> {
    let wrong = |error: &dyn std::fmt::Display| {
        Refused::new(StatusCode::BAD_REQUEST, format!("not a request in JSON: {error}"))
    };
    let mut request: Value = serde_json::from_slice(bytes).map_err(|error| wrong(&error))?;
    if !request.is_object() {
        return Err(wrong(&"expected an object"));
    }
    let mut records = Records::default();
    for mut resource in list(&mut request, "resourceLogs") {
        for mut scope in list(&mut resource, "scopeLogs") {
            for mut record in list(&mut scope, "logRecords") {
                let body = record.get_mut("body").map_or(Value::Null, Value::take);
                add(intake, &mut records, of_json_value(body))?;
            }
        }
    }
    Ok(records)
}

/// Takes the elements of a list that a field has.
fn list(value: &mut Value, field: &str) -> Vec<Value> {
    match value.get_mut(field).map(Value::take) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

/// Adds the record whose body this is.
fn add(intake: &Intake, records: &mut Records, body: Value) -> Result<(), Refused> {
    let record = match body {
        Value::Object(_) => body.to_string(),
        Value::String(text) if is_object(text.trim()) => text,
        // The XML of an event is read where it stands; anything else is told not to be one.
        other => json!({ "body": other }).to_string(),
    };
    records.add(intake, None, &record);
    if records.is_full() {
        let reason = format!("a request has fewer than {} records", super::MOST_RECORDS);
        return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, reason));
    }
    Ok(())
}

/// Returns a value of protobuf as plain JSON; its depth is bounded by the decoder.
fn of_any(value: AnyValue) -> Value {
    match value.kind {
        None => Value::Null,
        Some(Kind::String(text)) => Value::String(text),
        Some(Kind::Bool(value)) => Value::Bool(value),
        Some(Kind::Int(value)) => json!(value),
        Some(Kind::Double(value)) => json!(value),
        Some(Kind::Bytes(bytes)) => Value::String(base64(&bytes)),
        Some(Kind::Array(array)) => array.values.into_iter().map(of_any).collect(),
        Some(Kind::Map(map)) => {
            let member = |it: messages::KeyValue| (it.key, it.value.map_or(Value::Null, of_any));
            Value::Object(map.values.into_iter().map(member).collect())
        }
    }
}

/// Returns a value of OTLP's JSON as plain JSON; its depth is bounded by the parser.
fn of_json_value(value: Value) -> Value {
    let Value::Object(mut members) = value else { return Value::Null };
    let mut take = |kind: &str| members.remove(kind).filter(|value| !value.is_null());
    if let Some(value) = take("stringValue").or_else(|| take("boolValue")) {
        return value;
    }
    if let Some(value) = take("intValue") {
        // Numbers of 64 bits are texts.
        let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
        return number.map_or(value, |number| json!(number));
    }
    if let Some(value) = take("doubleValue").or_else(|| take("bytesValue")) {
        return value;
    }
    if let Some(mut array) = take("arrayValue") {
        return list(&mut array, "values").into_iter().map(of_json_value).collect();
    }
    let Some(mut map) = take("kvlistValue") else { return Value::Null };
    let members: Map<String, Value> = list(&mut map, "values")
        .into_iter()
        .filter_map(|mut member| {
            let key = member.get("key")?.as_str()?.to_owned();
            Some((key, of_json_value(member.get_mut("value").map_or(Value::Null, Value::take))))
        })
        .collect();
    Value::Object(members)
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.encode(bytes)
}

/// Says that records are in the lake, and which are not.
fn accepted_in(form: Form, outcome: &Outcome) -> Response {
    let mut reasons: Vec<&str> = outcome.reasons.values().map(String::as_str).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.truncate(MOST_TOLD);
    let rejected = i64::try_from(outcome.rejected).unwrap_or(i64::MAX);
    let partial = (rejected > 0).then(|| PartialSuccess {
        rejected_log_records: rejected,
        error_message: reasons.join("; "),
    });
    match form {
        Form::Protobuf => {
            let body = ExportLogsResponse { partial_success: partial }.encode_to_vec();
            ([(header::CONTENT_TYPE, "application/x-protobuf")], body).into_response()
        }
        Form::Json => {
            let body = match partial {
                None => json!({}),
                Some(partial) => json!({ "partialSuccess": {
                    "rejectedLogRecords": partial.rejected_log_records.to_string(),
                    "errorMessage": partial.error_message,
                } }),
            };
            ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
        }
    }
}

fn refused_in(form: Form, refused: &Refused) -> Response {
    let message = refused.reason.clone();
    match form {
        Form::Protobuf => {
            let kind = [(header::CONTENT_TYPE, "application/x-protobuf")];
            (refused.status, kind, Status { message }.encode_to_vec()).into_response()
        }
        Form::Json => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (refused.status, kind, json!({ "message": message }).to_string()).into_response()
        }
    }
}
