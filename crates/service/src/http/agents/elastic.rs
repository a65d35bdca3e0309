//! What Elastic's clients and agents ask before they send anything: who is there, and whether what they would
//! set up is set up. It is: nothing has to be.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, head},
};
use serde_json::{Value, json};

use super::Service;

/// Clients since 7.14 go on only where this says what they expect.
const PRODUCT: (HeaderName, &str) = (HeaderName::from_static("x-elastic-product"), "Elasticsearch");
/// The version whose API this is; agents refuse to speak to one older than they are.
const VERSION: &str = "8.19.0";

pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/", get(info))
        .route("/_license", get(license))
        .route("/_xpack", get(license))
        .route("/_cluster/health", get(health))
        .route("/_nodes", get(nodes))
        .route("/_nodes/{*rest}", get(nodes))
        .route("/_template/{name}", get(there).put(set_up))
        .route("/_index_template/{name}", get(there).put(set_up))
        .route("/_component_template/{name}", get(there).put(set_up))
        .route("/_ilm/policy/{name}", get(policy).put(set_up))
        .route("/_data_stream/{name}", get(there).put(set_up))
        .route("/_ingest/pipeline/{name}", get(there).put(set_up))
        .route("/_alias/{name}", head(|| async { answer(StatusCode::OK, &json!({})) }))
}

/// Returns an answer as Elastic's clients take it.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    // Clients of 8 and later refuse an answer in another version's type only if they asked for theirs.
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, [PRODUCT], body.to_string()).into_response()
}

async fn info() -> Response {
    let body = json!({
        "name": "quarry",
        "cluster_name": "quarry",
        "cluster_uuid": "quarry",
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "quarry",
            "build_snapshot": false,
            "lucene_version": "9.12.0",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "Not a search engine: telemetry for hunting with KQL",
    });
    answer(StatusCode::OK, &body)
}

async fn license() -> Response {
    let license = json!({ "status": "active", "type": "basic", "mode": "basic", "uid": "quarry" });
    answer(StatusCode::OK, &json!({ "license": license, "features": {} }))
}

async fn health() -> Response {
    let body = json!({ "cluster_name": "quarry", "status": "green", "timed_out": false });
    answer(StatusCode::OK, &body)
}

async fn nodes() -> Response {
    answer(StatusCode::OK, &json!({ "cluster_name": "quarry", "nodes": {} }))
}

async fn there(Path(name): Path<String>) -> Response {
    let template = json!({ "name": name, "index_template": {}, "component_template": {} });
    let body = json!({
        "index_templates": [template],
        "component_templates": [template],
        "data_streams": [],
        name: {},
    });
    answer(StatusCode::OK, &body)
}

async fn policy(Path(name): Path<String>) -> Response {
    answer(StatusCode::OK, &json!({ name: { "version": 1, "policy": { "phases": {} } } }))
}

async fn set_up() -> Response {
    answer(StatusCode::OK, &json!({ "acknowledged": true }))
}
