//! Where an event's header is in its template, and the fields in it.

use crate::{
    binxml::{
        instance::Located,
        node::{ElementNode, Node},
    },
    program::source::{Source, source_of},
    request::{EventColumn, EventRequest},
};
use windows_event_model::{SystemField, SystemType, header};

/// Where a template has the header fields that a request asks for.
#[derive(Debug)]
pub(crate) struct HeaderFields {
    /// The columns that the template has anything for, and their sources.
    pub(crate) columns: Vec<(usize, Source)>,
    /// Whether a field is in a form that takes the record's tree.
    pub(crate) needs_tree: bool,
}

/// The `System` element of an event's template.
pub(crate) enum Header<'a> {
    Element(&'a ElementNode),
    Missing,
    Tree,
}

impl<'a> Header<'a> {
    pub(super) fn find(root: &'a ElementNode) -> Self {
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

    pub(super) fn fields(&self, request: &EventRequest) -> HeaderFields {
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
        let place = header::restated(field).unwrap_or(field).place();
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

impl HeaderFields {
    /// Tells whether all fields can be read from an instance; `is_plain` says that all of its
    /// values are text of their own.
    pub(crate) fn are_plain(&self, values: Located<'_, '_>, is_plain: bool) -> bool {
        !self.needs_tree
            && (is_plain || self.columns.iter().all(|(_, source)| source.is_plain(values)))
    }
}

/// Returns the source of a column for a field: a literal GUID in the form that columns have.
fn column_source(field: SystemField, source: Source) -> Source {
    match source {
        Source::Literal(text) if field.ty() == SystemType::Guid => {
            header::canonical_guid(&text).map_or(Source::Missing, Source::Literal)
        }
        source => source,
    }
}
