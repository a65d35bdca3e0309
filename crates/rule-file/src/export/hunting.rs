//! Hunting queries: questions to a workspace that have no schedule.
//!
//! The public repository has them as YAML, a workspace as saved searches of their own category. A saved
//! search has no place for some fields of the YAML, such as entities and the connectors that are needed.
//! They stand in a template's metadata, under the query's id.

use serde_json::{Map, Value, json};

use super::{Loss, WriteError, sentinel::yaml};
use crate::{document::Content, fields::ordered};

/// The category by which a workspace tells hunting queries from other saved searches.
const CATEGORY: &str = "Hunting Queries";

/// The version of the query language that saved searches are written in.
const LANGUAGE: i64 = 2;

/// A hunting query, by the names that its YAML has for its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct HuntingQuery {
    pub(crate) map: Map<String, Value>,
}

impl HuntingQuery {
    /// Makes a hunting query of its fields: `id`, `name`, `query`, `description`, `tactics`, ….
    pub fn new(fields: Map<String, Value>) -> Self {
        Self { map: ordered(fields) }
    }

    /// Makes a hunting query of a saved search.
    ///
    /// - `beside`: the fields that the template has of it elsewhere, which hold.
    pub(crate) fn of_saved_search(
        id: &str,
        properties: &Map<String, Value>,
        beside: Map<String, Value>,
    ) -> Self {
        let mut map = read_back(id, properties);
        map.extend(beside);
        Self { map: ordered(map) }
    }

    /// Returns its id; empty if it has none.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Returns the name that people see; empty if there is none.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    /// Returns the query's text.
    pub fn query(&self) -> &str {
        self.text("query")
    }

    fn text(&self, field: &str) -> &str {
        self.map.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// Writes it as the public repository has it.
    ///
    /// # Errors
    ///
    /// If what is written would not read back to the same, which is a defect of the writer.
    pub fn yaml(&self) -> Result<String, WriteError> {
        let wrong = |invariant: &str| WriteError {
            rule: self.name().to_owned(),
            invariant: invariant.to_owned(),
        };
        let map = self.map.clone();
        // As with rules, some descriptions do not allow the repository's quotes.
        let mut quoted = map.clone();
        if let Some(Value::String(text)) = quoted.get_mut("description") {
            *text = format!("'{text}'\n");
        }
        for map in [&quoted, &map] {
            let text = yaml(map).map_err(|error| wrong(&error.to_string()))?;
            if read(&text).is_some_and(|again| again == *self) {
                return Ok(text);
            }
        }
        Err(wrong("the YAML says something else"))
    }

    /// Returns the properties of a saved search, and the fields that it has no place for.
    ///
    /// Source: <https://learn.microsoft.com/azure/templates/microsoft.operationalinsights/2020-08-01/workspaces/savedsearches>
    pub(super) fn saved_search(&self) -> Result<SavedSearch, Vec<Loss>> {
        let needed =
            ["id", "name", "query"].into_iter().filter(|field| self.text(field).is_empty());
        let missing = |field| Loss::of_alerts(field, "a saved search has to have it");
        let losses: Vec<Loss> = needed.map(missing).collect();
        if !losses.is_empty() {
            return Err(losses);
        }
        let mut tags = Vec::new();
        let mut tag = |name: &str, value: String| tags.push(json!({"name": name, "value": value}));
        if let Some(text) = self.map.get("description").and_then(Value::as_str) {
            tag("description", text.to_owned());
        }
        for (name, field) in LISTS {
            if let Some(list) = self.map.get(field).and_then(joined) {
                tag(name, list);
            }
        }
        let mut properties = Map::new();
        let mut put = |name: &str, value: Value| properties.insert(name.to_owned(), value);
        put("category", Value::from(CATEGORY));
        put("displayName", Value::from(self.name()));
        put("query", Value::from(self.text("query")));
        put("version", Value::from(LANGUAGE));
        put("tags", Value::Array(tags));
        let known = read_back(self.id(), &properties);
        let mut beside = self.map.clone();
        beside.retain(|name, value| known.get(name) != Some(value));
        Ok((properties, beside))
    }
}

fn read(text: &str) -> Option<HuntingQuery> {
    let Content::Rules { rules, others } = Content::read("query.yaml", text) else { return None };
    match rules.as_slice() {
        [query] if others.is_empty() && query.is_hunting_query() => query.hunting_query().ok(),
        _ => None,
    }
}

/// A saved search's properties, and the fields that it has no place for.
type SavedSearch = (Map<String, Value>, Map<String, Value>);

/// Lists that are tags of a saved search, by the names of the tags and of the fields.
const LISTS: [(&str, &str); 2] = [("tactics", "tactics"), ("techniques", "relevantTechniques")];

/// Returns a list of texts as a tag has it; `None` if it is none.
fn joined(list: &Value) -> Option<String> {
    let texts: Option<Vec<&str>> = list.as_array()?.iter().map(Value::as_str).collect();
    texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join(","))
}

/// Returns the fields that a saved search has.
fn read_back(id: &str, properties: &Map<String, Value>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".to_owned(), Value::from(id));
    for (name, field) in [("displayName", "name"), ("query", "query")] {
        if let Some(value) = properties.get(name) {
            map.insert(field.to_owned(), value.clone());
        }
    }
    let tags = properties.get("tags").and_then(Value::as_array).map(Vec::as_slice);
    for tag in tags.unwrap_or_default() {
        let text = |member: &str| tag.get(member).and_then(Value::as_str);
        let (Some(name), Some(value)) = (text("name"), text("value")) else { continue };
        if name == "description" {
            map.insert(name.to_owned(), Value::from(value));
        } else if let Some((_, field)) = LISTS.iter().find(|(tag, _)| *tag == name) {
            let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
            map.insert((*field).to_owned(), items.map(Value::from).collect());
        }
    }
    map
}
