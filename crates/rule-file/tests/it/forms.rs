//! One rule in every form, read alike.

use rule_file::{Content, Definition, Form, Kind, Period, RuleFile, SourceText};

const YAML: &str = "id: 5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001
name: Share opened
description: x
severity: Low
queryFrequency: 1h
queryPeriod: 1d
triggerOperator: gt
triggerThreshold: 2
tactics:
  - LateralMovement
relevantTechniques:
  - T1021
  - T1021.002
query: |-
  SecurityEvent
  | where ShareName endswith 'C$' // ✓
entityMappings:
  - entityType: Host
    fieldMappings:
      - identifier: HostName
        columnName: Computer
kind: Scheduled
";

fn rules(name: &str, text: &str) -> Vec<RuleFile> {
    match Content::read(name, text) {
        Content::Rules { rules, .. } => rules,
        other => panic!("{name}: {other:?}"),
    }
}

fn definition(name: &str, text: &str) -> Definition {
    let rules = rules(name, text);
    assert_eq!(rules.len(), 1, "{name}");
    rules[0].definition().unwrap_or_else(|found| panic!("{name}: {found:?}"))
}

/// Asserts that a part of the rule's query is found in its file.
#[track_caller]
fn check_place(text: &str, rule: &RuleFile, part: &str, in_file: &str) {
    let query = rule.query().unwrap();
    let at = query.text.find(part).unwrap();
    let narrow = |at: usize| u32::try_from(at).unwrap();
    let span = kql_syntax::Span::new(narrow(at), narrow(at.checked_add(part.len()).unwrap()));
    assert_eq!(&text[query.places.place(span).range()], in_file);
}

#[test]
fn yaml_of_every_editor_is_one_rule() {
    let expected = definition("r.yaml", YAML);
    assert_eq!(expected.threshold, 2);
    assert_eq!(expected.period, Period::parse("1d"));
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(YAML.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (what, bytes) in [
        ("line ends", YAML.replace('\n', "\r\n").into_bytes()),
        ("mark", format!("\u{feff}{YAML}").into_bytes()),
        ("UTF-16", utf16),
        ("tabs", YAML.replace("SecurityEvent\n", "SecurityEvent\t\n").into_bytes()),
        ("document", format!("---\n{YAML}...\n").into_bytes()),
        ("anchor", YAML.replace("severity: Low", "x-s: &s Low\nseverity: *s").into_bytes()),
        ("merge", YAML.replace("severity: Low", "x-s: &s {severity: Low}\n<<: *s").into_bytes()),
        ("quotes", YAML.replace("severity: Low", "\"severity\": 'Low'").into_bytes()),
    ] {
        let text = SourceText::decode(&bytes).unwrap().text;
        for name in ["r.yaml", "R.YML"] {
            assert_eq!(definition(name, &text), expected, "{what}");
        }
    }
}

#[test]
fn several_documents_are_several_rules() {
    let second = YAML.replace("0001", "0002");
    let found = rules("r.yaml", &format!("{YAML}---\n{second}"));
    let ids: Vec<_> = found.iter().map(|rule| rule.definition().unwrap().id.unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[1].ends_with("0002"));
}

/// A template whose one rule is the YAML's, with texts that only expressions give.
fn template(query: &str, severity: &str) -> String {
    format!(
        r#"{{
	"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
	"contentVersion": "1.0.0.0",
	"parameters": {{"workspace": {{"type": "string"}}, "share": {{"defaultValue": "C$"}}}},
	"variables": {{"grade": "Low", "where": "[concat('| where ShareName endswith ''', parameters('share'))]"}},
	"resources": [ // the one rule
		{{"type": "Microsoft.OperationalInsights/workspaces/savedSearches", "properties": {{"category": "Hunting Queries", "query": "T"}}}},
		{{"type": "Microsoft.SecurityInsights/alertRules", "kind": "Fusion", "properties": {{}}}},
		{{
			"type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
			"name": "[concat(parameters('workspace'), '/Microsoft.SecurityInsights/5B1F0C52-8b44-4a55-9d0c-1d5f3c0e0001')]",
			"kind": "Scheduled",
			"properties": {{
				"displayName": "Share opened", "description": "x", "severity": {severity},
				"query": {query},
				"queryFrequency": "PT1H", "queryPeriod": "P1D",
				"triggerOperator": "GreaterThan", "triggerThreshold": 2,
				"tactics": ["LateralMovement"], "techniques": ["T1021"], "subTechniques": ["T1021.002"],
				"customDetails": null,
				"entityMappings": [{{"entityType": "Host", "fieldMappings": [{{"identifier": "HostName", "columnName": "Computer"}}]}}],
			}}
		}}
	]
}}"#
    )
}

