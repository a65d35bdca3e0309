//! Our schemas against those recorded from Microsoft's documentation.

use std::collections::BTreeSet;

use kql_types::{KqlType, schema::TableSchema};
use serde_json::Value;
use tables::{Environment, TableDefinition, catalog, documented, documented_names, event_table};
use testkit::Reference;

const DEFENDER: &str = "telemetry/schemas/xdr_advanced_hunting.json";
const SENTINEL: &str = "telemetry/schemas/sentinel_log_analytics.json";

/// Reads a file of schemas, `{table: [{"name", "type", "description"}]}`.
fn published(reference: &Reference, file: &str) -> Value {
    serde_json::from_str(&reference.text(file)).unwrap()
}

fn columns(schema: &TableSchema) -> Vec<(String, KqlType)> {
    schema.columns.iter().map(|column| (column.name.clone(), column.ty)).collect()
}

fn published_columns(table: &Value) -> Vec<(String, KqlType)> {
    let column = |column: &Value| {
        let text = |key| column[key].as_str().unwrap().to_owned();
        (text("name"), text("type").parse().unwrap())
    };
    table.as_array().unwrap().iter().map(column).collect()
}

fn table(environment: Environment, name: &str) -> TableDefinition {
    let tables = catalog(environment);
    tables.into_iter().find(|table| table.schema.name == name).unwrap()
}

fn assert_published(environment: Environment, published: &Value, expected_tables: usize) {
    let tables = catalog(environment);
    assert_eq!(tables.len(), expected_tables);
    for TableDefinition { schema, .. } in tables {
        assert_eq!(
            columns(&schema),
            published_columns(&published[&schema.name]),
            "{}",
            schema.name
        );
    }
}

fn ours_as_published(environment: Environment, name: &str) -> Value {
    let column =
        |(name, ty): (String, KqlType)| serde_json::json!({ "name": name, "type": ty.name() });
    columns(&table(environment, name).schema).into_iter().map(column).collect()
}

#[test]
fn defender_is_as_published() {
    let published = published(&testkit::reference!("telemetry"), DEFENDER);
    let device_tables =
        published.as_object().unwrap().keys().filter(|name| name.starts_with("Device")).count();
    assert_published(Environment::Defender, &published, device_tables);
}

#[test]
fn sentinel_is_as_published() {
    let mut published = published(&testkit::reference!("telemetry"), SENTINEL);
    // Which every row has, and the page of the table does not list.
    let alerts = published["SecurityAlert"].as_array_mut().unwrap();
    let text = |name: &str| serde_json::json!({ "name": name, "type": "string" });
    let place = alerts.iter().position(|column| column["name"] == "Entities").unwrap();
    alerts.insert(place + 1, text("SourceSystem"));
    alerts.insert(0, text("TenantId"));
    // Which is recorded elsewhere, by name.
    let environments: Value =
        serde_json::from_str(&testkit::reference!("kql").text("kql/environments.json")).unwrap();
    let health = environments["sentinel"]["tables"]["SentinelHealth"].as_object().unwrap();
    let ours = table(Environment::Sentinel, "SentinelHealth");
    let ours = ours.schema.columns.iter();
    let ours: BTreeSet<(&str, String)> =
        ours.map(|it| (&*it.name, it.ty.name().to_owned())).collect();
    let recorded = health.iter().map(|(name, ty)| (&**name, ty.as_str().unwrap().to_owned()));
    assert_eq!(ours, recorded.collect());
    published["SentinelHealth"] = ours_as_published(Environment::Sentinel, "SentinelHealth");
    assert_published(Environment::Sentinel, &published, 15);
}

#[test]
fn both_has_every_column_once() {
    let names = |environment| -> BTreeSet<(String, String)> {
        let tables = catalog(environment);
        let pairs = tables.iter().flat_map(|TableDefinition { schema, .. }| {
            schema.columns.iter().map(|column| (schema.name.clone(), column.name.clone()))
        });
        pairs.collect()
    };
    let union: BTreeSet<_> =
        names(Environment::Defender).union(&names(Environment::Sentinel)).cloned().collect();
    assert_eq!(names(Environment::Both), union);
    let count: usize = catalog(Environment::Both).iter().map(|t| t.schema.columns.len()).sum();
    assert_eq!(count, union.len());
}

#[test]
fn rules_of_either_dialect_find_their_time_column() {
    for TableDefinition { schema, .. } in catalog(Environment::Both) {
        let ty = |name| schema.column(name).map(|column| column.ty);
        assert_eq!(ty("TimeGenerated"), Some(KqlType::Datetime), "{}", schema.name);
        if schema.name.starts_with("Device") {
            assert_eq!(ty("Timestamp"), Some(KqlType::Datetime), "{}", schema.name);
        }
    }
}

#[test]
fn additional_fields_are_text_in_defender_and_dynamic_elsewhere() {
    let ty = |environment| {
        table(environment, "DeviceProcessEvents").schema.column("AdditionalFields").unwrap().ty
    };
    assert_eq!(ty(Environment::Defender), KqlType::String);
    assert_eq!(ty(Environment::Sentinel), KqlType::Dynamic);
    assert_eq!(ty(Environment::Both), KqlType::Dynamic);
}

#[test]
fn the_event_table_is_windows_event() {
    assert_eq!(event_table(), table(Environment::Both, "WindowsEvent").schema);
    assert_eq!(event_table().column("EventData").unwrap().ty, KqlType::Dynamic);
}

#[test]
fn every_other_table_is_as_recorded() {
    let reference = testkit::reference!("kql");
    let recorded: Value = serde_json::from_str(&reference.text("kql/environments.json")).unwrap();
    for (environment, product) in
        [(Environment::Defender, "m365"), (Environment::Sentinel, "sentinel")]
    {
        let recorded = recorded[product]["tables"].as_object().unwrap();
        let own: BTreeSet<_> =
            catalog(Environment::Both).into_iter().map(|table| table.schema.name).collect();
        let named: Vec<_> = documented_names(environment).collect();
        let expected: BTreeSet<_> =
            recorded.keys().map(String::as_str).filter(|name| !own.contains(*name)).collect();
        assert_eq!(named.iter().copied().collect::<BTreeSet<_>>(), expected);
        for name in named {
            let columns = recorded[name].as_object().unwrap().iter();
            let columns: Vec<(String, KqlType)> = columns
                .map(|(name, ty)| (name.clone(), ty.as_str().unwrap().parse().unwrap()))
                .collect();
            assert_eq!(self::columns(&documented(environment, name).unwrap()), columns, "{name}");
        }
    }
}
