//! Streams to the trees of elements they stand for: templates filled in, fragments in place.
//!
//! An element that holds an array of several items is repeated for each of them (MS-EVEN6,
//! 3.1.4.7.5); with several arrays, for each combination.

use std::rc::Rc;

use crate::{
    binxml::{
        budget::Budget,
        instance::Instance,
        node::{ElementNode, Node},
        parse::{StreamKind, parse},
        templates::Templates,
        value::{Value, ty},
    },
    damage::RecordError,
    utf8::as_str,
};
use windows_event_model::Element;

/// Builds the trees of one chunk's records.
pub(crate) struct TreeBuilder<'a, 't, P> {
    /// The chunk.
    pub(crate) chunk: &'a [u8],
    /// The templates of the chunk.
    pub(crate) templates: &'t mut Templates<P>,
    /// What the chunk may cost.
    pub(crate) budget: &'t mut Budget,
}

/// An element whose arrays are yet to be told apart.
struct Filled {
    name: Rc<str>,
    within: Content,
    attributes: Vec<(Rc<str>, Content)>,
}

/// What is within an element or an attribute.
#[derive(Default)]
struct Content {
    pieces: Vec<Piece>,
    elements: Vec<Element>,
}

/// A piece of text, or an array of which each copy of the element has one item.
enum Piece {
    Text(String),
    Items(Vec<String>),
}

impl<'a, P: Default> TreeBuilder<'a, '_, P> {
    /// Builds the top-level elements of the stream at `start`, `depth` elements deep.
    pub(crate) fn stream(
        &mut self,
        start: usize,
        len: usize,
        depth: usize,
    ) -> Result<Vec<Element>, RecordError> {
        if depth > Budget::MAX_DEPTH {
            return Err(RecordError::TooDeep);
        }
        if let Some(instance) = Instance::read_only(self.chunk, start, len)? {
            return self.instance(&instance, depth);
        }
        let kind = StreamKind::Record;
        let nodes = parse(self.chunk, start, len, kind, self.budget, &mut |_| ())?;
        Ok(self.content(&nodes, None, depth)?.elements)
    }

    fn instance(
        &mut self,
        instance: &Instance<'a>,
        depth: usize,
    ) -> Result<Vec<Element>, RecordError> {
        let template = self.templates.get(self.chunk, instance.definition, self.budget)?;
        let filled = self.fill(&template.root, Some(instance), depth)?;
        // A template has one root, which no array repeats: its items stand side by side.
        Ok(vec![filled.into_element()])
    }

    /// Fills in what is within an element.
    fn fill(
        &mut self,
        node: &ElementNode,
        instance: Option<&Instance<'a>>,
        depth: usize,
    ) -> Result<Filled, RecordError> {
        if depth > Budget::MAX_DEPTH {
            return Err(RecordError::TooDeep);
        }
        self.budget.nodes(1)?;
        let within = self.content(&node.children, instance, depth.saturating_add(1))?;
        let mut attributes = Vec::with_capacity(node.attributes.len());
        for (name, value) in &node.attributes {
            let value = self.content(value, instance, depth.saturating_add(1))?;
            attributes.push((Rc::clone(name), value));
        }
        Ok(Filled { name: Rc::clone(&node.name), within, attributes })
    }

    /// Builds an element, or several if it holds arrays.
    fn element(
        &mut self,
        node: &ElementNode,
        instance: Option<&Instance<'a>>,
        depth: usize,
        out: &mut Vec<Element>,
    ) -> Result<(), RecordError> {
        let filled = self.fill(node, instance, depth)?;
        let children = &filled.within.elements;
        let each = children.iter().map(Element::count).fold(1, usize::saturating_add);
        let copies = Copies::of(&filled);
        if copies.is_sole() {
            self.budget.nodes(each)?;
            let element = filled.into_element();
            self.budget.bytes(element.text.len())?;
            out.push(element);
            return Ok(());
        }
        for choices in copies {
            self.budget.nodes(each)?;
            let element = filled.copy(&choices);
            self.budget.bytes(element.text.len())?;
            out.push(element);
        }
        Ok(())
    }

    fn content(
        &mut self,
        nodes: &[Node],
        instance: Option<&Instance<'a>>,
        depth: usize,
    ) -> Result<Content, RecordError> {
        let mut content = Content::default();
        for node in nodes {
            match node {
                Node::Text(text) => content.push_text(text.clone()),
                Node::Element(element) => {
                    let is_left_out = element
                        .dependency
                        .zip(instance)
                        .is_some_and(|(slot, instance)| instance.is_null(slot));
                    if !is_left_out {
                        self.element(element, instance, depth, &mut content.elements)?;
                    }
                }
                Node::Slot(slot) => {
                    self.budget.nodes(usize::from(*slot) / 64)?;
                    if let Some((value, at)) = instance.and_then(|it| it.value_at(*slot)) {
                        self.value(value, at, depth, &mut content)?;
                    }
                }
                Node::Fragment(range) => {
                    let elements =
                        self.stream(range.start, range.len(), depth.saturating_add(1))?;
                    content.elements.extend(elements);
                }
                Node::Instance(offset) => {
                    let instance = Instance::read(self.chunk, *offset)?;
                    let elements = self.instance(&instance, depth.saturating_add(1))?;
                    content.elements.extend(elements);
                }
            }
        }
        Ok(content)
    }

    fn value(
        &mut self,
        value: Value<'a>,
        at: usize,
        depth: usize,
        content: &mut Content,
    ) -> Result<(), RecordError> {
        if value.ty == ty::BINXML {
            if !value.bytes.is_empty() {
                let elements = self.stream(at, value.bytes.len(), depth.saturating_add(1))?;
                content.elements.extend(elements);
            }
            return Ok(());
        }
        match value.items() {
            Some(items) if items.len() > 1 => {
                self.budget.nodes(items.len())?;
                let items = items.iter().map(|item| self.text(*item)).collect::<Result<_, _>>()?;
                content.pieces.push(Piece::Items(items));
            }
            Some(_) | None => content.push_text(self.text(value)?),
        }
        Ok(())
    }

    fn text(&mut self, value: Value<'a>) -> Result<String, RecordError> {
        let mut out = Vec::new();
        value.push_text(&mut out);
        self.budget.bytes(out.len())?;
        Ok(String::from_utf8(out).unwrap_or_else(|error| as_str(error.as_bytes()).to_owned()))
    }
}

