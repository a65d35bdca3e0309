//! What a query may take, and what a client is told of it.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use service::Limits;

use crate::client::{Served, limits};

/// Ten thousand million pairs, which take minutes.
const LONG: &str = "let n = range x from 1 to 100000 step 1 | extend k = 1; \
    n | join kind=inner n on k | where x + x1 == 3 | count";

#[test]
fn rows_above_the_limit_are_told_in_the_answer() {
    let served = Served::new(limits());
    let asked = json!({ "csl": "range x from 1 to 1001 step 1" });
    let frames = served.post("/v2/rest/query", &asked).json();
    let rows = frames[2]["Rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1_001);
    assert_eq!(
        rows[1_000]["OneApiErrors"][0]["error"]["code"],
        json!("E_QUERY_RESULT_SET_TOO_LARGE")
    );
    let end = frames.as_array().unwrap().last().unwrap();
    assert_eq!(end["HasErrors"], json!(true));
    let tables = served.post("/v1/rest/query", &asked).json()["Tables"].clone();
    assert_eq!(tables[0]["Rows"].as_array().unwrap().len(), 1_001);
    assert!(tables[0]["Rows"][1_000]["Exceptions"][0].as_str().unwrap().contains("1000 rows"));
    let all = json!({ "csl": "set notruncation; range x from 1 to 5000 step 1" });
    let frames = served.post("/v2/rest/query", &all).json();
    assert_eq!(frames[2]["Rows"].as_array().unwrap().len(), 5_000);
}

#[test]
fn bytes_above_the_limit_are_told_too() {
    let served = Served::new(Limits { bytes: 1_000, ..limits() });
    let asked = json!({ "csl": "range x from 1 to 100 step 1 | extend t = strrep('a', 100)" });
    let reply = served.post("/v1/workspaces/any/query", &asked_of(&asked));
    let answer = reply.json();
    assert_eq!(answer["error"]["code"], json!("PartialError"));
    assert!(answer["tables"][0]["rows"].as_array().unwrap().len() < 12);
}

fn asked_of(kusto: &serde_json::Value) -> serde_json::Value {
    json!({ "query": kusto["csl"] })
}

#[test]
fn a_query_that_takes_too_long_is_cancelled() {
    let served = Served::new(Limits { time: Duration::from_millis(300), ..limits() });
    let start = Instant::now();
    let reply = served.post("/v2/rest/query", &json!({ "csl": LONG }));
    assert_eq!(reply.status, 504, "{}", reply.body);
    assert_eq!(reply.json()["error"]["@permanent"], json!(false));
    assert!(start.elapsed() < Duration::from_secs(30));
    let options = json!({ "options": { "servertimeout": "00:00:00.100" } });
    let served = Served::new(limits());
    let asked = json!({ "csl": LONG, "properties": options });
    assert_eq!(served.post("/v1/rest/query", &asked).status, 504);
}

#[test]
fn a_client_that_goes_away_ends_its_query_and_others_get_their_turn() {
    let served = Served::new(Limits { concurrent: 1, ..limits() });
    let gone = served.start("/v2/rest/query", &json!({ "csl": LONG }));
    thread::sleep(Duration::from_millis(300));
    drop(gone);
    let reply = served.post("/v2/rest/query", &json!({ "csl": "print 1" }));
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[test]
fn a_query_that_gets_no_turn_is_told_to_come_again() {
    let time = Duration::from_millis(400);
    let served = Served::new(Limits { concurrent: 1, time, ..limits() });
    thread::scope(|scope| {
        let ask = || served.post("/v2/rest/query", &json!({ "csl": LONG })).status;
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        let mut told: Vec<u16> = asked.into_iter().map(|it| it.join().unwrap()).collect();
        told.sort_unstable();
        assert!(told.contains(&429) && told.contains(&504), "{told:?}");
    });
    let counted = served.get("/metrics", &[]).body;
    assert!(counted.contains("quarry_queries_running 0"), "{counted}");
}

#[test]
fn data_out_of_reach_is_an_error_and_not_an_empty_answer() {
    let served = Served::new(limits());
    served.lose_data();
    let reply = served.post("/v2/rest/query", &json!({ "csl": "DeviceLogonEvents | count" }));
    assert_eq!((reply.status, &reply.json()["error"]["@permanent"]), (503, &json!(false)));
}
