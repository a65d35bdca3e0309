//! Custom details and alert details.

use sentinel::{Alert, Row, Severity};

use crate::made::{SINGLE, Simulated, row, rule};

fn simulated(details: &str) -> Simulated {
    Simulated::new(rule(&format!("{SINGLE}{details}")))
}

fn alert(details: &str, rows: &[Row]) -> Alert {
    simulated(details).run(rows).alerts.remove(0)
}

/// Returns the details of a rule with a name of this format.
fn named(format: &str) -> String {
    format!("alertDetailsOverride:\n  alertDisplayNameFormat: '{format}'\n")
}

fn computers(texts: &[&str]) -> Vec<Row> {
    (0..).zip(texts).map(|(at, text)| row(at, [text, "", "", "", ""])).collect()
}

#[test]
fn custom_details_have_each_value_of_the_rows_once() {
    let alert = alert("customDetails:\n  Where: Computer\n", &computers(&["pc1", "pc2", "pc1"]));
    assert_eq!(
        alert.custom_details,
        [("Where".to_owned(), vec!["pc1".to_owned(), "pc2".to_owned()])]
    );
}

#[test]
fn a_custom_detail_has_50_values_and_2_kb_at_most() {
    let count = |length: usize| {
        let texts: Vec<String> = (0..60).map(|at| format!("{at:0length$}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        alert("customDetails:\n  Where: Computer\n", &computers(&texts)).custom_details[0].1.len()
    };
    assert_eq!(count(3), 50);
    assert_eq!(count(512), 4);
}

#[test]
fn placeholders_take_the_values_of_columns() {
    let details = named("{{Computer}} by {{ Account }}");
    let rows = [row(0, ["pc1", "amy", "", "", ""])];
    assert_eq!(alert(&details, &rows).name, "pc1 by amy");
    let details = details.replace("alertDisplayNameFormat", "alertDescriptionFormat");
    let alert = alert(&details, &rows);
    assert_eq!((&*alert.name, &*alert.description), ("A rule", "pc1 by amy"));
}

#[test]
fn a_parameter_without_a_value_has_the_name_be_the_rules() {
    let rows = computers(&["pc1"]);
    assert_eq!(alert(&named("{{Computer}} by {{Account}}"), &rows).name, "A rule");
    assert_eq!(alert(&named("On {{NoColumn}}"), &rows).name, "A rule");
    assert_eq!(alert(&named("Braces {{ only"), &rows).name, "Braces {{ only");
}

#[test]
fn which_rows_fill_placeholders_is_an_assumption() {
    let name = |option| {
        let simulated = simulated(&named("On {{Computer}}")).assuming("values", option);
        simulated.run(&computers(&["pc1", "pc2", "pc1"])).alerts.remove(0).name
    };
    assert_eq!(name("all"), "On pc1, pc2");
    assert_eq!(name("first"), "On pc1");
}

#[test]
fn a_field_has_50_values_a_name_256_bytes_and_a_description_5_kb_at_most() {
    let many: Vec<String> = (0..60).map(|at| format!("{at:02}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let name = alert(&named("{{Computer}}"), &computers(&many)).name;
    assert!(name.ends_with(", 49"), "{name}");
    let long = "é".repeat(4_000);
    let rows = computers(&[&long]);
    assert_eq!(alert(&named("{{Computer}}"), &rows).name.len(), 256);
    let described =
        named("{{Computer}}").replace("alertDisplayNameFormat", "alertDescriptionFormat");
    assert_eq!(alert(&described, &rows).description.len(), 5_120);
}

#[test]
fn severity_and_tactics_come_from_columns_and_fall_back_to_the_rules() {
    let details = "alertDetailsOverride:\n  alertSeverityColumnName: Level\n  \
                   alertTacticsColumnName: Kind\n";
    let of = |level, kind| {
        let alert = alert(details, &[row(0, ["pc1", "", "", level, kind])]);
        (alert.severity, alert.tactics)
    };
    let tactics = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(of("high", "LateralMovement"), (Severity::High, tactics(&["LateralMovement"])));
    assert_eq!(
        of("Low", r#"["Impact","Discovery"]"#),
        (Severity::Low, tactics(&["Impact", "Discovery"]))
    );
    assert_eq!(of("Informational", "Impact, Discovery").1, tactics(&["Impact", "Discovery"]));
    assert_eq!(of("Critical", "Lateral Movement"), (Severity::Medium, tactics(&["Execution"])));
    assert_eq!(of("", ""), (Severity::Medium, tactics(&["Execution"])));
}

#[test]
fn dynamic_properties_come_from_columns() {
    let details = "alertDetailsOverride:\n  alertDynamicProperties:\n    \
                   - {alertProperty: ProductName, value: Computer}\n    \
                   - {alertProperty: Techniques, value: Kind}\n    \
                   - {alertProperty: ConfidenceScore, value: Level}\n";
    let of = |level, kind| {
        let alert = alert(details, &[row(0, ["Product", "", "", level, kind])]);
        alert
            .properties
            .into_iter()
            .map(|(name, values)| format!("{name}={}", values.join("+")))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("0.5", r#"["T1021","T1021.002"]"#),
        ["ProductName=Product", "Techniques=T1021+T1021.002", "ConfidenceScore=0.5"]
    );
    // What a property does not take is not there.
    assert_eq!(of("2", "SMB"), ["ProductName=Product"]);
}

#[test]
fn a_dynamic_property_has_256_bytes_and_a_list_5_kb_at_most() {
    let details = "alertDetailsOverride:\n  alertDynamicProperties:\n    \
                   - {alertProperty: AlertLink, value: Computer}\n    \
                   - {alertProperty: RemediationSteps, value: Kind}\n";
    let long = "x".repeat(3_000);
    let steps = serde_json::json!([format!("a{long}"), format!("b{long}")]).to_string();
    let alert = alert(details, &[row(0, [&long, "", "", "", &steps])]);
    let lengths = alert.properties.iter().map(|(_, values)| values.concat().len());
    assert_eq!(lengths.collect::<Vec<_>>(), [256, 3_001]);
}

/// The limits of the parts see to it: there is no limit of its own to fail at.
#[test]
fn custom_and_alert_details_have_64_kb_together_at_most() {
    let keys = (0..20).map(|at| format!("  KeyOfTwentyLetters{at:02}: Computer\n"));
    let keys = keys.collect::<Vec<_>>().concat();
    let names = ["AlertLink", "ExtendedLinks", "RemediationSteps", "ProductName", "ProviderName"];
    let properties =
        names.map(|it| format!("    - {{alertProperty: {it}, value: Kind}}\n")).concat();
    let details = format!(
        "customDetails:\n{keys}alertDetailsOverride:\n  alertDisplayNameFormat: '{{{{Kind}}}}'\n  \
         alertDescriptionFormat: '{{{{Kind}}}}'\n  alertDynamicProperties:\n{properties}"
    );
    let alert = alert(&details, &[row(0, [&"x".repeat(2_048), "", "", "", &"y".repeat(5_120)])]);
    let lists = alert.custom_details.iter().chain(&alert.properties);
    let lists: usize = lists.map(|(key, values)| key.len() + values.concat().len()).sum();
    let all = lists + alert.name.len() + alert.description.len();
    assert_eq!((alert.custom_details.len(), alert.properties.len()), (20, 5));
    assert!((56 << 10..=64 << 10).contains(&all), "{all}");
}
