//! Alert details: what of an alert comes from its rows instead of from the rule.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/customize-alert-details>.

use kql_types::dynamic;
use rule_file::{is_tactic, is_technique};

use super::{Losses, bytes, custom_details::MOST_VALUES};
use crate::{
    assumptions::{Assumptions, ValuesOfRows},
    row::Rows,
    rule::{AlertDetails, Rule, Severity},
};

/// The most bytes of a description and of lists, and of everything else.
const MOST_LONG_BYTES: usize = 5 << 10;
const MOST_BYTES: usize = 256;

/// Properties that have a list of values.
const LISTS: [&str; 3] = ["ExtendedLinks", "RemediationSteps", "Techniques"];

/// What an alert says, from its rows or from the rule.
#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) severity: Severity,
    pub(crate) tactics: Vec<String>,
    /// Properties that rows have a value for, in the rule's order.
    pub(crate) properties: Vec<(String, Vec<String>)>,
}

/// Returns what an alert over rows says. What rows have no value for, or none that is valid, is the
/// rule's own.
pub(crate) fn details(
    rule: &Rule,
    rows: Rows<'_>,
    losses: Losses,
    assumptions: &Assumptions,
) -> Details {
    let from = Values { rows, losses, of_rows: assumptions.values };
    let AlertDetails { name_format, description_format, severity_column, tactics_column, .. } =
        &rule.details;
    let name = name_format.as_deref().and_then(|format| from.filled(format));
    let description = description_format.as_deref().and_then(|format| from.filled(format));
    let mut severities = severity_column.iter().flat_map(|column| rows.texts(column));
    let tactics = tactics_column.as_deref().and_then(|column| {
        let tactics = from.list(column);
        (!tactics.is_empty() && tactics.iter().all(|tactic| is_tactic(tactic))).then_some(tactics)
    });
    let most = |text: String, most| match losses {
        Losses::None => text,
        Losses::Sentinel => bytes::cut(&text, most).to_owned(),
    };
    Details {
        name: name.map_or_else(|| rule.name.clone(), |name| most(name, MOST_BYTES)),
        description: description
            .map_or_else(|| rule.description.clone(), |text| most(text, MOST_LONG_BYTES)),
        severity: severities.find_map(|text| Severity::parse(&text)).unwrap_or(rule.severity),
        tactics: tactics.unwrap_or_else(|| rule.tactics.clone()),
        properties: rule
            .details
            .properties
            .iter()
            .filter_map(|(name, column)| Some((name.clone(), from.property(name, column)?)))
            .collect(),
    }
}

/// Where values come from, and how many of them count.
#[derive(Clone, Copy)]
struct Values<'a> {
    rows: Rows<'a>,
    losses: Losses,
    of_rows: ValuesOfRows,
}

impl Values<'_> {
    /// Returns the values of a column, each once.
    fn texts(self, column: &str) -> Vec<String> {
        let most = match (self.of_rows, self.losses) {
            (ValuesOfRows::First, _) => 1,
            (ValuesOfRows::All, Losses::Sentinel) => MOST_VALUES,
            (ValuesOfRows::All, Losses::None) => usize::MAX,
        };
        self.rows.distinct_texts(column).take(most).collect()
    }

    /// Returns the items of a column's values: of a JSON array, or of a text with commas.
    fn list(self, column: &str) -> Vec<String> {
        let mut items = Vec::new();
        for text in self.texts(column) {
            let parts = match serde_json::from_str::<Vec<serde_json::Value>>(&text) {
                Ok(parts) => {
                    parts.iter().map(|it| dynamic::unquote(&it.to_string()).into_owned()).collect()
                }
                Err(_) => text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>(),
            };
            for part in parts {
                if !part.is_empty() && !items.contains(&part) {
                    items.push(part);
                }
            }
        }
        items
    }

    /// Puts values in the places of `{{Column}}`; `None` if a column has none.
    fn filled(self, format: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = format;
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((column, behind)) = behind.split_once("}}") else { break };
            text.push_str(before);
            let values = self.texts(column.trim());
            if values.is_empty() {
                return None;
            }
            text.push_str(&values.join(", "));
            rest = behind;
        }
        text.push_str(rest);
        Some(text)
    }

    /// Returns the values of a property; `None` if there is none, or one that it does not take.
    fn property(self, name: &str, column: &str) -> Option<Vec<String>> {
        let is_list = LISTS.contains(&name);
        let values = if is_list { self.list(column) } else { self.texts(column) };
        let values: Vec<String> =
            if is_list { values } else { values.into_iter().take(1).collect() };
        let is_valid = |value: &String| match name {
            "Techniques" => is_technique(value),
            "ConfidenceScore" => value.parse().is_ok_and(|score| (0.0..=1.0).contains(&score)),
            _ => true,
        };
        if values.is_empty() || !values.iter().all(is_valid) {
            return None;
        }
        Some(match self.losses {
            Losses::None => values,
            Losses::Sentinel if is_list => bytes::within(values.into_iter(), MOST_LONG_BYTES),
            Losses::Sentinel => {
                values.iter().map(|value| bytes::cut(value, MOST_BYTES).to_owned()).collect()
            }
        })
    }
}
