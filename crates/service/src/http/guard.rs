//! What is checked of every request before anybody looks at it, and what every answer has.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::clients::Clients;

/// Refuses requests that name another host, and those that a browser makes for another page.
pub(super) async fn guard(
    State(clients): State<Arc<Clients>>,
    request: Request,
    next: Next,
) -> Response {
    if !clients.takes_host(request.headers()) {
        let told = "this host is not called by that name\n";
        return (StatusCode::MISDIRECTED_REQUEST, told).into_response();
    }
    let Ok(origin) = Clients::origin(request.headers()) else {
        return (StatusCode::FORBIDDEN, "that page may not ask\n").into_response();
    };
    let Some(origin) = origin.cloned() else { return next.run(request).await };
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let wants_network = request.headers().contains_key("access-control-request-private-network");
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    let text = HeaderValue::from_static;
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, text("true"));
    headers.insert(header::VARY, text("Origin"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, text("*"));
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, text("GET, POST, OPTIONS"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, text("3600"));
        if let Some(asked) = asked {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        }
        if wants_network {
            headers.insert("access-control-allow-private-network", text("true"));
        }
    }
    response
}
