//! What a query may take, and what a client is told of it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use service::{ConnectionLimits, Limits};

use crate::client::{Served, Setup, limits};

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
    let gone = served.begin("/v2/rest/query", &json!({ "csl": LONG }));
    thread::sleep(Duration::from_millis(300));
    drop(gone);
    let reply = served.post("/v2/rest/query", &json!({ "csl": "print 1" }));
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Each of many clients that ask for much and read nothing would hold a query for good.
#[test]
fn a_client_that_does_not_read_gives_way() {
    let time = Duration::from_secs(2);
    let served = Served::new(Limits { concurrent: 1, time, ..limits() });
    let much = "set notruncation; range x from 1 to 5000000 step 1 | extend t = strrep('a', 200)";
    let mut silent = served.begin("/v2/rest/query", &json!({ "csl": much }));
    thread::sleep(Duration::from_secs(3));
    let reply = served.post("/v2/rest/query", &json!({ "csl": "print 1" }));
    assert_eq!(reply.status, 200, "{}", reply.body);
    // What it had not read is not taken for all of the answer.
    let mut text = Vec::new();
    let _broken_off = silent.read_to_end(&mut text);
    assert!(!text.ends_with(b"0\r\n\r\n"), "the answer has an end");
}

#[test]
fn a_head_and_a_body_have_to_come_in_time() {
    let connections = ConnectionLimits {
        head: Duration::from_millis(200),
        body: Duration::from_millis(200),
        ..ConnectionLimits::default()
    };
    let served = Served::start(Setup { connections, ..Setup::new() });
    let start = Instant::now();
    for (begun, answered) in [
        ("", ""),
        ("POST /v1/rest/query HT", ""),
        ("POST /v1/rest/query HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", ""),
        (
            "POST /v1/rest/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"csl\"",
            "HTTP/1.1 400",
        ),
    ] {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(begun.as_bytes()).unwrap();
        let mut text = String::new();
        let _ended = stream.read_to_string(&mut text);
        assert!(
            text.starts_with(answered) && text.is_empty() == answered.is_empty(),
            "{begun}: {text}"
        );
    }
    assert!(start.elapsed() < Duration::from_secs(20), "nobody ended them");
}

#[test]
fn further_connections_wait_for_room() {
    let connections = ConnectionLimits { most: 2, ..ConnectionLimits::default() };
    let served = Served::start(Setup { connections, ..Setup::new() });
    let silent = [(); 2].map(|()| TcpStream::connect(served.address).unwrap());
    thread::scope(|scope| {
        let waits = scope.spawn(|| served.get("/healthz", &[]).status);
        thread::sleep(Duration::from_millis(200));
        assert!(!waits.is_finished());
        drop(silent);
        assert_eq!(waits.join().unwrap(), 200);
    });
}

#[test]
fn heads_have_a_size() {
    let served = Served::new(limits());
    let long = "a".repeat(70_000);
    assert_eq!(served.get("/healthz", &[("X-Long", &long)]).status, 431);
    let path = format!("/v1/rest/query?csl={long}");
    assert!(matches!(served.get(&path, &[]).status, 414 | 431));
    let many: Vec<(String, String)> =
        (0..200).map(|number| (format!("X-{number}"), "a".to_owned())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(served.get("/healthz", &many).status, 431);
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
    // Whoever is told may be told before all of its query has ended.
    let start = Instant::now();
    while !served.get("/metrics", &[]).body.contains("quarry_queries_running 0") {
        assert!(start.elapsed() < Duration::from_mins(1), "a query does not end");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn data_out_of_reach_is_an_error_and_not_an_empty_answer() {
    let served = Served::new(limits());
    served.lose_data();
    let reply = served.post("/v2/rest/query", &json!({ "csl": "DeviceLogonEvents | count" }));
    assert_eq!((reply.status, &reply.json()["error"]["@permanent"]), (503, &json!(false)));
}

#[test]
fn a_store_that_does_not_answer_does_not_keep_its_client() {
    let served = Served::new(Limits { time: Duration::from_millis(500), ..limits() });
    served.slow_down();
    let start = Instant::now();
    let reply = served.post("/v2/rest/query", &json!({ "csl": "DeviceLogonEvents | count" }));
    assert_eq!(reply.status, 504, "{}", reply.body);
    assert!(start.elapsed() < Duration::from_secs(15));
    // Nor does it keep those that ask for nothing of it.
    let reply = served.post("/v2/rest/query", &json!({ "csl": "print 1" }));
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Lines that would make more than any machine has. Memory that is not there would end the service.
#[test]
fn a_value_that_no_machine_has_room_for_ends_its_query_alone() {
    let served = Served::new(limits());
    let large = "let a = strrep('a', 1024); let b = strrep(a, 1024); ";
    for query in [
        "print n = strlen(strrep(b, 1024))",
        "print n = strlen(replace_string(b, 'a', a))",
        "print n = strlen(replace_regex(b, 'a', a))",
        "print n = strlen(replace_regex(b, '(a)', strcat(@'\\1', a)))",
        "print n = strlen(replace_strings(b, dynamic(['a']), pack_array(a)))",
        "let c = strrep(b, 60); print n = strlen(strcat(c, c))",
    ] {
        let asked = json!({ "csl": format!("{large}{query}") });
        let reply = served.post("/v2/rest/query", &asked);
        assert_eq!(reply.status, 400, "{query}: {}", reply.body);
        assert!(reply.body.contains("more than"), "{query}: {}", reply.body);
    }
    let reply = served.post("/v2/rest/query", &json!({ "csl": format!("{large}print strlen(b)") }));
    assert_eq!(reply.json()[2]["Rows"], json!([[1_048_576]]), "{}", reply.body);
}