impl Filled {
    /// Returns the element with all items of its arrays in one.
    fn into_element(self) -> Element {
        let attributes = self.attributes.into_iter();
        let attributes = attributes.map(|(name, value)| (name, value.into_parts().0)).collect();
        let (text, children) = self.within.into_parts();
        Element { name: self.name, attributes, children, text }
    }

    /// Returns the copy of the element that has these items of its arrays.
    fn copy(&self, choices: &[usize]) -> Element {
        let mut choices = choices.iter().copied();
        Element {
            name: Rc::clone(&self.name),
            text: self.within.text(&mut choices),
            attributes: self
                .attributes
                .iter()
                .map(|(name, value)| (Rc::clone(name), value.text(&mut choices)))
                .collect(),
            children: self.within.elements.clone(),
        }
    }
}

impl Content {
    fn push_text(&mut self, text: String) {
        if let Some(Piece::Text(before)) = self.pieces.last_mut() {
            before.push_str(&text);
        } else {
            self.pieces.push(Piece::Text(text));
        }
    }

    /// Returns the text with all items of every array, and the elements.
    fn into_parts(mut self) -> (String, Vec<Element>) {
        let text = match (self.pieces.pop(), self.pieces.is_empty()) {
            (Some(Piece::Text(text)), true) => text,
            (last, _) => {
                self.pieces.extend(last);
                self.text(&mut std::iter::empty())
            }
        };
        (text, self.elements)
    }

    /// Returns the text with one item of every array, as `choices` says; without a choice, with
    /// all of them.
    fn text(&self, choices: &mut impl Iterator<Item = usize>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Items(items) => match choices.next() {
                    Some(choice) => text.push_str(items.get(choice).map_or("", String::as_str)),
                    None => text.push_str(&items.join(",")),
                },
            }
        }
        text
    }

    fn array_lens(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Items(items) => Some(items.len()),
            Piece::Text(_) => None,
        })
    }
}

/// Yields for each copy of an element which item of every array it has; the last array is the
/// first to change.
struct Copies {
    lens: Vec<usize>,
    next: Option<Vec<usize>>,
}

impl Copies {
    /// Tells whether there are no arrays, so that there is one copy.
    fn is_sole(&self) -> bool {
        self.lens.is_empty()
    }

    fn of(filled: &Filled) -> Self {
        let of_attributes = filled.attributes.iter().flat_map(|(_, value)| value.array_lens());
        let lens: Vec<usize> = filled.within.array_lens().chain(of_attributes).collect();
        Self { next: Some(vec![0; lens.len()]), lens }
    }
}

impl Iterator for Copies {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let copy = self.next.take()?;
        let mut after = copy.clone();
        for (choice, &len) in after.iter_mut().zip(&self.lens).rev() {
            *choice = choice.saturating_add(1);
            if *choice < len {
                self.next = Some(after);
                break;
            }
            *choice = 0;
        }
        Some(copy)
    }
}
