//! Who is let in.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;
use service::{Role, TokenTable};

use crate::client::{Served, Setup};

const ROW: &str = "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"pc1\"}";

/// What needs a role, and that role.
const NEEDS: [(&str, &str, &str, Role); 15] = [
    ("POST", "/v1/rest/query", "{\"csl\":\"print 1\"}", Role::Read),
    ("GET", "/v2/rest/query?csl=print%201", "", Role::Read),
    ("POST", "/v1/rest/mgmt", "{\"csl\":\".show version\"}", Role::Read),
    ("GET", "/v1/rest/ping", "", Role::Read),
    ("POST", "/v1/workspaces/any/query", "{\"query\":\"print 1\"}", Role::Read),
    ("POST", "/v1.0/security/runHuntingQuery", "{\"Query\":\"print 1\"}", Role::Read),
    ("GET", "/metrics", "", Role::Read),
    ("POST", "/ingest/DeviceLogonEvents", ROW, Role::Ingest),
    ("GET", "/api/openapi.json", "", Role::Read),
    ("GET", "/api/alerts", "", Role::Read),
    ("GET", "/api/incidents", "", Role::Read),
    ("PATCH", "/api/incidents/1", "{\"owner\":\"amy\"}", Role::Admin),
    ("PATCH", "/api/rules/none", "{\"enabled\":false}", Role::Admin),
    ("POST", "/api/exceptions", "{\"list\":\"\"}", Role::Admin),
    ("DELETE", "/api/exceptions/1", "", Role::Admin),
];

pub(crate) fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["quarry.example".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn each_role_may_do_what_is_its() {
    let served = Served::start(Setup::with_tokens());
    for (method, path, body, needed) in NEEDS {
        let ask = |authorization: Option<&str>| {
            let header = authorization.map(|value| ("Authorization", value));
            served.ask(method, path, header.as_slice(), body).status
        };
        assert_eq!(ask(None), 401, "{path}");
        assert_eq!(ask(Some("Bearer nobody")), 401, "{path}");
        for role in Role::ALL {
            let status = ask(Some(&format!("Bearer {}", role.name())));
            let is_let_in = role == needed || role == Role::Admin;
            // What an administrator would change need not be there.
            let is_answered = status == 200 || needed == Role::Admin && matches!(status, 400 | 404);
            assert!(if is_let_in { is_answered } else { status == 403 }, "{path}: {status}");
        }
    }
    let reply = served.get("/v1/rest/ping", &[]);
    assert!(reply.head.contains("www-authenticate: bearer"), "{}", reply.head);
    assert!(reply.json()["error"]["message"].as_str().unwrap().contains("quarry token add"));
    // Splunk's and Elastic's clients send theirs in other forms; "x:read" in base64.
    for shown in ["Splunk read", "ApiKey read", "ApiKey eDpyZWFk", "Basic eDpyZWFk"] {
        assert_eq!(served.get("/v1/rest/ping", &[("Authorization", shown)]).status, 200, "{shown}");
    }
}

/// Also what is not there: what there is, is for those who are let in to know.
#[test]
fn without_a_token_nothing_but_healthz_answers() {
    let tls = certificate();
    let served = Served::start(Setup { tls: Some(tls.clone()), ..Setup::with_tokens() });
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        served.ask_securely(&tls.0, method, path, headers, body)
    };
    let further = [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "/healthz/"),
        ("GET", "//healthz"),
        ("GET", "/healthz/../metrics"),
        ("GET", "/%68ealthz"),
        ("DELETE", "/v1/rest/query"),
        ("OPTIONS", "/v1/rest/query"),
        ("HEAD", "/metrics"),
        ("TRACE", "/metrics"),
    ];
    let all = NEEDS.iter().map(|(method, path, ..)| (*method, *path)).chain(further);
    for (method, path) in all {
        assert_eq!(ask(method, path, &[], "").status, 401, "{method} {path}");
    }
    assert_eq!(ask("GET", "/healthz", &[], "").body, "ok\n");
    let metadata = ask("GET", "/v1/rest/auth/metadata", &[], "");
    assert_eq!((metadata.status, &*metadata.body), (404, ""));
    let reader = [("Authorization", "Bearer read")];
    let reply = ask("POST", "/v1/rest/query", &reader, "{\"csl\":\"print a = 1\"}");
    assert_eq!(reply.json()["Tables"][0]["Rows"], json!([[1]]));
}

#[test]
fn whoever_does_not_speak_tls_hears_nothing() {
    let served = Served::start(Setup { tls: Some(certificate()), ..Setup::with_tokens() });
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut heard = Vec::new();
    let _ended = stream.read_to_end(&mut heard);
    assert!(!heard.windows(4).any(|it| it == b"HTTP"), "{heard:?}");
}

#[test]
fn a_token_that_is_revoked_is_not_taken_soon_after() {
    let served = Served::start(Setup::with_tokens());
    let ask = || served.get("/v1/rest/ping", &[("Authorization", "Bearer read")]).status;
    assert_eq!(ask(), 200);
    assert!(TokenTable(&served.state).revoke("read", 1).unwrap());
    let start = Instant::now();
    while ask() == 200 {
        assert!(start.elapsed() < Duration::from_secs(20), "it is still taken");
    }
    assert_eq!(ask(), 401);
}
