//! Watchlists: their rows as CSV, and what else a workspace knows of them.

use serde_json::{Map, Value, json};

use super::WriteError;
use crate::{
    fields::{Typing, value_of},
    yaml::{self, YamlError},
};

/// A watchlist.
#[derive(Clone, Debug, PartialEq)]
pub struct Watchlist {
    /// The name by which `_GetWatchlist` asks for it.
    pub alias: String,
    /// Its rows, as CSV with a header.
    pub csv: String,
    /// What a workspace knows of it beside, by the API's names: `description`, `itemsSearchKey`, … Those
    /// that are as they would be anyhow need not be there.
    pub more: Map<String, Value>,
}

/// The properties that follow from the alias and the rows, or are always the same.
const DEFAULTS: [&str; 8] = [
    "displayName",
    "watchlistAlias",
    "provider",
    "source",
    "itemsSearchKey",
    "numberOfLinesToSkip",
    "contentType",
    "rawContent",
];

impl Watchlist {
    /// Makes a watchlist of its rows and of what stands beside them as YAML, which [`Self::beside`] gives.
    ///
    /// # Errors
    ///
    /// If that is no mapping.
    pub fn read(alias: &str, csv: &str, beside: Option<&str>) -> Result<Self, YamlError> {
        let mut more = Map::new();
        if let Some(text) = beside {
            let tree = yaml::read(text)?;
            let wrong = |span| YamlError { message: "expected a mapping".to_owned(), span };
            for document in &tree.documents {
                match value_of(document, "", Typing::Own) {
                    Ok(Value::Object(map)) => more.extend(map),
                    Ok(_) => return Err(wrong(document.span)),
                    Err(error) => return Err(wrong(error.span)),
                }
            }
        }
        Ok(Self { alias: alias.to_owned(), csv: csv.to_owned(), more })
    }

    /// Returns what is not in its rows, as YAML; `None` if there is nothing.
    ///
    /// # Errors
    ///
    /// If that cannot be written, which is a defect of the writer.
    pub fn beside(&self) -> Result<Option<String>, WriteError> {
        if self.more.is_empty() {
            return Ok(None);
        }
        let wrong = |invariant: String| WriteError { rule: self.alias.clone(), invariant };
        let text = super::sentinel::yaml(&self.more).map_err(|error| wrong(error.to_string()))?;
        match Self::read(&self.alias, &self.csv, Some(&text)) {
            Ok(again) if again == *self => Ok(Some(text)),
            _ => Err(wrong("the YAML says something else".to_owned())),
        }
    }

    /// Returns the properties as the API takes them.
    ///
    /// Source: <https://learn.microsoft.com/azure/templates/microsoft.securityinsights/2023-12-01-preview/watchlists>
    pub(crate) fn properties(&self) -> Map<String, Value> {
        let mut map = self.defaults();
        for (name, value) in &self.more {
            map.insert(name.clone(), value.clone());
        }
        map
    }

    /// Returns what the properties are if nothing else is said.
    pub(crate) fn defaults(&self) -> Map<String, Value> {
        let values: [Value; 8] = [
            json!(self.alias),
            json!(self.alias),
            json!("Custom"),
            json!(format!("{}.csv", self.alias)),
            json!(first_column(&self.csv)),
            json!(0),
            json!("text/csv"),
            json!(self.csv),
        ];
        DEFAULTS.iter().map(|name| (*name).to_owned()).zip(values).collect()
    }
}

/// Returns the name of the first column, by which rows are looked up unless something else is said.
fn first_column(csv: &str) -> String {
    let csv = csv.trim_start_matches('\u{feff}');
    let Some(quoted) = csv.strip_prefix('"') else {
        return csv.split([',', '\r', '\n']).next().unwrap_or_default().to_owned();
    };
    let mut name = String::new();
    let mut rest = quoted;
    while let Some((part, behind)) = rest.split_once('"') {
        name.push_str(part);
        let Some(behind) = behind.strip_prefix('"') else { break };
        name.push('"');
        rest = behind;
    }
    name
}
