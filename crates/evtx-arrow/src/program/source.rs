//! Where in a template or an instance of it a value is.

use crate::binxml::{instance::Located, node::Node, value::Value};

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere.
    Missing,
    /// In the template.
    Literal(String),
    /// In the instance.
    Slot(Slot),
    /// In a form that takes the record's tree.
    Tree,
}

/// A value of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: u16,
    /// A value without which this one is missing too.
    pub(crate) dependency: Option<u16>,
}

impl Source {
    /// Tells whether the value is text of its own, or there is none.
    pub(crate) fn is_plain(&self, values: Located<'_, '_>) -> bool {
        match self {
            Self::Missing | Self::Literal(_) => true,
            Self::Slot(slot) => values.value(slot.id).is_none_or(|value| value.is_scalar()),
            Self::Tree => false,
        }
    }
}

/// Returns the value of a slot, `None` if there is none or it depends on one that is null.
pub(crate) fn value_of<'a>(values: Located<'a, '_>, slot: Slot) -> Option<Value<'a>> {
    if slot.dependency.is_some_and(|dependency| values.is_null(dependency)) {
        return None;
    }
    values.value(slot.id)
}

/// Returns where the text of an element or attribute is.
pub(crate) fn source_of(content: &[Node], dependency: Option<u16>) -> Source {
    match content {
        [Node::Slot(id)] => Source::Slot(Slot { id: *id, dependency }),
        _ if dependency.is_some() => Source::Tree,
        _ => literal(content).map_or(Source::Tree, Source::Literal),
    }
}

/// Returns the text of nodes if it is literal.
pub(crate) fn literal(nodes: &[Node]) -> Option<String> {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
