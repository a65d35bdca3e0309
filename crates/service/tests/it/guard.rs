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
    assert_eq!(served.get("/nothing", &[]).status, 404);
    assert_eq!(served.get("/v2/rest/mgmt", &[]).status, 404);
    assert_eq!(served.get("/v1/rest/mgmt", &[]).status, 405);
}

/// What reads files is told which ones by whoever starts the service.
#[test]
fn no_text_of_a_client_reaches_a_file() {
    let served = Served::with_lake(limits());
    let folder = testkit::Folder::empty();
    folder.write("secret.csv", "secret\n");
    let path = folder.path().join("secret.csv").display().to_string();
    let queries = [
        format!("externaldata(a: string) [@'{path}']"),
        format!("externaldata(a: string) [@'file://{path}'] with (format='csv')"),
        "externaldata(a: string) [@'http://127.0.0.1:1/x.csv']".to_owned(),
        format!("external_table(@'{path}')"),
        format!("_GetWatchlist(@'{path}')"),
        format!("print t = 1 | evaluate http_request('file://{path}')"),
        format!(".ingest into table DeviceLogonEvents (@'{path}')"),
        format!(".show external table ['{path}'] schema | project TableName"),
        format!("['{path}'] | take 1"),
        format!("database('{path}').T"),
    ];
    for query in &queries {
        let reply = served.post("/v1/rest/query", &serde_json::json!({ "csl": query }));
        assert!(!reply.body.contains("secret\\n") && !reply.body.contains("[[\"secret"), "{query}");
        let is_refused = reply.status == 400;
        let shows_nothing =
            reply.status == 200 && reply.json()["Tables"][0]["Rows"] == serde_json::json!([]);
        assert!(is_refused || shows_nothing, "{query}: {} {}", reply.status, reply.body);
    }
    let row = "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"x\"}";
    for name in ["../../evil", "/etc/evil", "a/../../b", "C:\\evil", &path] {
        let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &[("Quarry-Batch", name)], row);
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
    }
    for table in ["..", "%2e%2e%2fevil", "..%2f..%2fevil", "DeviceLogonEvents%00", "_quarry"] {
        let reply = served.ask("POST", &format!("/ingest/{table}"), &[], row);
        assert!(matches!(reply.status, 404 | 400), "{table}: {}", reply.status);
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "secret\n");
    // All that is written is in the lake's own folder.
    let written: Vec<_> = std::fs::read_dir(served.folder()).unwrap().collect();
    let names: Vec<_> = written.into_iter().map(|it| it.unwrap().file_name()).collect();
    assert!(
        names.iter().all(|name| name == "lake" || name == "DeviceLogonEvents.json"),
        "{names:?}"
    );
}
