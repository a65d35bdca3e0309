//! The service's own interface.

use std::{num::NonZeroUsize, path::Path, sync::Arc};

use detection::PackagedRule;
use engine::Environment;
use lake::{Lake, LakeAddress};
use serde_json::{Value, json};
use watch::{Rules, Stop, Watch};

use crate::client::{Reply, Served, Setup, limits, now, settings};

const RULE: &str = "\
id: each
name: Each logon
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
version: 1.0.0
query: DeviceLogonEvents | where ActionType == 'LogonSuccess' | project Timestamp, DeviceName
";

const LOGONS: &str = "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"pc7\",\"AccountName\":\"eve\",\"ActionType\":\"LogonSuccess\"}\n\
     {\"Timestamp\":\"2024-05-01T11:00:00Z\",\"DeviceName\":\"pc8\",\"AccountName\":\"mal\",\"ActionType\":\"LogonSuccess\"}\n";

/// Watches what a service has, for a turn.
fn watch_once(served: &Served) {
    let path = served.folder().join("lake").display().to_string();
    let lake = Arc::new(Lake::open(&LakeAddress::parse(&path).unwrap(), &[]).unwrap());
    let environment = Arc::new(Environment::builtin(tables::Environment::Both));
    let rule = PackagedRule::parse(Path::new("each.yaml"), RULE, Vec::new()).unwrap();
    let rules = Rules::compile(&[rule], Vec::new(), environment, NonZeroUsize::MIN);
    let state = Arc::clone(&served.state);
    let mut watch = Watch::new(lake, state, rules, settings(), Vec::new(), now()).unwrap();
    watch.turn(&now, &Stop::default()).unwrap();
}

/// Serves a lake with two alerts.
fn with_alerts(setup: Setup) -> Served {
    let is_open = setup.tokens.is_empty();
    let served = Served::start(setup);
    let headers: &[(&str, &str)] =
        if is_open { &[] } else { &[("Authorization", "Bearer ingest")] };
    let reply = served.ask("POST", "/ingest/DeviceLogonEvents", headers, LOGONS);
    assert_eq!(reply.status, 200, "{}", reply.body);
    watch_once(&served);
    served
}

fn open() -> Served {
    with_alerts(Setup { has_lake: true, limits: limits(), ..Setup::new() })
}

fn patch(served: &Served, path: &str, body: &Value) -> Reply {
    served.ask("PATCH", path, &[], &body.to_string())
}

#[test]
fn alerts_are_listed_page_by_page_and_chosen() {
    let served = open();
    let page = served.get("/api/alerts?top=1", &[]).json();
    assert_eq!(page["alerts"].as_array().unwrap().len(), 1);
    let next = served.get(&format!("/api/alerts?before={}", page["before"]), &[]).json();
    assert_eq!(next["alerts"].as_array().unwrap().len(), 1);
    let alert = &next["alerts"][0];
    assert_eq!((&alert["rule"], &alert["severity"]), (&json!("each"), &json!("Medium")));
    let id = alert["id"].as_str().unwrap();
    assert_eq!(served.get(&format!("/api/alerts/{id}"), &[]).json(), *alert);
    for (query, count) in [
        ("severity=medium", 2),
        ("severity=High", 0),
        ("rule=each&since=2024-05-02", 2),
        ("since=2024-05-03", 0),
        ("incident=1", 1),
    ] {
        let found = served.get(&format!("/api/alerts?{query}"), &[]).json();
        assert_eq!(found["alerts"].as_array().unwrap().len(), count, "{query}");
    }
}

#[test]
fn an_incident_is_changed_and_what_it_was_stays_in_the_lake() {
    let served = open();
    let change = json!({
        "status": "Closed", "owner": "anna", "classification": "FalsePositive", "comment": "a test",
    });
    let changed = patch(&served, "/api/incidents/1", &change).json();
    assert_eq!(changed["status"], "Closed");
    assert_eq!(changed["comments"][0]["message"], "a test");
    assert_eq!(changed["comments"][0]["author"], "somebody on this machine");
    assert_eq!(served.get("/api/incidents/1", &[]).json(), changed);
    let open = served.get("/api/incidents?status=new", &[]).json();
    assert_eq!(open["incidents"].as_array().unwrap().len(), 1);
    let reopened = patch(&served, "/api/incidents/1", &json!({ "status": "Active" })).json();
    assert_eq!((&reopened["status"], &reopened["owner"]), (&json!("Active"), &json!("anna")));
}

