//! Hunting queries in the forms that Azure takes, and back.

use rule_file::{
    Imported,
    export::{self, HuntingQuery, Loss, Template},
};
use serde_json::{Value, json};

use super::{bicep, schema};

/// A hunting query with everything that one can have.
const QUERY: &str = r#"id: 5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0101
name: "[Who] asked?"
description: |
  'Somebody asked the host's owner.'
requiredDataConnectors:
  - connectorId: SecurityEvents
    dataTypes: [SecurityEvent]
tactics: [LateralMovement, Discovery]
relevantTechniques: [T1021.002, T1135]
query: |
  [SecurityEvent]
  // '''three''' and ${none}
  | where x == '[y]'
entityMappings:
  - entityType: Host
    fieldMappings: [{identifier: HostName, columnName: Computer}]
tags: [one, '2']
metadata: {author: {name: Somebody}, support: {tier: Community}}
version: 1.10
"#;

fn import(name: &str, text: &str) -> Vec<HuntingQuery> {
    let found = Imported::read(name, text);
    assert!(found.refused.is_empty() && found.rules.is_empty(), "{name}: {found:?}");
    found.hunting_queries
}

fn template(queries: &[HuntingQuery]) -> Template {
    let mut template = Template::new(&[]);
    for query in queries {
        template.add_hunting_query(query).unwrap();
    }
    template
}

#[test]
fn a_query_comes_back_from_every_form_as_it_went_in() {
    let least = "id: a'b\nname: Least\nquery: T\n";
    // What a tag would say otherwise is kept beside it.
    let odd =
        "id: odd\nname: Odd\nquery: T\ntactics: ['A, B']\nrelevantTechniques: []\nversion: '2'\n";
    let queries: Vec<HuntingQuery> =
        [QUERY, least, odd].iter().flat_map(|yaml| import("q.yaml", yaml)).collect();
    assert_eq!(queries.len(), 3);
    for query in &queries {
        let yaml = query.yaml().unwrap();
        assert_eq!(import("q.yaml", &yaml), std::slice::from_ref(query));
    }
    let made = template(&queries);
    let arm = export::arm(&made);
    assert_eq!(import("t.json", &arm), queries);
    assert_eq!(export::arm(&template(&import("t.json", &arm))), arm);
    let value: Value = serde_json::from_str(&arm).unwrap();
    schema::check_template(&value);
    bicep::check_same(&export::bicep(&made), &value);
}

#[test]
fn a_workspace_has_it_as_a_saved_search_of_its_category() {
    let query = import("q.yaml", QUERY);
    let value: Value = serde_json::from_str(&export::arm(&template(&query))).unwrap();
    let resource = &value["resources"][0];
    assert_eq!(resource["type"], "Microsoft.OperationalInsights/workspaces/savedSearches");
    let properties = &resource["properties"];
    assert_eq!(properties["category"], "Hunting Queries");
    // The first bracket would begin an expression, were the last one at the end.
    assert_eq!(properties["displayName"], "[Who] asked?");
    assert_eq!(
        properties["tags"],
        json!([
            {"name": "description", "value": "Somebody asked the host's owner."},
            {"name": "tactics", "value": "LateralMovement,Discovery"},
            {"name": "techniques", "value": "T1021.002,T1135"},
        ])
    );
    let beside = &value["metadata"]["quarry"]["huntingQueries"][query[0].id()];
    assert_eq!(beside["version"], "1.10");
    assert_eq!(beside["entityMappings"][0]["entityType"], "Host");
    assert!(beside.get("tactics").is_none() && beside.get("query").is_none(), "{beside}");
}

#[test]
fn what_a_saved_search_has_to_have_is_told() {
    let lost = |fields: Value| -> Vec<&'static str> {
        let Value::Object(map) = fields else { panic!() };
        let losses = Template::new(&[]).add_hunting_query(&HuntingQuery::new(map)).unwrap_err();
        losses.iter().map(|loss: &Loss| loss.field).collect()
    };
    assert_eq!(lost(json!({"name": "N", "query": "T"})), ["id"]);
    assert_eq!(lost(json!({"id": "1"})), ["name", "query"]);
    let query = import("q.yaml", QUERY);
    let twice = template(&query).add_hunting_query(&query[0]).unwrap_err();
    assert!(twice[0].why.contains("another query's already"), "{twice:?}");
}

#[test]
fn what_workspaces_and_solutions_have_is_kept() {
    let template = |name: &str| {
        json!({"contentVersion": "1.0.0.0", "parameters": {"workspace": {"type": "string"}},
               "variables": {"q": "T | take 1"}, "resources": [{
                   "type": "Microsoft.OperationalInsights/workspaces/savedSearches", "name": name,
                   "properties": {"category": "Hunting Queries", "displayName": "N", "query": "[variables('q')]",
                                  "tags": [{"name": "description", "value": "[[d]"}]}}]})
        .to_string()
    };
    for (name, id) in [
        ("[concat(parameters('workspace'), '/abc-1')]", "abc-1"),
        ("[concat(parameters('workspace'),'/','it''s')]", "it's"),
        ("ws/x", "x"),
    ] {
        let found = import("t.json", &template(name));
        assert_eq!((found[0].id(), found[0].query()), (id, "T | take 1"), "{name}");
        assert!(found[0].yaml().unwrap().contains("'[d]'"), "{:?}", found[0]);
    }
    // Those whose names only the deployment knows, and functions, are not kept.
    for name in ["[concat(parameters('workspace'), '/', parameters('x'))]", "[variables('y')]"] {
        let found = Imported::read("t.json", &template(name));
        assert!(found.refused[0].message.contains("a hunting query whose id is not known"));
    }
    let answer = json!({"value": [
        {"id": "/subscriptions/s/savedSearches/abc", "name": "abc", "properties":
            {"category": "Hunting Queries", "displayName": "N", "query": "T", "version": 2},
         "type": "Microsoft.OperationalInsights/savedSearches"},
        {"name": "f", "properties": {"category": "Functions", "displayName": "F", "query": "T"},
         "type": "Microsoft.OperationalInsights/savedSearches"},
    ]});
    let found = Imported::read("answer.json", &answer.to_string());
    let ids: Vec<&str> = found.hunting_queries.iter().map(HuntingQuery::id).collect();
    assert_eq!(ids, ["abc"]);
}
