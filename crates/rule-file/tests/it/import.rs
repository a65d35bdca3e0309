//! What a workspace exports, and what of it cannot be kept.

use kql_syntax::Diagnostic;
use rule_file::{Imported, export};
use serde_json::json;

const GUID: &str = "5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001";

/// A template of one resource, with parameters and metadata.
fn template(resource: &str) -> String {
    format!(
        r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
"contentVersion": "1.0.0.0",
"parameters": {{"workspace": {{"type": "String"}}, "open": {{"type": "string"}}, "grade": {{"defaultValue": "Low"}}}},
"resources": [{resource}]}}"#
    )
}

fn rule(members: &str, properties: &str) -> String {
    format!(
        r#"{{"name": "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/{GUID}')]",
"type": "Microsoft.OperationalInsights/workspaces/providers/alertRules", "kind": "Scheduled", {members}
"properties": {{"displayName": "N", "severity": "[parameters('grade')]", "enabled": false, "query": "T",
"queryFrequency": "PT24H", "queryPeriod": "P1D", "triggerOperator": "GreaterThan", "triggerThreshold": 0,
"suppressionDuration": "PT5H", "suppressionEnabled": false, "startTimeUtc": null,
"tactics": ["Discovery"], "techniques": ["T1021"], "subTechniques": ["T1021.002"],
"alertRuleTemplateName": "abc", "templateVersion": "1.2.3", "customDetails": null {properties}}}}}"#
    )
}

/// Asserts what is refused, and where: the place is marked by what stands there.
fn check_refused(text: &str, expected: &[(&str, &str)]) {
    let found = Imported::read("export.json", text);
    let place = |it: &Diagnostic| text[it.span.range()].chars().take(24).collect::<String>();
    let told: Vec<_> = found.refused.iter().map(|it| (it.message.clone(), place(it))).collect();
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((message, place), (part, at)) in told.iter().zip(expected) {
        assert!(message.contains(part) && place.starts_with(at), "{message} at {place}");
    }
}

#[test]
fn an_export_is_kept_with_every_field() {
    let found = Imported::read("export.json", &template(&rule("", "")));
    assert_eq!(found.refused, []);
    assert_eq!(
        export::sentinel(&found.rules[0]).unwrap(),
        format!(
            "id: {GUID}\nname: \"N\"\nseverity: Low\nenabled: false\nqueryFrequency: 1d\nqueryPeriod: 1d\n\
             triggerOperator: gt\ntriggerThreshold: 0\ntactics:\n  - Discovery\nrelevantTechniques:\n  - T1021\n  \
             - T1021.002\nquery: T\nsuppressionEnabled: false\nsuppressionDuration: 5h\n\
             alertRuleTemplateName: abc\ntemplateVersion: \"1.2.3\"\nkind: Scheduled\n"
        )
    );
}

#[test]
fn what_only_the_deployment_decides_is_refused() {
    let open = r#", "description": "[parameters('open')]""#;
    check_refused(&template(&rule("", open)), &[("not known before", "\"[parameters('open')]\"")]);
    let inner = r#", "entityMappings": [{"entityType": "[parameters('open')]"}]"#;
    check_refused(&template(&rule("", inner)), &[("not known before", "\"[parameters('open')]\"")]);
    let looped = r#""copy": {"name": "c", "count": 2},"#;
    check_refused(&template(&rule(looped, "")), &[("not known before", "\"copy\"")]);
    check_refused(
        &template(&rule(r#""condition": "[equals(1, 2)]","#, "")),
        &[("not known before", "\"condition\"")],
    );
    assert_eq!(Imported::read("t.json", &template(&rule(r#""condition": true,"#, ""))).refused, []);
    let unnamed = rule("", "").replace(GUID, "name");
    check_refused(&template(&unnamed), &[("id is not known", "\"displayName\"")]);
}

#[test]
fn what_is_no_rule_is_refused_with_its_place() {
    check_refused(
        &template(
            r#"{"type": "Microsoft.SecurityInsights/alertRules", "kind": "Fusion", "properties": {}},
            {"type": "Microsoft.OperationalInsights/workspaces/savedSearches", "properties": {"category": "Hunting Queries", "query": "T"}}"#,
        ),
        &[("a rule of kind `Fusion`", ""), ("a hunting query", "")],
    );
    let broken = Imported::read("r.yaml", "query: |\n  T\n bad");
    assert_eq!(broken.refused.len(), 1);
    assert_eq!(Imported::read("q.kql", "T").refused.len(), 1);
    let twice = "name: a\nname: b\nseverity: Low\nquery: T\n";
    assert_eq!(Imported::read("r.yaml", twice).refused[0].message, "the key `name` stands twice");
}

#[test]
fn watchlists_are_kept_with_their_rows() {
    let list = |properties: &str| {
        template(&format!(
            r#"{{"type": "Microsoft.SecurityInsights/watchlists", "name": "vip", "properties": {{"displayName": "[parameters('grade')]", "provider": "P", "itemsSearchKey": "Owner", "numberOfLinesToSkip": 0{properties}}}}}"#
        ))
    };
    let found = Imported::read(
        "w.json",
        &list(r#", "rawContent": "[[Host],Owner\nx,y]", "description": null"#),
    );
    assert_eq!((found.refused.len(), found.rules.len()), (0, 0));
    let kept = &found.watchlists[0];
    assert_eq!((&*kept.alias, &*kept.csv), ("vip", "[Host],Owner\nx,y]"));
    let more = json!({"displayName": "Low", "provider": "P", "itemsSearchKey": "Owner"});
    assert_eq!(serde_json::Value::Object(kept.more.clone()), more);
    check_refused(&list(""), &[("without its rows", "")]);
    check_refused(
        &list(r#", "rawContent": "[parameters('open')]""#),
        &[("only the deployment", "\"[par")],
    );
    check_refused(
        &list(r#", "rawContent": "a", "contentType": "text/tsv""#),
        &[("not CSV", "\"text/tsv\"")],
    );
    check_refused(&list(r#", "rawContent": "a", "watchlistAlias": "../x""#), &[("alias", "")]);
}

#[test]
fn answers_of_the_api_are_kept() {
    let answer = json!({"value": [
        {"id": format!("/subscriptions/x/providers/Microsoft.SecurityInsights/alertRules/{GUID}"), "name": GUID,
         "etag": "\"1\"", "type": "Microsoft.SecurityInsights/alertRules", "kind": "NRT",
         "properties": {"displayName": "[N]", "severity": "Low", "enabled": true, "query": "[T]",
                        "suppressionDuration": "PT5H", "suppressionEnabled": false}},
        {"type": "Microsoft.SecurityInsights/Watchlists", "name": "vip", "properties": {"watchlistAlias": "vip"}},
    ]});
    let text = answer.to_string();
    check_refused(&text, &[("without its rows", "")]);
    let rule = &Imported::read("answer.json", &text).rules[0];
    assert_eq!((rule.id(), rule.name()), (Some(GUID), "[N]"));
}
