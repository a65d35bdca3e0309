//! What agents send in the forms of Elastic, Splunk and OpenTelemetry.

use serde_json::{Value, json};

use crate::client::{Reply, Served, Setup, limits};

const EVENT: &str = r#"{"@timestamp":"2024-05-01T10:00:00Z","winlog":{"channel":"Security","provider_name":"Microsoft-Windows-Security-Auditing","event_id":"5140","computer_name":"dc1","record_id":7,"event_data":{"ShareName":"\\\\*\\ADMIN$","IpAddress":"10.0.0.9"}}}"#;
const XML: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>5140</EventID><TimeCreated SystemTime='2024-05-01T10:00:00Z'/><EventRecordID>8</EventRecordID><Channel>Security</Channel><Computer>dc1</Computer></System><EventData><Data Name='ShareName'>C$</Data></EventData></Event>";
const LOGON: &str = r#"{"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"pc7","AccountName":"eve","ActionType":"LogonSuccess"}"#;

fn shares(served: &Served) -> Value {
    let query = "WindowsEvent | project Share = tostring(EventData.ShareName) | order by Share asc";
    served.post("/v1/rest/query", &json!({ "csl": query })).json()["Tables"][0]["Rows"].clone()
}

fn post(served: &Served, path: &str, kind: &str, body: &str) -> Reply {
    served.ask("POST", path, &[("Content-Type", kind)], body)
}

#[test]
fn each_item_of_a_bulk_request_is_answered() {
    let served = Served::with_lake(limits());
    let body = [
        r#"{"create":{"_index":"winlogbeat-8.19.0"}}"#,
        EVENT,
        r#"{"index":{"_index":"devicelogonevents","_id":"7"}}"#,
        LOGON,
        r#"{"create":{"_index":"winlogbeat-8.19.0"}}"#,
        r#"{"message":"hello"}"#,
        r#"{"delete":{"_index":"winlogbeat-8.19.0","_id":"1"}}"#,
        r#"{"update":{"_index":"winlogbeat-8.19.0","_id":"1"}}"#,
        r#"{"doc":{}}"#,
        r#"{"create":{}}"#,
        "not JSON",
        "",
    ];
    let reply = post(&served, "/any/_bulk", "application/x-ndjson", &body.join("\n"));
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.head.contains("x-elastic-product: elasticsearch"), "{}", reply.head);
    let told = reply.json();
    assert_eq!(told["errors"], json!(true));
    let statuses: Vec<(String, u64)> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|item| item.as_object().unwrap())
        .map(|(kind, item)| (kind.clone(), item["status"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("create", 201),
        ("index", 201),
        ("create", 400),
        ("delete", 400),
        ("update", 400),
        ("create", 400),
    ];
    assert_eq!(statuses, expected.map(|(kind, status)| (kind.to_owned(), status)));
    assert_eq!(
        (&told["items"][1]["index"]["_id"], &told["items"][5]["create"]["_index"]),
        (&json!("7"), &json!("any"))
    );
    let reason = told["items"][2]["create"]["error"]["reason"].as_str().unwrap();
    assert!(reason.contains("message"), "{reason}");
    assert_eq!(shares(&served), json!([["\\\\*\\ADMIN$"]]));
    let query = "DeviceLogonEvents | where AccountName == 'eve' | count";
    let rows = served.post("/v1/rest/query", &json!({ "csl": query })).json();
    assert_eq!(rows["Tables"][0]["Rows"], json!([[1]]));
    // What is not one at all takes nothing in.
    for body in [
        "",
        "{\"create\":{\"_index\":\"a\"}}\n",
        "hello\n",
        "{\"drop\":{}}\n{}\n",
        "{\"create\":{}}\n{}\n",
    ] {
        let reply = post(&served, "/_bulk", "application/x-ndjson", body);
        assert_eq!(
            (reply.status, &reply.json()["status"]),
            (400, &json!(400)),
            "{body}: {}",
            reply.body
        );
    }
}

#[test]
fn what_elastics_agents_ask_first_is_answered() {
    let served = Served::with_lake(limits());
    let info = served.get("/", &[]);
    assert!(info.head.contains("x-elastic-product: elasticsearch"), "{}", info.head);
    assert!(info.json()["version"]["number"].as_str().unwrap().starts_with("8."));
    assert_eq!(served.get("/_license", &[]).json()["license"]["status"], json!("active"));
    for path in [
        "/_xpack",
        "/_cluster/health",
        "/_index_template/winlogbeat-8.19.0",
        "/_ilm/policy/winlogbeat",
        "/_nodes/http",
    ] {
        assert_eq!(served.get(path, &[]).status, 200, "{path}");
    }
    let reply = served.ask("PUT", "/_index_template/winlogbeat", &[], "{}");
    assert_eq!(reply.json(), json!({ "acknowledged": true }));
}

#[test]
fn a_collector_of_events_takes_objects_texts_and_xml() {
    let served = Served::with_lake(limits());
    let path = "/services/collector/event";
    let escaped = serde_json::to_string(EVENT).unwrap();
    let body = format!(
        "{{\"time\":1714557600,\"host\":\"dc1\",\"event\":{EVENT}}}{{\"event\":{}}}\n{{\"event\":{escaped}}}\n{{\n  \"sourcetype\": \"DeviceLogonEvents\",\n  \"event\": {LOGON}\n}}",
        serde_json::to_string(XML).unwrap()
    );
    let reply = post(&served, path, "application/json", &body);
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({ "text": "Success", "code": 0 })),
        "{}",
        reply.body
    );
    // The same event, sent twice, is found once.
    assert_eq!(shares(&served), json!([["C$"], ["\\\\*\\ADMIN$"]]));
    let query = "LakeInput | summarize sum(RecordsStored)";
    let rows = served.post("/v1/rest/query", &json!({ "csl": query })).json();
    assert_eq!(rows["Tables"][0]["Rows"], json!([[4]]));
    let raw = post(
        &served,
        "/services/collector/raw?sourcetype=XmlWinEventLog",
        "text/plain",
        &format!("{XML}\n{XML}"),
    );
    assert_eq!(raw.json()["code"], json!(0), "{}", raw.body);
    assert_eq!(served.get("/services/collector/health", &[]).json()["code"], json!(17));
    for (body, code, at) in [
        ("", 5, json!(null)),
        ("{\"time\":1}", 12, json!(0)),
        ("{\"event\":\"x\"}{\"event\":\"\"}", 13, json!(1)),
        ("{\"event\":\"hello\"}", 6, json!(0)),
        ("{\"event\":", 6, json!(0)),
    ] {
        let reply = post(&served, path, "application/json", body);
        let told = reply.json();
        assert_eq!(
            (reply.status, &told["code"], &told["invalid-event-number"]),
            (400, &json!(code), &at),
            "{body}"
        );
    }
    let acks = post(&served, "/services/collector/ack", "application/json", "{\"acks\":[1]}");
    assert_eq!(acks.json()["code"], json!(14));
}

