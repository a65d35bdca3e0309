//! The nodes of a binary XML stream, parsed once.

use std::{ops::Range, rc::Rc};

/// A node of a stream.
#[derive(Debug)]
pub(crate) enum Node {
    /// An element.
    Element(ElementNode),
    /// Literal text.
    Text(String),
    /// The place of a value of the template's instance.
    Slot(u16),
    /// A fragment that a stream holds as a literal value: its range in the chunk.
    Fragment(Range<usize>),
    /// A template instance, at this offset of the chunk.
    Instance(usize),
}

/// An element of a stream.
#[derive(Debug)]
pub(crate) struct ElementNode {
    /// The element's name.
    pub(crate) name: Rc<str>,
    /// The value that decides whether the element is there at all: not if it is null.
    pub(crate) dependency: Option<u16>,
    /// The attributes' names and values.
    pub(crate) attributes: Vec<(Rc<str>, Vec<Node>)>,
    /// What is between start and end.
    pub(crate) children: Vec<Node>,
}

impl ElementNode {
    /// Returns the elements directly within.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// Returns the value of the attribute of that name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&[Node]> {
        self.attributes.iter().find(|(found, _)| &**found == name).map(|(_, value)| &**value)
    }

    /// Tells whether something other than elements and text is directly within, which may turn
    /// out to be elements.
    pub(crate) fn has_open_content(&self) -> bool {
        self.children.iter().any(|node| !matches!(node, Node::Element(_) | Node::Text(_)))
    }
}
