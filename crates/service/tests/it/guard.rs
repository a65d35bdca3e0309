//! Who may ask.

use crate::client::{Served, limits};

#[test]
fn another_host_and_other_pages_are_turned_away() {
    let served = Served::new(limits());
    let body = r#"{"csl":"print 1"}"#;
    let ask =
        |name: &str, value: &str| served.ask("POST", "/v1/rest/query", &[(name, value)], body);
    assert_eq!(ask("Host", "evil.example").status, 421);
    assert_eq!(ask("Origin", "https://evil.example").status, 403);
    let explorer = "https://dataexplorer.azure.com";
    let reply = ask("Origin", explorer);
    assert_eq!(reply.status, 200);
    assert!(reply.head.contains(&format!("access-control-allow-origin: {explorer}")));
    assert!(reply.head.contains("vary: origin"));
}

#[test]
fn a_browser_may_ask_first() {
    let served = Served::new(limits());
    let headers = [
        ("Origin", "https://dataexplorer.azure.com"),
        ("Access-Control-Request-Headers", "x-ms-app,authorization"),
        ("Access-Control-Request-Private-Network", "true"),
    ];
    let reply = served.ask("OPTIONS", "/v2/rest/query", &headers, "");
    assert_eq!(reply.status, 204);
    for line in [
        "access-control-allow-headers: x-ms-app,authorization",
        "access-control-allow-private-network: true",
        "access-control-allow-credentials: true",
    ] {
        assert!(reply.head.contains(line), "{line}\n{}", reply.head);
    }
}

#[test]
fn a_body_that_is_too_large_is_not_read() {
    let served = Served::new(limits());
    let body = format!(r#"{{"csl":"print '{}'"}}"#, "a".repeat(5 << 20));
    assert_eq!(served.ask("POST", "/v1/rest/query", &[], &body).status, 413);
}

#[test]
fn what_is_not_there_is_not_found() {
    let served = Served::new(limits());
    assert_eq!(served.get("/", &[]).status, 404);
    assert_eq!(served.get("/v2/rest/mgmt", &[]).status, 404);
    assert_eq!(served.get("/v1/rest/mgmt", &[]).status, 405);
}
