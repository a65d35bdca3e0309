//! Where an event's data are, compiled against the template that holds them.
//!
//! An event's data are in a template of their own more often than not: the event's template has
//! a slot, whose value is an instance of a template with `EventData` as its root.

use std::borrow::Cow;

use crate::{
    binxml::{
        instance::Located,
        node::{ElementNode, Node},
    },
    program::source::{Source, literal, source_of},
    request::{DataCondition, EventColumn, EventRequest},
};
use windows_event_model::{ATTRIBUTE, data_attribute, may_have_name, write_json_string};

/// Where a fragment with an event's data stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// In `Event`: the fragment is `EventData` or `UserData`.
    Section,
    /// In `UserData`: the fragment is the element that wraps the data.
    Wrapper,
}

/// Where an event's data are.
#[derive(Debug)]
pub(crate) enum DataPlace {
    /// The event has none.
    None,
    /// In this template.
    Here {
        /// A value without which there are no data.
        dependency: Option<u16>,
        /// For each request, what it wants of them.
        requests: Vec<DataFields>,
    },
    /// In a fragment, the value of a slot.
    Slot {
        /// The slot.
        id: u16,
        /// A value without which there are no data.
        dependency: Option<u16>,
        /// What the fragment is.
        role: Role,
    },
    /// In a form that takes the record's tree.
    Tree,
}

/// Where a template has the data that a request asks for.
#[derive(Debug)]
pub(crate) struct DataFields {
    /// The columns that the template has anything for, and where.
    pub(crate) columns: Vec<(usize, Field)>,
    /// For each filter, where the text of its conditions is.
    pub(crate) conditions: Vec<Vec<ConditionFields>>,
    /// Whether a field is in a form that takes the record's tree.
    needs_tree: bool,
}

/// Where the text of a condition is: in any of these; no matter where if there is no telling.
pub(crate) type ConditionFields = Option<Vec<Leaf>>;

/// Where the value of a path below the data is.
#[derive(Debug)]
pub(crate) enum Field {
    /// Nowhere.
    Missing,
    /// In one element.
    Leaf(Leaf),
    /// The path is empty: all elements, each with its name as JSON and a colon.
    All(Vec<(String, Leaf)>),
    /// In a form that takes the record's tree.
    Tree,
}

/// An element without elements in it.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// Where its text is; never [`Source::Tree`] or [`Source::Missing`].
    pub(crate) source: Source,
    /// Whether it is a `Data` without a name, which is an item of an array.
    pub(crate) is_item: bool,
}

impl DataFields {
    /// Tells whether all columns can be read from an instance; `is_plain` says that all of its
    /// values are text of their own.
    pub(crate) fn are_plain(&self, values: Located<'_, '_>, is_plain: bool) -> bool {
        !self.needs_tree
            && (is_plain || self.columns.iter().all(|(_, field)| field.is_plain(values)))
    }
}

impl Field {
    fn is_plain(&self, values: Located<'_, '_>) -> bool {
        match self {
            Self::Missing => true,
            Self::Leaf(leaf) => leaf.source.is_plain(values),
            Self::All(all) => all.iter().all(|(_, leaf)| leaf.source.is_plain(values)),
            Self::Tree => false,
        }
    }
}

/// Finds the data of a template whose root is an event.
pub(crate) fn compile_event_data(root: &ElementNode, requests: &[EventRequest]) -> DataPlace {
    let is_other = |element: &&ElementNode| !matches!(&*element.name, "System" | "RenderingInfo");
    let sections: Vec<_> = root.elements().filter(is_other).collect();
    let slots: Vec<_> = root.children.iter().filter_map(slot_of).collect();
    match (&*sections, &*slots) {
        ([], []) => DataPlace::None,
        ([], [id]) => DataPlace::Slot { id: *id, dependency: None, role: Role::Section },
        ([section], []) => compile_section_at(section, section.dependency, requests),
        ([first, ..], []) => sections
            .iter()
            .find(|section| &*section.name == "EventData")
            .or_else(|| sections.iter().find(|section| &*section.name == "UserData"))
            .or(Some(first))
            .filter(|section| section.dependency.is_none())
            .map_or(DataPlace::Tree, |section| compile_section_at(section, None, requests)),
        _ => DataPlace::Tree,
    }
}

/// Finds the data of a template whose root is a child of an event; its dependency does not count.
pub(crate) fn compile_section(root: &ElementNode, requests: &[EventRequest]) -> DataPlace {
    compile_section_at(root, None, requests)
}

/// Finds the data of a template whose root is the element within `UserData`.
pub(crate) fn compile_wrapper(root: &ElementNode, requests: &[EventRequest]) -> DataPlace {
    compile_fields(root, None, requests)
}

fn compile_section_at(
    section: &ElementNode,
    dependency: Option<u16>,
    requests: &[EventRequest],
) -> DataPlace {
    match &*section.name {
        "UserData" => {
            let wrappers: Vec<_> = section.elements().collect();
            let slots: Vec<_> = section.children.iter().filter_map(slot_of).collect();
            match (&*wrappers, &*slots) {
                ([wrapper], []) if wrapper.dependency.is_none() => {
                    compile_fields(wrapper, dependency, requests)
                }
                ([], [id]) => DataPlace::Slot { id: *id, dependency, role: Role::Wrapper },
                _ => DataPlace::Tree,
            }
        }
        "System" | "RenderingInfo" => DataPlace::None,
        _ => compile_fields(section, dependency, requests),
    }
}

