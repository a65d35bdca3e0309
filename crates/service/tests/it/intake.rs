//! Rows that somebody sends.

use std::thread;

use serde_json::{Value, json};

use crate::client::{Served, Setup, limits};

const LOGONS: &str = "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"pc7\",\"AccountName\":\"eve\",\"ActionType\":\"LogonSuccess\"}\n\
     {\"Timestamp\":\"2024-05-01T11:00:00Z\",\"DeviceName\":\"pc8\",\"AccountName\":\"mal\",\"ActionType\":\"LogonSuccess\"}\n";

fn accounts(served: &Served) -> Value {
    let query = "DeviceLogonEvents | where DeviceName in ('pc7', 'pc8') | project AccountName | order by AccountName asc";
    served.post("/v1/rest/query", &json!({ "csl": query })).json()["Tables"][0]["Rows"].clone()
}

#[test]
fn rows_are_there_when_the_answer_comes() {
    let served = Served::with_lake(limits());
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &[], LOGONS);
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!((&reply.json()["accepted"], &reply.json()["rejected"]), (&json!(2), &json!(0)));
    assert_eq!(accounts(&served), json!([["eve"], ["mal"]]));
}

#[test]
fn a_batch_with_a_name_counts_once_and_one_without_each_time() {
    let served = Served::with_lake(limits());
    for is_repeated in [false, true, true] {
        let named = [("Quarry-Batch", "b1")];
        let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &named, LOGONS).json();
        assert_eq!((&reply["accepted"], &reply["repeated"]), (&json!(2), &json!(is_repeated)));
    }
    assert_eq!(accounts(&served), json!([["eve"], ["mal"]]));
    for _ in 0..2 {
        assert_eq!(served.ask("POST", "/ingest/DeviceLogonEvents", &[], LOGONS).status, 200);
    }
    let rows = accounts(&served);
    assert_eq!(rows, json!([["eve"], ["eve"], ["eve"], ["mal"], ["mal"], ["mal"]]));
}

#[test]
fn events_come_in_any_form() {
    let served = Served::with_lake(limits());
    let event = r#"{"@timestamp":"2024-05-01T10:00:00Z","winlog":{"channel":"Security","provider_name":"Microsoft-Windows-Security-Auditing","event_id":"5140","computer_name":"dc1","record_id":7,"event_data":{"ShareName":"\\\\*\\ADMIN$","IpAddress":"10.0.0.9"}}}"#;
    let reply = served.ask("POST", "/ingest/WindowsEvent", &[], event);
    assert_eq!(reply.json()["accepted"], json!(1), "{}", reply.body);
    let query = "WindowsEvent | project EventID, Share = tostring(EventData.ShareName)";
    let rows =
        served.post("/v1/rest/query", &json!({ "csl": query })).json()["Tables"][0]["Rows"].clone();
    assert_eq!(rows, json!([[5140, "\\\\*\\ADMIN$"]]));
}

#[test]
fn what_is_no_row_is_told_and_the_others_come_in() {
    let served = Served::with_lake(limits());
    let body = format!("{LOGONS}{{\"Timestamp\":\n");
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &[], &body);
    let told = reply.json();
    assert_eq!((&told["accepted"], &told["rejected"]), (&json!(2), &json!(1)), "{told}");
    assert_eq!(told["reasons"].as_array().unwrap().len(), 1, "{told}");
    let query = "LakeInput | summarize sum(RecordsRejected)";
    let rows =
        served.post("/v1/rest/query", &json!({ "csl": query })).json()["Tables"][0]["Rows"].clone();
    assert_eq!(rows, json!([[1]]));
}

#[test]
fn what_is_no_rows_at_all_is_an_error() {
    let served = Served::with_lake(limits());
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &[], "hello");
    assert_eq!((reply.status, &reply.json()["accepted"]), (400, &json!(0)), "{}", reply.body);
    assert!(reply.json()["reasons"][0].as_str().unwrap().contains("`hello`"), "{}", reply.body);
}

#[test]
fn batches_that_come_together_share_commits() {
    let served = Served::with_lake(limits());
    let senders = 24;
    thread::scope(|scope| {
        for sender in 0..senders {
            let served = &served;
            scope.spawn(move || {
                let name = format!("b{sender}");
                let named = [("Quarry-Batch", &*name)];
                let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &named, LOGONS);
                assert_eq!(reply.json()["accepted"], json!(2), "{}", reply.body);
            });
        }
    });
    let query =
        "LakeInput | summarize Batches = count(), Commits = dcount(Batch), sum(RecordsStored)";
    let rows =
        served.post("/v1/rest/query", &json!({ "csl": query })).json()["Tables"][0]["Rows"].clone();
    assert_eq!((&rows[0][0], &rows[0][2]), (&json!(senders), &json!(2 * senders)), "{rows}");
    assert!(rows[0][1].as_u64().unwrap() < senders, "{rows}");
    // Each has its own name, and each counts once.
    let named = [("Quarry-Batch", "b7")];
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &named, LOGONS).json();
    assert_eq!((&reply["accepted"], &reply["repeated"]), (&json!(2), &json!(true)));
    let metrics = served.get("/metrics", &[]).body;
    for line in [
        "quarry_input_records_total{input=\"http/ingest\"} 48",
        "quarry_input_repeated_total{input=\"http/ingest\"} 1",
        "quarry_intake_waiting_bytes 0",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line}\n{metrics}");
    }
}

#[test]
fn what_there_is_no_room_for_is_sent_again_later() {
    let room = LOGONS.len() + 10;
    let served = Served::start(Setup { room, has_lake: true, ..Setup::new() });
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &[], LOGONS);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", &[], &LOGONS.repeat(2));
    assert_eq!(reply.status, 429, "{}", reply.body);
    assert!(reply.head.contains("retry-after: 1"), "{}", reply.head);
    let metrics = served.get("/metrics", &[]).body;
    assert!(metrics.contains("refused_total{input=\"http/ingest\"} 1"), "{metrics}");
    assert_eq!(accounts(&served), json!([["eve"], ["mal"]]));
}

#[test]
fn what_cannot_come_in_is_an_error() {
    let served = Served::with_lake(limits());
    let ask = |path: &str, headers: &[(&str, &str)]| served.ask("POST", path, headers, LOGONS);
    assert_eq!(ask("/ingest/Nowhere", &[]).status, 404);
    assert_eq!(ask("/ingest/DeviceLogonEvents", &[("Content-Encoding", "br")]).status, 415);
    let without = Served::new(limits());
    let reply = without.ask("POST", "/ingest/DeviceLogonEvents", &[], LOGONS);
    assert_eq!((reply.status, reply.body.contains("--lake")), (404, true));
}
