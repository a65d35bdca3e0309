//! What is checked of every request before anybody looks at it, and what every answer has.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Service, connections::Connection, page};
use crate::{
    access::{Caller, Denied, Role},
    clients::TurnedAway,
};

/// Paths that are answered without a token: whether the service is there, and how to sign in, of which there
/// is nothing to say; clients ask that before they send their token. The page of the desk needs none either.
const PUBLIC: [&str; 2] = ["/healthz", "/v1/rest/auth/metadata"];

/// Refuses requests that name another host, those that a browser makes for another page, and those of clients
/// that are not known.
pub(super) async fn guard(
    State(service): State<Arc<Service>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(&Connection { local }) = request.extensions().get() else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, "nobody knows who asks");
    };
    let begun = Instant::now();
    // Without what is behind the question mark, in which queries stand.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut asked_by = None;
    let page = match service.clients.page(&request, local.ip()) {
        Ok(page) => page,
        Err(TurnedAway::Host) => {
            let told = "this host is not called by that name; `quarry serve --host NAME` adds one";
            return refused(StatusCode::MISDIRECTED_REQUEST, told);
        }
        Err(TurnedAway::Page) => {
            let told = "that page may not ask; `quarry serve --origin URL` lets one";
            return refused(StatusCode::FORBIDDEN, told);
        }
    };
    let wants_network = request.headers().contains_key("access-control-request-private-network");
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let is_preflight = request.method() == Method::OPTIONS;
    let is_public = PUBLIC.contains(&request.uri().path());
    let mut response = if is_preflight && page.is_some() {
        // A browser sends no token with it.
        StatusCode::NO_CONTENT.into_response()
    } else if let Some(page) = page::answer(&request) {
        page
    } else if is_public {
        next.run(request).await
    } else {
        match service.access.caller(request.headers(), service.is_open).await {
            Ok(caller) => {
                asked_by = caller.name();
                request.extensions_mut().insert(caller);
                next.run(request).await
            }
            Err(denied) => {
                tracing::info!(%method, path, "nobody who is known asks");
                unknown(&denied)
            }
        }
    };
    let headers = response.headers_mut();
    let text = HeaderValue::from_static;
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, text("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert_with(|| text("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| text("default-src 'none'; frame-ancestors 'none'"));
    if let Some(page) = page {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, text("true"));
        headers.insert(header::VARY, text("Origin"));
        let ids = "x-ms-client-request-id, x-ms-activity-id";
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, text(ids));
        if is_preflight {
            allow(headers, asked, wants_network);
        }
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let (by, milliseconds) = (asked_by.as_deref().unwrap_or_default(), took.as_millis());
    tracing::debug!(%method, path, status, by, milliseconds, "answered");
    response
}

/// Says what a page may send.
fn allow(headers: &mut HeaderMap, asked: Option<HeaderValue>, wants_network: bool) {
    let text = HeaderValue::from_static;
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, text("GET, POST, PATCH, DELETE, OPTIONS"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, text("3600"));
    if let Some(asked) = asked {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
    if wants_network {
        headers.insert("access-control-allow-private-network", text("true"));
    }
}

/// Lets through whoever may read.
pub(super) async fn readers(request: Request, next: Next) -> Response {
    with_role(Role::Read, request, next).await
}

/// Lets through whoever may send telemetry.
pub(super) async fn senders(request: Request, next: Next) -> Response {
    with_role(Role::Ingest, request, next).await
}

/// Lets through whoever may change what the service does.
pub(super) async fn admins(request: Request, next: Next) -> Response {
    with_role(Role::Admin, request, next).await
}

async fn with_role(needed: Role, request: Request, next: Next) -> Response {
    // Who asks is known of every request that has come by the guard.
    match request.extensions().get::<Caller>() {
        Some(caller) if caller.may(needed) => next.run(request).await,
        _ => {
            let told = format!("this needs a token with the role `{}`", needed.name());
            refused(StatusCode::FORBIDDEN, &told)
        }
    }
}

/// Answers for paths at which there is nothing.
pub(super) async fn nothing_here() -> Response {
    refused(StatusCode::NOT_FOUND, "there is nothing at this path")
}

fn unknown(denied: &Denied) -> Response {
    match denied {
        Denied::Unknown => {
            let told = "this needs a token; `quarry token add` makes one";
            let mut response = refused(StatusCode::UNAUTHORIZED, told);
            let how = HeaderValue::from_static("Bearer realm=\"quarry\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
            response
        }
        Denied::Unreachable => {
            refused(StatusCode::SERVICE_UNAVAILABLE, "nobody knows which tokens there are")
        }
    }
}

/// Returns a refusal in a form that clients of all protocols can show.
fn refused(status: StatusCode, told: &str) -> Response {
    let code = status.canonical_reason().unwrap_or_default().replace(' ', "");
    let body = json!({ "error": { "code": code, "message": told, "@message": told } });
    let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, json, body.to_string()).into_response()
}
