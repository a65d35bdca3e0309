//! Kusto's protocol, both versions.

use serde_json::{Value, json};

use crate::client::{Served, limits};

const QUERY: &str = "DeviceLogonEvents | project Timestamp, AccountName | order by AccountName asc";

#[test]
fn the_first_version_has_tables_and_their_contents_last() {
    let served = Served::new(limits());
    let reply = served.post("/v1/rest/query", &json!({ "db": "lake", "csl": QUERY }));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let tables = reply.json()["Tables"].as_array().unwrap().clone();
    assert_eq!(
        tables[0]["Rows"],
        json!([["2024-05-01T10:00:00.0000000Z", "amy"], ["2024-05-01T23:30:00.0000000Z", "bob"]])
    );
    assert_eq!(
        tables[0]["Columns"][0],
        json!({ "ColumnName": "Timestamp", "DataType": "DateTime", "ColumnType": "datetime" })
    );
    let contents = tables.last().unwrap()["Rows"].as_array().unwrap();
    let kinds: Vec<&str> = contents.iter().map(|row| row[1].as_str().unwrap()).collect();
    assert_eq!(kinds, ["QueryResult", "QueryProperties", "QueryStatus"]);
    assert_eq!(contents.len() + 1, tables.len());
}

#[test]
fn several_statements_have_several_results() {
    let served = Served::new(limits());
    let asked = json!({ "csl": "print a = 1; print b = 'x'; range c from 1 to 0 step 1" });
    let tables = served.post("/v1/rest/query", &asked).json()["Tables"].clone();
    let rows: Vec<&Value> = (0..3).map(|table| &tables[table]["Rows"]).collect();
    assert_eq!(rows, [&json!([[1]]), &json!([["x"]]), &json!([])]);
    let frames = served.post("/v2/rest/query", &asked).json();
    let primary = frames.as_array().unwrap().iter();
    assert_eq!(primary.filter(|frame| frame["TableKind"] == "PrimaryResult").count(), 3);
}