#[test]
fn a_template_gives_the_rule_of_the_yaml() {
    let plain = r#""SecurityEvent\n| where ShareName endswith 'C$' // \u2713""#;
    let computed = r#""[format('SecurityEvent\n{0}'' // ✓', variables('where'))]""#;
    let expected = definition("r.yaml", YAML);
    for (query, severity) in [(plain, "\"Low\""), (computed, "\"[variables('GRADE')]\"")] {
        let text = template(query, severity);
        let mut found = definition("arm.json", &text);
        found.severity.clone_from(&expected.severity);
        assert_eq!(found, expected, "{query}");
    }
    let text = template(plain, "\"Low\"");
    let found = rules("arm.json", &text);
    assert_eq!((found[0].kind(), found[0].form()), (Kind::Scheduled, Form::Resource));
    check_place(&text, &found[0], "ShareName", "ShareName");
    check_place(&text, &found[0], "✓", r"\u2713");
    let text = template(computed, "\"Low\"");
    check_place(&text, &rules("arm.json", &text)[0], "ShareName", computed);
    let Content::Rules { others, .. } = Content::read("arm.json", &text) else { panic!() };
    let others: Vec<_> = others.into_iter().map(|it| it.what).collect();
    assert!(others[0].contains("`Fusion`") && others[1].contains("hunting query"), "{others:?}");
}

#[test]
fn a_nested_template_is_looked_into() {
    let inner = template(r#""T""#, "\"Low\"");
    let outer = format!(
        r#"{{"contentVersion": "1", "variables": {{"grade": "High"}}, "resources": {{"all": {{
            "type": "Microsoft.Resources/deployments", "properties": {{"template": {inner}}}}},
            "packed": {{"type": "a/contentTemplates", "properties": {{"mainTemplate": {inner}}}}}}}}}"#
    );
    assert_eq!(rules("main.json", &outer).len(), 2);
}

#[test]
fn what_only_the_deployment_knows_is_told_where_it_stands() {
    let text = template(r#""[parameters('workspace')]""#, "\"Low\"");
    let found = rules("arm.json", &text)[0].definition().unwrap_err();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code.to_string(), "KQL0526");
    assert_eq!(&text[found[0].span.range()], r#""[parameters('workspace')]""#);
}

#[test]
fn expressions_do_not_grow_without_bound() {
    let variables: Vec<String> = (1..60)
        .map(|level: u32| {
            let below = level.saturating_sub(1);
            format!(r#","v{level}": "[concat(variables('v{below}'), variables('v{below}'))]""#)
        })
        .collect();
    let variables = variables.concat();
    let text = format!(
        r#"{{"contentVersion": "1", "variables": {{"v0": "xxxxxxxx"{variables}}}, "resources": [{{
            "type": "x/alertRules", "kind": "NRT",
            "properties": {{"displayName": "n", "severity": "Low", "query": "[variables('v59')]"}}}}]}}"#
    );
    let found = rules("arm.json", &text)[0].definition().unwrap_err();
    assert_eq!(found[0].code.to_string(), "KQL0526");
}

const DETECTION: &str = r##"{"@odata.type": "#microsoft.graph.security.detectionRule", "id": "7",
    "displayName": "cmd", "queryCondition": {"queryText": "DeviceEvents\n| take 1"},
    "schedule": {"period": "3H"},
    "detectionAction": {"alertTemplate": {"title": "t", "severity": "medium",
        "category": "LateralMovement", "mitreTechniques": ["T1021.002"],
        "impactedAssets": [{"@odata.type": "#x.impactedDeviceAsset", "identifier": "deviceId"}]}}}"##;