/// Finds what the requests want among the elements of a container.
fn compile_fields(
    container: &ElementNode,
    dependency: Option<u16>,
    requests: &[EventRequest],
) -> DataPlace {
    let elements =
        container.elements().map(|element| Some((key(element)?.into(), Part::Of(element))));
    let parts = attributes(container).into_iter().flatten().map(Some).chain(elements);
    let parts: Option<Vec<_>> = parts.collect();
    let has_text = |node: &Node| matches!(node, Node::Text(text) if !text.trim().is_empty());
    let is_closed = !container.has_open_content()
        && attributes(container).is_some()
        && !container.children.iter().any(has_text);
    let Some(parts) = parts.filter(|_| is_closed) else { return DataPlace::Tree };
    let requests = requests.iter().map(|request| compile_request(&parts, request)).collect();
    DataPlace::Here { dependency, requests }
}

/// Returns the attributes of an element that are data, with their keys; `None` if one of them is not
/// literal, which may repeat the element.
fn attributes<'a>(element: &ElementNode) -> Option<Vec<(Cow<'a, str>, Part<'a>)>> {
    let mut found = Vec::new();
    for (name, value) in &element.attributes {
        let value = literal(value)?;
        if let Some(name) = data_attribute(&element.name, name)
            && !value.is_empty()
        {
            found.push((Cow::Owned(format!("{ATTRIBUTE}{name}")), Part::Literal(value)));
        }
    }
    Some(found)
}

fn compile_request(elements: &[KeyedPart<'_>], request: &EventRequest) -> DataFields {
    let columns = request.columns.iter().enumerate().filter_map(|(at, column)| match column {
        EventColumn::System(_) => None,
        EventColumn::Text(path) | EventColumn::Dynamic(path) => {
            Some((at, compile_path(elements, path)))
        }
    });
    let columns: Vec<_> = columns.filter(|(_, field)| !matches!(field, Field::Missing)).collect();
    let conditions = request.filters.iter().map(|filter| {
        filter.data.iter().map(|condition| compile_condition(elements, condition)).collect()
    });
    DataFields {
        conditions: conditions.collect(),
        needs_tree: columns.iter().any(|(_, field)| matches!(field, Field::Tree)),
        columns,
    }
}

fn compile_path(elements: &[KeyedPart<'_>], path: &[String]) -> Field {
    match path {
        [] => compile_all(elements),
        [name] => compile_field(elements, name),
        _ => Field::Tree,
    }
}

/// Finds the text that a condition is about. What JSON would be made of has other text.
fn compile_condition(elements: &[KeyedPart<'_>], condition: &DataCondition) -> ConditionFields {
    let leaves = condition.paths.iter().filter_map(|path| match compile_path(elements, path) {
        Field::Missing => None,
        Field::Leaf(leaf) if !leaf.is_item => Some(Some(leaf)),
        Field::Leaf(_) | Field::All(_) | Field::Tree => Some(None),
    });
    leaves.collect()
}

fn compile_field(elements: &[KeyedPart<'_>], name: &str) -> Field {
    let mut same_name = elements.iter().filter(|(found, _)| *found == name);
    match (same_name.next(), same_name.next()) {
        (None, _) => Field::Missing,
        (Some((_, part)), None) => part.leaf().map_or(Field::Tree, Field::Leaf),
        (Some(_), Some(_)) => Field::Tree,
    }
}

fn compile_all(elements: &[KeyedPart<'_>]) -> Field {
    let mut names: Vec<_> = elements.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Field::Tree;
    }
    let all = elements.iter().map(|(name, part)| {
        let mut prefix = String::new();
        write_json_string(name, &mut prefix);
        prefix.push(':');
        Some((prefix, part.leaf()?))
    });
    all.collect::<Option<_>>().map_or(Field::Tree, Field::All)
}

/// Something that an element holds, and its name as a field.
type KeyedPart<'a> = (Cow<'a, str>, Part<'a>);

/// Something that an element holds.
enum Part<'a> {
    /// An attribute with this value.
    Literal(String),
    Of(&'a ElementNode),
}

impl Part<'_> {
    /// Returns it as a leaf, `None` if only the tree can tell what it holds.
    fn leaf(&self) -> Option<Leaf> {
        match self {
            Self::Literal(value) => {
                Some(Leaf { source: Source::Literal(value.clone()), is_item: false })
            }
            Self::Of(element) => leaf(element),
        }
    }
}

/// Returns an element as a leaf, `None` if only the tree can tell what it holds.
fn leaf(element: &ElementNode) -> Option<Leaf> {
    let source = source_of(&element.children, element.dependency);
    let is_plain = !matches!(source, Source::Tree)
        && attributes(element).is_some_and(|attributes| attributes.is_empty());
    is_plain
        .then(|| Leaf { source, is_item: &*element.name == "Data" && name_of(element).is_none() })
}

/// Returns the name of an element as a field, `None` if it is the value of a slot.
fn key(element: &ElementNode) -> Option<&str> {
    if !may_have_name(&element.name) {
        return Some(&element.name);
    }
    match element.attribute("Name") {
        Some([Node::Text(name)]) if !name.is_empty() => Some(name),
        Some([] | [Node::Text(_)]) | None => Some(&element.name),
        Some(_) => None,
    }
}

/// Returns the literal name of an element.
fn name_of(element: &ElementNode) -> Option<&str> {
    match element.attribute("Name") {
        Some([Node::Text(name)]) => Some(name.as_str()).filter(|name| !name.is_empty()),
        _ => None,
    }
}

const fn slot_of(node: &Node) -> Option<u16> {
    match node {
        Node::Slot(id) => Some(*id),
        _ => None,
    }
}
