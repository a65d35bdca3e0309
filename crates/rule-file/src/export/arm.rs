//! Deployment templates as JSON.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax>

use serde_json::{Map, Value, json};

use super::template::{
    API_VERSION, METADATA, Resource, SAVED_SEARCHES, SAVED_SEARCHES_API_VERSION, Template,
};

/// The language of the template.
const SCHEMA: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// The workspace, which is all that has to be said when the template is deployed.
const SCOPE: &str =
    "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))]";

/// Writes a template.
pub fn write(template: &Template) -> String {
    let mut root = Map::new();
    root.insert("$schema".to_owned(), Value::from(SCHEMA));
    root.insert("contentVersion".to_owned(), Value::from("1.0.0.0"));
    if let Some(metadata) = template.metadata() {
        root.insert("metadata".to_owned(), json!({ METADATA: escaped(&metadata) }));
    }
    root.insert(
        "parameters".to_owned(),
        json!({"workspace": {
            "type": "string",
            "metadata": {"description": "The name of the Log Analytics workspace that Sentinel is in"},
        }}),
    );
    let resources = template.resources.iter().map(resource).collect();
    root.insert("resources".to_owned(), Value::Array(resources));
    format!("{:#}\n", Value::Object(root))
}

fn resource(resource: &Resource) -> Value {
    if resource.ty == SAVED_SEARCHES {
        return saved_search(resource);
    }
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    put("type", Value::from(format!("Microsoft.SecurityInsights/{}", resource.ty)));
    put("apiVersion", Value::from(API_VERSION));
    put("name", escaped(&Value::from(resource.name.as_str())));
    put("scope", Value::from(SCOPE));
    if let Some(kind) = resource.kind {
        put("kind", Value::from(kind));
    }
    if !resource.needs.is_empty() {
        let ids = resource.needs.iter().map(|alias| Value::from(watchlist_id(alias)));
        put("dependsOn", Value::Array(ids.collect()));
    }
    put("properties", escaped(&Value::Object(resource.properties.clone())));
    Value::Object(map)
}

/// A saved search is a part of the workspace, by whose name its own begins.
fn saved_search(resource: &Resource) -> Value {
    let name = resource.name.replace('\'', "''");
    json!({
        "type": format!("Microsoft.OperationalInsights/workspaces/{SAVED_SEARCHES}"),
        "apiVersion": SAVED_SEARCHES_API_VERSION,
        "name": format!("[format('{{0}}/{{1}}', parameters('workspace'), '{name}')]"),
        "properties": escaped(&Value::Object(resource.properties.clone())),
    })
}

fn watchlist_id(alias: &str) -> String {
    let workspace = SCOPE.trim_matches(['[', ']']);
    let alias = alias.replace('\'', "''");
    format!(
        "[extensionResourceId({workspace}, 'Microsoft.SecurityInsights/watchlists', '{alias}')]"
    )
}

/// Returns a value whose texts the deployment takes as they are: one that looks like an expression has
/// its first bracket doubled.
fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('[') && text.ends_with(']') => {
            Value::from(format!("[{text}"))
        }
        Value::Array(items) => items.iter().map(escaped).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), escaped(value))).collect()
        }
        other => other.clone(),
    }
}
