//! The desk: the page at `/` by which people look into alerts, as `cargo xtask ui` builds it from `ui/`.
//!
//! It is the same for everybody and says nothing of anybody's data, so that it is there without a token; what it
//! shows it asks of `/api`, with the token that its user gives it.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What the page may do: run and show what comes with it, and ask this service. Texts become elements by one
/// policy only, that of the compiled components, whose markup is constant.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// The files, by their names: what they are, and their bytes.
const FILES: &[(&str, &str, &[u8])] = &[
    ("index.html", "text/html; charset=utf-8", include_bytes!("../../assets/index.html")),
    ("desk.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/desk.js")),
    ("desk.css", "text/css; charset=utf-8", include_bytes!("../../assets/desk.css")),
    ("graph.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/graph.js")),
    ("editor.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/editor.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
];

/// Answers a request for the page, or for what belongs to it; `None` if it is for something else.
///
/// At `/` agents ask as well, for what they take to be Elasticsearch; a browser says that it wants HTML.
pub(super) fn answer(request: &Request) -> Option<Response> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return None;
    }
    let headers = request.headers();
    match request.uri().path() {
        "/" if wants_html(headers) => Some(file("index.html", headers)),
        path => Some(file(path.strip_prefix("/assets/")?, headers)),
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok());
    accepted.into_iter().any(|it| it.contains("text/html"))
}

fn file(name: &str, asked: &HeaderMap) -> Response {
    let Some((_, kind, bytes)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Another version of the program has other files under the same names.
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(bytes)));
    let is_known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, *kind)], *bytes).into_response()
    };
    let headers = response.headers_mut();
    let text = HeaderValue::from_static;
    headers.insert(header::CONTENT_SECURITY_POLICY, text(POLICY));
    headers.insert(header::CACHE_CONTROL, text("no-cache"));
    headers.insert(header::REFERRER_POLICY, text("no-referrer"));
    headers.insert("cross-origin-opener-policy", text("same-origin"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