#[test]
fn logs_of_otlp_in_json_come_in_by_their_bodies() {
    let served = Served::with_lake(limits());
    let text = |text: &str| json!({ "stringValue": text });
    let map = |values: Value| json!({ "kvlistValue": { "values": values } });
    let field = |key: &str, value: Value| json!({ "key": key, "value": value });
    let received = map(json!([
        field("channel", text("Security")),
        field("computer", text("dc1")),
        field("event_id", map(json!([field("id", json!({ "intValue": "5140" }))]))),
        field("provider", map(json!([field("name", text("Microsoft-Windows-Security-Auditing"))]))),
        field("system_time", text("2024-05-01T10:00:00Z")),
        field("event_data", map(json!([field("ShareName", text("IPC$"))]))),
    ]));
    let records = json!([{ "body": received }, { "body": text(XML) }, { "body": text(EVENT) }, { "body": text("hello") }, {}]);
    let body =
        json!({ "resourceLogs": [{ "resource": {}, "scopeLogs": [{ "logRecords": records }] }] });
    let reply = post(&served, "/v1/logs", "application/json", &body.to_string());
    assert_eq!(reply.status, 200, "{}", reply.body);
    let told = reply.json();
    assert_eq!(told["partialSuccess"]["rejectedLogRecords"], json!("2"), "{told}");
    assert_eq!(shares(&served), json!([["C$"], ["IPC$"], ["\\\\*\\ADMIN$"]]));
    let all =
        json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [{ "body": text(EVENT) }] }] }] });
    let reply = post(&served, "/v1/logs", "application/json; charset=utf-8", &all.to_string());
    assert_eq!((reply.status, reply.json()), (200, json!({})));
    assert_eq!(post(&served, "/v1/logs", "application/json", "[]").status, 400);
    assert_eq!(post(&served, "/v1/logs", "application/x-protobuf", "hello").status, 400);
    assert_eq!(post(&served, "/v1/logs", "text/plain", "hello").status, 415);
}

#[test]
fn agents_try_again_when_there_is_no_room() {
    let served = Served::start(Setup { room: 100, has_lake: true, ..Setup::new() });
    let bulk = format!("{{\"create\":{{\"_index\":\"a\"}}}}\n{EVENT}\n");
    let hec = format!("{{\"event\":{EVENT}}}");
    for (path, body, status) in
        [("/_bulk", &bulk, 429), ("/services/collector", &hec, 503), ("/v1/logs", &hec, 429)]
    {
        let reply = post(&served, path, "application/json", body);
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert!(reply.head.contains("retry-after: 1"), "{path}: {}", reply.head);
    }
    let metrics = served.get("/metrics", &[]).body;
    for input in ["http/_bulk", "http/hec", "http/otlp"] {
        assert!(metrics.contains(&format!("refused_total{{input=\"{input}\"}} 1")), "{metrics}");
    }
}
