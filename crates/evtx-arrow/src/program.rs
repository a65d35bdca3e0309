//! Requests compiled against a template: where in an instance each wanted value is.
//!
//! In: a template's tree and the requests. Out: sources, which are literals and slots. What no
//! source can express is left to the tree of the record.

use std::{cell::OnceCell, rc::Rc};

use crate::{
    binxml::{
        instance::Located,
        node::{ElementNode, Node},
        value::Value,
    },
    dispatch::Dispatch,
    fields::{DataPlace, compile_event_data, compile_section, compile_wrapper},
    request::{EventColumn, EventRequest},
    system_field::{SystemField, SystemType},
    system_value,
};

/// What the requests became for one template, compiled when first needed.
pub(crate) struct Programs {
    event: OnceCell<EventProgram>,
    section: OnceCell<Rc<DataPlace>>,
    wrapper: OnceCell<Rc<DataPlace>>,
}

/// Where a fragment with an event's data stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// In `Event`: the fragment is `EventData` or `UserData`.
    Section,
    /// In `UserData`: the fragment is the element that wraps the data.
    Wrapper,
}

/// The requests compiled against a template whose root is an event.
pub(crate) struct EventProgram {
    /// The filters to test.
    pub(crate) dispatch: Dispatch,
    /// For each request, its header fields.
    pub(crate) headers: Vec<HeaderFields>,
    /// Where the event's data are.
    pub(crate) data: Rc<DataPlace>,
}

/// Where a template has the header fields that a request asks for.
#[derive(Debug)]
pub(crate) struct HeaderFields {
    /// The columns that the template has anything for, and their sources.
    pub(crate) columns: Vec<(usize, Source)>,
    /// Whether a field is in a form that takes the record's tree.
    pub(crate) needs_tree: bool,
}

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

impl Programs {
    /// Returns programs yet to be compiled.
    pub(crate) const fn new() -> Self {
        Self { event: OnceCell::new(), section: OnceCell::new(), wrapper: OnceCell::new() }
    }

    /// Returns the program for a template whose root is an event.
    pub(crate) fn event(&self, root: &ElementNode, requests: &[EventRequest]) -> &EventProgram {
        self.event.get_or_init(|| EventProgram::compile(root, requests))
    }

    /// Returns where the data are in a template that is a part of an event.
    pub(crate) fn data(
        &self,
        role: Role,
        root: &ElementNode,
        requests: &[EventRequest],
    ) -> Rc<DataPlace> {
        let place = match role {
            Role::Section => self.section.get_or_init(|| compile_section(root, requests).into()),
            Role::Wrapper => self.wrapper.get_or_init(|| compile_wrapper(root, requests).into()),
        };
        Rc::clone(place)
    }
}

impl EventProgram {
    fn compile(root: &ElementNode, requests: &[EventRequest]) -> Self {
        let header = Header::find(root);
        Self {
            dispatch: Dispatch::compile(&header, requests),
            headers: requests.iter().map(|request| header.fields(request)).collect(),
            data: compile_event_data(root, requests).into(),
        }
    }
}

/// The `System` element of an event's template.
pub(crate) enum Header<'a> {
    Element(&'a ElementNode),
    Missing,
    Tree,
}

impl<'a> Header<'a> {
    fn find(root: &'a ElementNode) -> Self {
        let is_header =
            |node: &&Node| matches!(node, Node::Element(element) if &*element.name == "System");
        let at = root.children.iter().position(|node| is_header(&node));
        let before = root.children.get(..at.unwrap_or(root.children.len())).unwrap_or_default();
        if before.iter().any(|node| matches!(node, Node::Slot(_))) {
            return Self::Tree;
        }
        match root.children.iter().find(is_header) {
            Some(Node::Element(header)) => {
                let is_plain = header.dependency.is_none() && !header.has_open_content();
                if is_plain { Self::Element(header) } else { Self::Tree }
            }
            _ => Self::Missing,
        }
    }

    fn fields(&self, request: &EventRequest) -> HeaderFields {
        let sources = request.columns.iter().enumerate().filter_map(|(at, column)| match column {
            EventColumn::System(field) => Some((at, column_source(*field, self.source(*field)))),
            EventColumn::Text(_) | EventColumn::Dynamic(_) => None,
        });
        let columns: Vec<_> = sources.filter(|(_, source)| *source != Source::Missing).collect();
        let needs_tree = columns.iter().any(|(_, source)| *source == Source::Tree);
        HeaderFields { columns, needs_tree }
    }

    /// Returns the source of a field, or of the field that it restates.
    pub(crate) fn source(&self, field: SystemField) -> Source {
        let header = match self {
            Self::Element(header) => header,
            Self::Missing => return Source::Missing,
            Self::Tree => return Source::Tree,
        };
        let place = system_value::restated(field).unwrap_or(field).place();
        let Some((name, attribute)) = place else { return Source::Missing };
        let mut same_name = header.elements().filter(|element| &*element.name == name);
        let Some(element) = same_name.next() else { return Source::Missing };
        if element.dependency.is_some() && same_name.next().is_some() {
            return Source::Tree;
        }
        match attribute.map(|attribute| element.attribute(attribute)) {
            Some(Some(value)) => source_of(value, element.dependency),
            Some(None) => Source::Missing,
            // An array in an attribute repeats the element, which does not change the first one.
            None => source_of(&element.children, element.dependency),
        }
    }
}

/// Returns the source of a column for a field: a literal GUID in the form that columns have.
fn column_source(field: SystemField, source: Source) -> Source {
    match source {
        Source::Literal(text) if field.ty() == SystemType::Guid => {
            system_value::canonical_guid(&text).map_or(Source::Missing, Source::Literal)
        }
        source => source,
    }
}

impl HeaderFields {
    /// Tells whether all fields can be read from an instance; `is_plain` says that all of its
    /// values are text of their own.
    pub(crate) fn are_plain(&self, values: Located<'_, '_>, is_plain: bool) -> bool {
        !self.needs_tree
            && (is_plain || self.columns.iter().all(|(_, source)| source.is_plain(values)))
    }
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
