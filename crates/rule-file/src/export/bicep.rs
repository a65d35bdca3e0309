//! The same resources in Bicep.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings>

use std::fmt::Write;

use serde_json::{Map, Value};

use super::template::{
    API_VERSION, METADATA, Resource, SAVED_SEARCHES, SAVED_SEARCHES_API_VERSION, Template,
    WORKSPACES_API_VERSION,
};

/// Writes a template.
pub fn write(template: &Template) -> String {
    let mut out = String::new();
    if let Some(metadata) = template.metadata() {
        line(&mut out, &format!("metadata {METADATA} = {}", literal(&metadata, 0)));
        line(&mut out, "");
    }
    line(&mut out, "@description('The name of the Log Analytics workspace that Sentinel is in')");
    line(&mut out, "param workspace string");
    line(&mut out, "");
    let ty = format!("Microsoft.OperationalInsights/workspaces@{WORKSPACES_API_VERSION}");
    line(&mut out, &format!("resource logs '{ty}' existing = {{"));
    line(&mut out, "  name: workspace");
    line(&mut out, "}");
    for resource in &template.resources {
        line(&mut out, "");
        write_resource(&mut out, resource);
    }
    out
}

fn write_resource(out: &mut String, resource: &Resource) {
    let is_of_workspace = resource.ty == SAVED_SEARCHES;
    let ty = if is_of_workspace {
        format!(
            "Microsoft.OperationalInsights/workspaces/{SAVED_SEARCHES}@{SAVED_SEARCHES_API_VERSION}"
        )
    } else {
        format!("Microsoft.SecurityInsights/{}@{API_VERSION}", resource.ty)
    };
    line(out, &format!("resource {} '{ty}' = {{", symbol(resource.ty, &resource.name)));
    if is_of_workspace {
        line(out, "  parent: logs");
    }
    line(out, &format!("  name: {}", quoted(&resource.name)));
    if !is_of_workspace {
        line(out, "  scope: logs");
    }
    if let Some(kind) = resource.kind {
        line(out, &format!("  kind: {}", quoted(kind)));
    }
    if !resource.needs.is_empty() {
        line(out, "  dependsOn: [");
        for alias in &resource.needs {
            line(out, &format!("    {}", symbol("watchlists", alias)));
        }
        line(out, "  ]");
    }
    line(out, &format!("  properties: {}", object(&resource.properties, 1)));
    line(out, "}");
}

/// Returns the name by which the file speaks of a resource: letters, digits and `_` only, and another one
/// for each name.
fn symbol(ty: &str, name: &str) -> String {
    let prefix = match ty {
        "watchlists" => "watchlist",
        SAVED_SEARCHES => "hunting",
        _ => "rule",
    };
    let mut symbol = format!("{prefix}_");
    for char in name.chars() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' => symbol.push(char),
            '-' => symbol.push('_'),
            // No name has two of these in a row but by this.
            other => put(&mut symbol, format_args!("__{:x}_", u32::from(other))),
        }
    }
    symbol
}

fn literal(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        // Bicep has no fractions. Nothing that is deployed has one, so that it stands in the metadata.
        Value::Number(number) if number.is_f64() => quoted(&number.to_string()),

        Value::Number(number) => number.to_string(),
        Value::String(text) if is_block(text) => format!("'''\n{text}'''"),
        Value::String(text) => quoted(text),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => {
            let depth = depth.saturating_add(1);
            let mut out = "[\n".to_owned();
            for item in items {
                line(&mut out, &format!("{}{}", indent(depth), literal(item, depth)));
            }
            out + &indent(depth.saturating_sub(1)) + "]"
        }
        Value::Object(map) => object(map, depth),
    }
}

fn object(map: &Map<String, Value>, depth: usize) -> String {
    if map.is_empty() {
        return "{}".to_owned();
    }
    let inner = depth.saturating_add(1);
    let mut out = "{\n".to_owned();
    for (name, value) in map {
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
        let key = if is_name { name.clone() } else { quoted(name) };
        line(&mut out, &format!("{}{key}: {}", indent(inner), literal(value, inner)));
    }
    out + &indent(depth) + "}"
}

/// Tells whether a text can stand between three quotes, where nothing is escaped: it has several lines,
/// and neither such quotes nor anything that an editor would not show.
fn is_block(text: &str) -> bool {
    let is_shown = |char: char| char == '\n' || char == '\t' || !char.is_control();
    text.contains('\n')
        && !text.contains("'''")
        && !text.ends_with('\'')
        && text.chars().all(is_shown)
}

/// Returns a text between single quotes.
fn quoted(text: &str) -> String {
    let mut out = "'".to_owned();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // An expression would begin here.
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            other if other.is_control() => {
                put(&mut out, format_args!("\\u{{{:x}}}", u32::from(other)));
            }
            other => out.push(other),
        }
    }
    out.push('\'');
    out
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// Writes to a text, which cannot fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _always_ok = out.write_fmt(text);
}
