//! Elements of an event's XML, complete with their text.

use std::rc::Rc;

/// An element of an event's XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// The name, without a namespace.
    pub name: Rc<str>,
    /// Names and values of the attributes, in order.
    pub attributes: Vec<(Rc<str>, String)>,
    /// The elements directly within the element, in order.
    pub children: Vec<Element>,
    /// The text directly within the element, pieces joined.
    pub text: String,
}

impl Element {
    /// Returns the first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| &*child.name == name)
    }

    /// Returns the attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| &**found == name).map(|(_, value)| value.as_str())
    }

    /// Returns the number of elements, this one included.
    pub fn count(&self) -> usize {
        self.children.iter().map(Self::count).fold(1, usize::saturating_add)
    }
}
