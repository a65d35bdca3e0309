//! Entities of an alert: what a rule's mapping makes of a row's columns.

use std::sync::Arc;

use kql_types::Value;

use super::Entity;
use crate::rule::EntityMapping;

/// Returns the entities that a row names; a mapping none of whose columns has a value names none.
pub(crate) fn entities(mappings: &[EntityMapping], columns: &[(Arc<str>, Value)]) -> Vec<Entity> {
    mappings.iter().filter_map(|mapping| entity(mapping, columns)).collect()
}

fn entity(mapping: &EntityMapping, columns: &[(Arc<str>, Value)]) -> Option<Entity> {
    let identifiers: Vec<(String, String)> = mapping
        .field_mappings
        .iter()
        .filter_map(|field| {
            let (_, value) = columns.iter().find(|(name, _)| **name == *field.column_name)?;
            let text = value.to_text();
            (!text.is_empty()).then(|| (field.identifier.clone(), text))
        })
        .collect();
    (!identifiers.is_empty()).then(|| Entity { kind: mapping.entity_type.clone(), identifiers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::FieldMapping;

    fn mapping(kind: &str, fields: &[(&str, &str)]) -> EntityMapping {
        EntityMapping {
            entity_type: kind.to_owned(),
            field_mappings: fields
                .iter()
                .map(|(identifier, column)| FieldMapping {
                    identifier: (*identifier).to_owned(),
                    column_name: (*column).to_owned(),
                })
                .collect(),
        }
    }

    #[test]
    fn columns_without_a_value_name_nothing() {
        let mappings = [
            mapping("Host", &[("FullName", "DeviceName")]),
            mapping("Account", &[("Name", "AccountName"), ("Sid", "AccountSid")]),
            mapping("IP", &[("Address", "RemoteIP")]),
        ];
        let columns = [
            ("DeviceName".into(), Value::String("ws-1".to_owned())),
            ("AccountName".into(), Value::String("amy".to_owned())),
            ("AccountSid".into(), Value::String(String::new())),
        ];
        let entities = entities(&mappings, &columns);
        assert_eq!(entities.len(), 2);
        assert_eq!(entities[0].identifier("FullName"), Some("ws-1"));
        assert_eq!(entities[1].identifiers, [("Name".to_owned(), "amy".to_owned())]);
    }
}