#[test]
fn what_cannot_be_is_told() {
    let served = open();
    for (reply, status, said) in [
        (served.get("/api/alerts?top=x", &[]), 400, "top"),
        (served.get("/api/alerts?tpo=1", &[]), 400, "tpo"),
        (served.get("/api/alerts?since=yesterday", &[]), 400, "not a time"),
        (served.get("/api/alerts/x", &[]), 404, "no alert"),
        (
            patch(&served, "/api/incidents/1", &json!({ "status": "Done" })),
            400,
            "New, Active, Closed",
        ),
        (patch(&served, "/api/incidents/1", &json!({ "state": "New" })), 400, "unknown field"),
        (patch(&served, "/api/incidents/9", &json!({})), 404, "no incident"),
        (patch(&served, "/api/rules/none", &json!({ "disabled": true })), 404, "no rule"),
        (served.post("/api/exceptions", &json!({ "list": "x" })), 400, "exception"),
        (served.ask("DELETE", "/api/exceptions/x", &[], ""), 404, "no exception"),
    ] {
        assert_eq!(reply.status, status, "{}", reply.body);
        let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn exceptions_are_made_and_taken_back() {
    let served = open();
    let list = "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires\n\
                e1,each,DeviceName,pc7,Timestamp,2024*,,,anna,known,T-1,2030-01-01\n";
    let made = served.post("/api/exceptions", &json!({ "list": list }));
    assert_eq!((made.status, made.json()), (201, json!({ "id": "e1" })), "{}", made.body);
    assert_eq!(served.post("/api/exceptions", &json!({ "list": list })).status, 409);
    let listed = served.get("/api/exceptions", &[]).json();
    assert_eq!(listed["exceptions"][0]["ended"], Value::Null);
    assert_eq!(served.ask("DELETE", "/api/exceptions/e1", &[], "").status, 204);
    let listed = served.get("/api/exceptions", &[]).json();
    assert_eq!(listed["exceptions"][0]["ended"], "2024-05-02T00:00:00Z");
}

#[test]
fn a_rule_is_disabled_and_its_runs_are_told() {
    let served = open();
    let runs = served.get("/api/runs?rule=each", &[]).json();
    assert_eq!(
        (&runs["runs"][0]["status"], &runs["runs"][0]["alerts"]),
        (&json!("late"), &json!(2))
    );
    let rule = patch(&served, "/api/rules/each", &json!({ "disabled": true })).json();
    assert_eq!(rule["disabled_by"], "somebody");
    assert_eq!(served.get("/api/rules", &[]).json()["rules"][0], rule);
}

#[test]
fn what_there_is_to_do_is_told_in_brief_and_several_incidents_are_changed_together() {
    let served = open();
    let queue = served.get("/api/queue", &[]).json();
    let incidents = queue["incidents"].as_array().unwrap();
    assert_eq!((incidents.len(), queue["alerts"].as_array().unwrap().len()), (2, 2));
    assert_eq!(queue["is_cut"], false);
    assert_eq!(served.get("/api/queue?top=1", &[]).json()["is_cut"], true);
    let numbers: Vec<&Value> = incidents.iter().map(|it| &it["number"]).collect();
    let change = json!({ "status": "Closed", "classification": "BenignPositive" });
    let asked = json!({ "numbers": [numbers[0], numbers[1], 99], "change": change });
    let changed = patch(&served, "/api/incidents", &asked).json();
    assert_eq!(changed["changed"], json!([numbers[0], numbers[1]]));
    let queue = served.get("/api/queue", &[]).json();
    let is_closed =
        |it: &Value| it["status"] == "Closed" && it["classification"] == "BenignPositive";
    assert!(queue["incidents"].as_array().unwrap().iter().all(is_closed), "{queue}");
}

#[test]
fn steps_of_the_playbook_are_kept() {
    let served = open();
    let done =
        patch(&served, "/api/incidents/1", &json!({ "steps": { "logs": true, "hash": true } }));
    let ids = |incident: &Value| {
        incident["steps"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&done.json()), [json!("hash"), json!("logs")]);
    let undone = patch(&served, "/api/incidents/1", &json!({ "steps": { "hash": false } })).json();
    assert_eq!(ids(&undone), [json!("logs")]);
    assert_eq!(ids(&served.get("/api/incidents/1", &[]).json()), [json!("logs")]);
}

#[test]
fn an_exception_is_previewed_without_being_made() {
    let served = open();
    let list = |host: &str| {
        format!(
            "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires\n\
             e1,each,DeviceName,{host},Timestamp,2024*,,,anna,known,T-1,2030-01-01\n"
        )
    };
    let preview =
        |host: &str| served.post("/api/exceptions/preview", &json!({ "list": list(host) })).json();
    let both = preview("pc*");
    assert_eq!(
        (&both["looked_at"], &both["hides"], &both["rules"]),
        (&json!(2), &json!(2), &json!(1))
    );
    assert_eq!(preview("pc7")["hides"], 1);
    assert_eq!(preview("pc9")["hides"], 0);
    assert_eq!(both["true_positives"], 0);
    patch(&served, "/api/incidents/1", &json!({ "classification": "TruePositive" }));
    assert_eq!(preview("pc*")["true_positives"], 1);
    assert_eq!(served.get("/api/exceptions", &[]).json()["exceptions"], json!([]));
    assert_eq!(served.post("/api/exceptions/preview", &json!({ "list": "x" })).status, 400);
}

#[test]
fn queries_are_checked_laid_out_and_completed() {
    let served = open();
    let ask = |what: &str, body: Value| served.post(&format!("/api/language/{what}"), &body).json();
    // Two units of UTF-16 stand before the text that is wrong, four bytes.
    let found = ask("check", json!({ "text": "DeviceLogonEvents | where '\u{1f600}' == Nothing" }));
    let problem = &found["problems"][0];
    assert_eq!(
        (&problem["severity"], &problem["start"], &problem["end"]),
        (&json!("error"), &json!(34), &json!(41))
    );
    assert_eq!(ask("check", json!({ "text": "print 1" }))["problems"], json!([]));
    assert_eq!(ask("format", json!({ "text": "print   1" }))["text"], "print 1\n");
    assert_eq!(ask("format", json!({ "text": "print (" }))["text"], Value::Null);
    let labels = |text: &str| {
        let found = ask("complete", json!({ "text": text, "at": text.len() }));
        found["completions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["label"].clone())
            .collect::<Vec<_>>()
    };
    assert!(labels("Dev").contains(&json!("DeviceLogonEvents")));
    let columns = labels("DeviceLogonEvents | project DeviceName, Who = AccountName | where W");
    assert_eq!(columns.first(), Some(&json!("Who")));
    assert!(!columns.contains(&json!("AccountName")), "{columns:?}");
    let hover = ask("hover", json!({ "text": "print strlen('x')", "at": 8 }));
    assert_eq!(
        (&hover["hover"]["start"], &hover["hover"]["end"]),
        (&json!(6), &json!(12)),
        "{hover}"
    );
    assert_eq!(ask("hover", json!({ "text": "print 1", "at": 7 }))["hover"], Value::Null);
}

#[test]
fn the_page_is_there_without_a_token_and_says_nothing() {
    let served = with_alerts(Setup::with_tokens());
    let page = served.get("/", &[("Accept", "text/html,*/*")]);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.head.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(page.body.contains("/assets/desk.js"), "{}", page.body);
    for name in ["desk.js", "desk.css", "graph.js", "editor.js", "icon.svg"] {
        assert_eq!(served.get(&format!("/assets/{name}"), &[]).status, 200, "{name}");
    }
    assert_eq!(served.get("/assets/other.js", &[]).status, 404);
    assert_eq!(served.get("/api/queue", &[]).status, 401);
    let me = |token: &str| {
        let authorization = format!("Bearer {token}");
        served.get("/api/me", &[("Authorization", authorization.as_str())]).json()
    };
    assert_eq!(
        (&me("read")["may_change"], &me("admin")["may_change"]),
        (&json!(false), &json!(true))
    );
}

#[test]
fn readers_may_look_and_not_change() {
    let served = with_alerts(Setup::with_tokens());
    let as_reader = [("Authorization", "Bearer read")];
    assert_eq!(served.get("/api/alerts", &as_reader).status, 200);
    let change = json!({ "owner": "anna" }).to_string();
    let changed =
        |headers: &[(&str, &str)]| served.ask("PATCH", "/api/incidents/1", headers, &change).status;
    assert_eq!(changed(&as_reader), 403);
    assert_eq!(changed(&[("Authorization", "Bearer admin")]), 200);
    assert_eq!(changed(&[]), 401);
}

#[test]
fn the_description_names_what_there_is() {
    let served = open();
    let described = served.get("/api/openapi.json", &[]).json();
    for (path, methods) in described["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "x").replace("{number}", "1");
        for method in methods.as_object().unwrap().keys() {
            let reply = served.ask(&method.to_uppercase(), &path, &[], "");
            assert_ne!(reply.status, 405, "{method} {path}");
            // What is not there is told by whoever looked for it.
            assert!(reply.status != 404 || reply.body.contains("there is no"), "{method} {path}");
        }
    }
}