#[test]
fn custom_detections_are_rules() {
    let graph = definition("rule.json", DETECTION);
    assert_eq!(graph.id.as_deref(), Some("7"));
    assert_eq!((graph.name.as_str(), graph.severity.as_str()), ("cmd", "medium"));
    assert_eq!((graph.frequency, graph.period), (Period::parse("3h"), Period::parse("12h")));
    assert_eq!(graph.techniques, ["T1021.002"]);
    let answer = format!(r#"{{"@odata.context": "x", "value": [{DETECTION}, {DETECTION}]}}"#);
    assert_eq!(rules("rules.json", &answer).len(), 2);
    let found = &rules("rule.json", DETECTION)[0];
    check_place(DETECTION, found, "take", "take");

    let yaml = "kind: CustomDetection\nproperties:\n  displayName: d\n  queryCondition:\n    queryText: |\n      DeviceEvents\n  schedule:\n    frequency: PT30M\n    lookback: PT2H\n  detectionAction:\n    alertTemplate:\n      severity: low\n      tactics:\n        - tactic: LateralMovement\n          techniques:\n            - technique: T1021.002\n";
    let found = definition("d.yaml", yaml);
    assert_eq!((found.frequency, found.period), (Period::parse("30m"), Period::parse("2h")));
    assert_eq!(found.techniques, ["T1021.002"]);
}

#[test]
fn a_key_that_stands_twice_is_refused_in_every_form() {
    let yaml = YAML.replace("severity: Low\n", "severity: Low\nseverity: High\n");
    let json = DETECTION.replace("\"id\": \"7\"", "\"id\": \"7\", \"id\": \"8\"");
    for (name, text, line) in
        [("r.yaml", &yaml, "severity: High"), ("r.json", &json, "\"id\": \"8\"")]
    {
        let rule = &rules(name, text)[0];
        let found = rule.definition().unwrap_err();
        assert_eq!(found[0].code.to_string(), "KQL0524", "{name}");
        assert!(text[found[0].span.range().start..].starts_with(line), "{name}");
        assert!(rule.lint(None).contains(&found[0]), "what a hunt refuses, `check` says");
    }
}

#[test]
fn a_query_without_a_rule_is_no_definition() {
    let hunting = "id: x\nname: y\nquery: T\n";
    let found = rules("h.yaml", hunting)[0].definition().unwrap_err();
    assert_eq!(found[0].code.to_string(), "KQL0525");
    assert!(found[0].help.as_ref().unwrap().contains("quarry query"));
}

#[test]
fn rules_of_other_products_are_named() {
    for (name, text, what) in [
        (
            "s.yml",
            "title: x\nlogsource: {product: windows}\ndetection: {condition: a}\n",
            "Sigma rule",
        ),
        ("s.yml", "name: x\nsearch: index=a\nhow_to_implement: x\n", "Splunk"),
        ("e.toml", "[rule]\nquery = 'x'\n", "Elastic"),
        (
            "e.json",
            r#"{"rule_id": "x", "language": "eql", "query": "any", "type": "eql"}"#,
            "Elastic",
        ),
        ("p.yml", "AnalysisType: rule\nRuleID: x\n", "Panther"),
        ("m.bicep", "resource r 'x' = {}", "Bicep"),
        ("m.tf", "resource \"azurerm_sentinel\" {}", "Terraform"),
        ("f.yaml", "FunctionName: f\nFunctionQuery: T\n", "saved function"),
        ("w.json", r#"{"version": "Notebook/1.0", "items": [], "isLocked": false}"#, "workbook"),
        ("l.json", r#"{"definition": {"triggers": {}}, "parameters": {}}"#, "playbook"),
        ("n.json", r#"{"Name": "S", "Analytic Rules": ["a.yaml"]}"#, "solution"),
        ("x.json", r#"{"contentVersion": "1", "resources": []}"#, "template without rules"),
        ("z.zip", "PK", "archive"),
        ("a.yaml", "a: 1\n", "no rule"),
        ("README.md", "# query: x", "no rule"),
    ] {
        let Content::Foreign(found) = Content::read(name, text) else { panic!("{name}") };
        assert!(found[0].what.contains(what), "{name}: {found:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said_in_words() {
    for (text, words) in [
        ("query: T | where a: b\nid: x: y\n", "needs quotes"),
        ("id:\n\tx: 1\nquery: T\n", "tab"),
        ("query: 'T''\n", "quoted"),
        ("query: *x\n", "anchor"),
    ] {
        let Content::Broken(found) = Content::read("r.yaml", text) else { panic!("{text}") };
        assert!(found.message.contains(words), "{text:?}: {}", found.message);
        assert!(!found.message.contains("while"), "{}", found.message);
    }
}