#[test]
fn the_second_version_has_its_frames_in_order() {
    let served = Served::new(limits());
    let reply = served.post("/v2/rest/query", &json!({ "db": "lake", "csl": QUERY }));
    let frames = reply.json();
    let kinds: Vec<&str> =
        frames.as_array().unwrap().iter().map(|it| it["FrameType"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["DataSetHeader", "DataTable", "DataTable", "DataTable", "DataSetCompletion"]
    );
    assert_eq!(frames[2]["Rows"].as_array().unwrap().len(), 2);
    assert_eq!(frames[4]["HasErrors"], json!(false));
    // Clients that read as it comes need the type of a frame first, and columns before rows.
    for frame in reply.body.split("{\"FrameType\":").skip(1) {
        assert!(frame.starts_with("\"DataSet") || frame.starts_with("\"DataTable"), "{frame}");
        let columns = frame.find("\"Columns\":").unwrap_or(0);
        assert!(frame.find("\"Rows\":").is_none_or(|rows| rows > columns));
    }
}

/// What the client for Go always asks, and does not go on without.
#[test]
fn frames_come_in_parts_and_lines_where_a_client_asks() {
    let served = Served::new(limits());
    let options = json!({
        "results_v2_newlines_between_frames": true,
        "results_v2_fragment_primary_tables": true,
        "results_error_reporting_placement": "end_of_table",
    });
    let asked = json!({ "db": "lake", "csl": QUERY, "properties": { "Options": options } });
    let reply = served.post("/v2/rest/query", &asked);
    let mut lines = reply.body.lines();
    assert_eq!(
        lines.next().unwrap(),
        r#"[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0","IsFragmented":true,"ErrorReportingPlacement":"EndOfTable"}"#
    );
    let mut kinds = Vec::new();
    for line in lines.filter(|line| *line != "]") {
        let frame: Value = serde_json::from_str(line.strip_prefix(',').unwrap()).unwrap();
        kinds.push(frame["FrameType"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        kinds,
        [
            "DataTable",
            "TableHeader",
            "TableFragment",
            "TableCompletion",
            "DataTable",
            "DataSetCompletion"
        ]
    );
}

/// The reader of the client for Go takes members one by one and does not go on at another.
#[test]
fn members_of_frames_are_in_the_order_that_readers_need() {
    let served = Served::new(limits());
    let options = json!({
        "results_v2_newlines_between_frames": true,
        "results_v2_fragment_primary_tables": true,
        "results_error_reporting_placement": "end_of_table",
    });
    let csl = format!("{QUERY}; print d = dynamic({{'Rows': [1]}}); range x from 1 to 1001 step 1");
    let asked = json!({ "csl": csl, "properties": { "Options": options } });
    let reply = served.post("/v2/rest/query", &asked);
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for line in reply.body.lines().filter(|line| *line != "]") {
        let frame: Value = serde_json::from_str(&line[1..]).unwrap();
        let kind = frame["FrameType"].as_str().unwrap();
        let expected: &[&str] = match kind {
            "DataSetHeader" => {
                &["IsProgressive", "Version", "IsFragmented", "ErrorReportingPlacement"]
            }
            "DataTable" => &["TableId", "TableKind", "TableName", "Columns", "Rows"],
            "TableHeader" => &["TableId", "TableKind", "TableName", "Columns"],
            "TableFragment" => &["TableFragmentType", "TableId", "Rows"],
            "TableCompletion" => &["TableId", "RowCount"],
            "DataSetCompletion" => &["HasErrors", "Cancelled"],
            other => panic!("{other}"),
        };
        let mut rest = line[1..].strip_prefix("{\"FrameType\":\"").unwrap();
        rest = rest.strip_prefix(kind).unwrap().strip_prefix('"').unwrap();
        for member in expected {
            rest =
                rest.strip_prefix(&*format!(",\"{member}\":")).unwrap_or_else(|| panic!("{line}"));
            let mut value = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            value.next().unwrap().unwrap();
            rest = &rest[value.byte_offset()..];
        }
        let is_end = matches!(kind, "TableCompletion" | "DataSetCompletion");
        assert!(rest == "}" || is_end && rest.starts_with(",\"OneApiErrors\":["), "{line}");
        *counts.entry(kind.to_owned()).or_default() += 1;
    }
    assert_eq!((counts["TableHeader"], counts["TableCompletion"]), (3, 3));
    assert!(reply.body.contains("E_QUERY_RESULT_SET_TOO_LARGE"));
}

#[test]
fn mistakes_have_their_code_and_place_and_are_not_tried_again() {
    let served = Served::new(limits());
    for (query, code, said) in [
        ("DeviceLogonEvents | where Nobody == 1", "KQL0201", "Semantic error: "),
        ("DeviceLogonEvents |", "KQL0107", "Syntax error: "),
        (".drop table DeviceLogonEvents", "General_BadRequest", "only shows"),
    ] {
        for version in ["v1", "v2"] {
            let reply = served.post(&format!("/{version}/rest/query"), &json!({ "csl": query }));
            let error = reply.json()["error"].clone();
            assert_eq!(reply.status, 400, "{query}");
            assert_eq!(error["@permanent"], json!(true));
            assert_eq!(error["innererror"]["code"], json!(code), "{query}");
            let told = error["@message"].as_str().unwrap();
            assert!(told.contains(said), "{told}");
        }
    }
    let reply = served.ask("POST", "/v1/rest/query", &[], "not json");
    assert_eq!(
        (reply.status, reply.json()["error"]["code"].as_str()),
        (400, Some("General_BadRequest"))
    );
}

#[test]
fn commands_show_and_queries_go_over_what_they_show() {
    let served = Served::new(limits());
    let asked = json!({ "csl": ".show tables | where TableName == 'DeviceLogonEvents' | count" });
    // Some clients send commands to the one path, some to the other.
    for path in ["/v1/rest/mgmt", "/v1/rest/query"] {
        assert_eq!(served.post(path, &asked).json()["Tables"][0]["Rows"], json!([[1]]));
    }
}

#[test]
fn a_request_may_be_in_the_address_and_has_its_id_back() {
    let served = Served::new(limits());
    let path = "/v1/rest/query?db=lake&csl=print%20a%20%3D%201";
    let reply = served.get(path, &[("x-ms-client-request-id", "me;1")]);
    assert_eq!(reply.json()["Tables"][0]["Rows"], json!([[1]]));
    assert!(reply.head.contains("x-ms-client-request-id: me;1"), "{}", reply.head);
    assert_eq!(served.get("/v1/rest/auth/metadata", &[]).status, 404);
    assert_eq!(served.get("/healthz", &[]).body, "ok\n");
}

#[test]
fn now_is_the_services_or_the_clients() {
    let served = Served::new(limits());
    let day =
        |asked: &Value| served.post("/v1/rest/query", asked).json()["Tables"][0]["Rows"].clone();
    let query = "print d = format_datetime(now(), 'yyyy-MM-dd')";
    assert_eq!(day(&json!({ "csl": query })), json!([["2024-05-02"]]));
    let options = json!({ "options": { "query_now": "2020-01-01T00:00:00Z" } });
    assert_eq!(day(&json!({ "csl": query, "properties": options })), json!([["2020-01-01"]]));
}

#[test]
fn parameters_have_their_values_from_the_request() {
    let served = Served::new(limits());
    let csl = "declare query_parameters(name:string, n:long = 1); \
        DeviceLogonEvents | where AccountName == name | extend n | project AccountName, n";
    let ask = |parameters: Value| {
        served.post(
            "/v2/rest/query",
            &json!({ "csl": csl, "properties": { "Parameters": parameters } }),
        )
    };
    assert_eq!(ask(json!({ "name": "bob" })).json()[2]["Rows"], json!([["bob", 1]]));
    assert_eq!(ask(json!({ "name": "'amy'", "n": "5" })).json()[2]["Rows"], json!([["amy", 5]]));
    let reply = ask(json!({ "n": "5" }));
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("`name` has no value"), "{}", reply.body);
    let path = "/v1/rest/query?csl=declare%20query_parameters(n:long)%3B%20print%20n";
    assert_eq!(served.get(path, &[]).status, 400);
}

#[test]
fn how_rows_are_drawn_is_told_beside_them() {
    let served = Served::new(limits());
    let csl = "print 1; DeviceLogonEvents | summarize count() by AccountName | render piechart with (title='Who')";
    let asked = json!({ "csl": csl });
    let frames = served.post("/v2/rest/query", &asked).json();
    let rows = frames[1]["Rows"].as_array().unwrap().clone();
    let told = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap();
    assert_eq!((&rows[0][0], &told(&rows[0][2])["Visualization"]), (&json!(1), &json!(null)));
    assert_eq!((&rows[1][0], &rows[1][1]), (&json!(2), &json!("Visualization")));
    assert_eq!(told(&rows[1][2])["Visualization"], json!("piechart"));
    assert_eq!(told(&rows[1][2])["Title"], json!("Who"));
    let tables = served.post("/v1/rest/query", &asked).json()["Tables"].clone();
    assert_eq!(told(&tables[2]["Rows"][1][0])["Visualization"], json!("piechart"));
}

/// Of a table that only exports fill, too.
#[test]
fn tables_that_a_lake_has_rows_of_are_shown() {
    let served = Served::with_lake(limits());
    let shown = || {
        let asked = json!({ "csl": ".show tables | where TableName == 'AzureActivity' | project TableName" });
        served.post("/v1/rest/mgmt", &asked).json()["Tables"][0]["Rows"].clone()
    };
    assert_eq!(shown(), json!([]));
    let row = "{\"TimeGenerated\":\"2024-05-01T10:00:00Z\",\"OperationNameValue\":\"x\",\"Type\":\"AzureActivity\"}";
    let reply = served.ask("POST", "/ingest/AzureActivity", &[], row);
    assert_eq!(reply.json()["accepted"], json!(1), "{}", reply.body);
    assert_eq!(shown(), json!([["AzureActivity"]]));
    let schema = json!({ "csl": ".show table AzureActivity cslschema" });
    assert_eq!(served.post("/v1/rest/mgmt", &schema).status, 200);
}
