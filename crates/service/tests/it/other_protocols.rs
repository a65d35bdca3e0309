//! Log Analytics' and Graph's protocols.

use serde_json::{Value, json};

use crate::client::{Served, limits};

fn count(answer: &Value) -> &Value {
    &answer["tables"][0]["rows"][0][0]
}

#[test]
fn log_analytics_has_types_by_their_names_and_dynamics_as_text() {
    let served = Served::new(limits());
    let query = "print a = 1, b = dynamic({'k': [1]}), c = true, d = datetime(2024-05-01)";
    let reply = served.post("/v1/workspaces/any/query", &json!({ "query": query }));
    assert_eq!(
        reply.json(),
        json!({ "tables": [{
            "name": "PrimaryResult",
            "columns": [
                { "name": "a", "type": "long" },
                { "name": "b", "type": "dynamic" },
                { "name": "c", "type": "bool" },
                { "name": "d", "type": "datetime" },
            ],
            "rows": [[1, "{\"k\":[1]}", true, "2024-05-01T00:00:00.0000000Z"]],
        }]})
    );
}

#[test]
fn a_time_span_is_about_the_times_of_records() {
    let served = Served::new(limits());
    let ask = |span: &str| {
        let asked = json!({ "query": "DeviceLogonEvents | count", "timespan": span });
        served.post("/v1/workspaces/any/query", &asked)
    };
    assert_eq!(count(&ask("PT1H").json()), &json!(1));
    assert_eq!(count(&ask("P1D").json()), &json!(2));
    assert_eq!(count(&ask("2024-05-01T09:00:00Z/PT2H").json()), &json!(1));
    assert_eq!(count(&ask("2023-05-01/2023-05-02").json()), &json!(0));
    let reply = ask("P1M");
    assert_eq!(reply.status, 400);
    assert!(reply.json()["error"]["innererror"]["message"].as_str().unwrap().contains("`P1M`"));
}

#[test]
fn what_could_not_be_read_is_told_in_every_protocol() {
    let served = Served::new(limits());
    served.write("broken.jsonl", "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\n");
    let query = "DeviceLogonEvents | count";
    let kusto = json!({ "csl": query });
    let tables = served.post("/v1/rest/query", &kusto).json()["Tables"].clone();
    assert_eq!(tables[0]["Rows"], json!([[2]]));
    let status = &tables[2]["Rows"][0];
    assert_eq!(status[2], json!("Warning"));
    assert!(status[4].as_str().unwrap().contains("broken.jsonl"), "{status}");
    let frames = served.post("/v2/rest/query", &kusto).json();
    let completion = &frames[3]["Rows"][0];
    assert_eq!(completion[6], json!("Warning"));
    assert!(completion[11].as_str().unwrap().contains("broken.jsonl"), "{completion}");
    let asked = json!({ "query": query });
    let answer = served.post("/v1/workspaces/any/query", &asked).json();
    assert_eq!((count(&answer), &answer["error"]["code"]), (&json!(2), &json!("PartialError")));
    let asked = json!({ "Query": query });
    let answer = served.post("/v1.0/security/runHuntingQuery", &asked).json();
    assert!(answer["warnings"][0].as_str().unwrap().contains("broken.jsonl"), "{answer}");
}

#[test]
fn graph_has_rows_as_objects() {
    let served = Served::new(limits());
    let asked = json!({ "Query": "DeviceLogonEvents | project Timestamp, AccountName | take 1", "Timespan": "P30D" });
    for version in ["v1.0", "beta"] {
        let reply = served.post(&format!("/{version}/security/runHuntingQuery"), &asked);
        let answer = reply.json();
        assert_eq!(answer["schema"][0], json!({ "name": "Timestamp", "type": "DateTime" }));
        assert_eq!(answer["results"][0]["AccountName"], json!("amy"));
    }
    let none = json!({ "Query": "DeviceLogonEvents | where false" });
    let answer = served.post("/v1.0/security/runHuntingQuery", &none).json();
    assert_eq!(answer["results"], json!([]));
    assert!(answer["schema"].as_array().unwrap().len() > 10);
}

#[test]
fn graph_has_no_place_for_several_results() {
    let served = Served::new(limits());
    let asked = json!({ "Query": "print 1; print 2" });
    let reply = served.post("/v1.0/security/runHuntingQuery", &asked);
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("BadRequest")));
}

#[test]
fn log_analytics_says_how_rows_are_drawn_where_it_is_asked() {
    let served = Served::new(limits());
    let body = json!({ "query": "print 1 | render barchart with (title='One')" }).to_string();
    let ask = |headers: &[(&str, &str)]| {
        served.ask("POST", "/v1/workspaces/any/query", headers, &body).json()["render"].clone()
    };
    assert_eq!(ask(&[]), json!(null));
    let told = ask(&[("Prefer", "wait=600,include-statistics=true,include-render=true")]);
    assert_eq!((&told["visualization"], &told["title"]), (&json!("barchart"), &json!("One")));
}
