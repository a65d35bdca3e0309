//! What a template says of a rule beside the resource: fields of its YAML for which a deployed rule has
//! no place (`export`, module `template`).

use serde_json::Value as Json;

use super::{Scope, resolve};
use crate::{
    export::{METADATA, techniques_of},
    yaml::{Node, Value},
};

/// Returns the fields that a template's metadata has of a rule.
pub(crate) fn of(template: &Node, id: &str) -> Option<Node> {
    of_kind(template, "rules", id)
}

/// Returns the fields that a template's metadata has of a hunting query.
pub(crate) fn of_hunting_query(template: &Node, id: &str) -> Option<Node> {
    of_kind(template, "huntingQueries", id)
}

fn of_kind(template: &Node, kind: &str, id: &str) -> Option<Node> {
    let beside = template.at(&["metadata", METADATA, kind, id])?;
    let (beside, open) = resolve(beside, &Scope::default(), &std::cell::Cell::new(0));
    open.is_empty().then_some(beside)
}

/// Returns a rule with these fields too. Those that it has hold, but for the order of techniques.
pub(crate) fn join(rule: Node, beside: &Node) -> Node {
    let Value::Mapping(mut entries) = rule.value else { return rule };
    for (key, value) in beside.entries() {
        let own = entries.iter_mut().find(|(own, _)| own.text() == key.text());
        match own {
            None => entries.push((key.clone(), value.clone())),
            Some((key, own)) if key.text() == Some("relevantTechniques") => {
                let (mut techniques, parts) = techniques_of(&texts(value));
                techniques.extend(parts);
                if techniques == texts(own) {
                    *own = value.clone();
                }
            }
            Some(_) => {}
        }
    }
    Node { value: Value::Mapping(entries), ..rule }
}

fn texts(list: &Node) -> Vec<Json> {
    list.items().iter().filter_map(|item| item.text().map(Json::from)).collect()
}
