//! Names and descriptions of alerts with placeholders for columns.

use kql_syntax::Diagnostic;

use super::{Rule, check_length, check_one_of, columns::check_column, items_of, text_of};
use crate::{code, yaml::Node};

/// The properties of alerts that columns may have.
const PROPERTIES: &[&str] = &[
    "AlertLink",
    "ConfidenceLevel",
    "ConfidenceScore",
    "ExtendedLinks",
    "ProductComponentName",
    "ProductName",
    "ProviderName",
    "RemediationSteps",
    "Techniques",
];

/// The most placeholders of a format.
const MOST_PLACEHOLDERS: usize = 3;

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some(details) = rule.root.get("alertDetailsOverride") else { return };
    for (field, most) in [("alertDisplayNameFormat", 256), ("alertDescriptionFormat", 5_000)] {
        if let Some(format) = details.get(field) {
            check_length(format, field, most, found);
            check_placeholders(rule, format, field, found);
        }
    }
    for field in ["alertTacticsColumnName", "alertSeverityColumnName"] {
        if let Some(column) = details.get(field).filter(|column| !column.is_null())
            && let Some(name) = text_of(column, field, found)
        {
            check_column(rule, name, column.span, found);
        }
    }
    let Some(properties) = details.get("alertDynamicProperties") else { return };
    for property in items_of(properties, "alertDynamicProperties", found) {
        if let Some(name) = property.get("alertProperty") {
            check_one_of(name, "alertProperty", PROPERTIES, code::ALERT_FORMAT, found);
        }
        if let Some(column) = property.get("value")
            && let Some(name) = text_of(column, "value", found)
        {
            check_column(rule, name, column.span, found);
        }
    }
}

fn check_placeholders(rule: &Rule<'_>, format: &Node, field: &str, found: &mut Vec<Diagnostic>) {
    let Some(text) = format.text() else { return };
    let placeholders: Vec<&str> = text
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(column, _)| column.trim())
        .collect();
    if placeholders.len() > MOST_PLACEHOLDERS {
        let count = placeholders.len();
        let message = format!("`{field}` has {count} placeholders; Sentinel takes three");
        found.push(Diagnostic::error(code::ALERT_FORMAT, format.span, message));
    }
    for column in placeholders {
        check_column(rule, column, format.span, found);
    }
}
