//! YAML as a tree whose nodes know where they stand.
//!
//! The parser of serde-saphyr gives the events; types of Rust would not do, since a lint has to point
//! at the field that is wrong, misspelt or too much.

use std::{collections::HashMap, error::Error, fmt};

use granit_parser::{Event, Parser, ScalarStyle, ScanError};
use kql_syntax::Span;

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// The value's first character up to its end, in bytes of the file.
    pub(crate) span: Span,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text, a number, …
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in order.
    Mapping(Vec<(Node, Node)>),
}

/// A scalar.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) style: ScalarStyle,
}

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the text.
    pub span: Span,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for YamlError {}

impl Node {
    /// Returns a scalar's text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Returns a list's items; none of anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Returns a mapping's keys and values; none of anything else.
    pub(crate) fn entries(&self) -> &[(Node, Node)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the key and the value of that name.
    pub(crate) fn entry(&self, name: &str) -> Option<&(Node, Node)> {
        self.entries().iter().find(|(key, _)| key.text() == Some(name))
    }

    /// Returns the value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, value)| value)
    }

    /// Tells whether it is a plain nothing: `key:` alone, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { text, style: ScalarStyle::Plain })
            if matches!(text.as_str(), "" | "~" | "null"))
    }
}

/// The most nodes that aliases may copy: a file that grows without bound when unfolded is hostile.
const MAX_COPIED_NODES: usize = 10_000;

/// Reads the first document of a text; `None` if there is none.
pub(crate) fn read(text: &str) -> Result<Option<Node>, YamlError> {
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        let place = |marker: granit_parser::Marker| {
            u32::try_from(marker.byte_offset().unwrap_or(0)).unwrap_or(u32::MAX)
        };
        let span = Span::new(place(span.start), place(span.end));
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let scalar = Scalar { text: text.into_owned(), style };
                tree.add(Node { value: Value::Scalar(scalar), span }, anchor);
            }
            Event::SequenceStart(_, anchor, _) => {
                tree.open(Value::Sequence(Vec::new()), span, anchor);
            }
            Event::MappingStart(_, anchor, _) => {
                tree.open(Value::Mapping(Vec::new()), span, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => tree.close(span),
            Event::Alias(anchor) => tree.copy(anchor, span)?,
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(tree.root)
}

fn scan_error(error: &ScanError) -> YamlError {
    let at = u32::try_from(error.marker().byte_offset().unwrap_or(0)).unwrap_or(u32::MAX);
    YamlError { message: error.info(), span: Span::new(at, at) }
}

/// A tree in the making.
#[derive(Default)]
struct Tree {
    root: Option<Node>,
    /// The collections that are not complete.
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    copied: usize,
}

/// A collection that is not complete.
struct Open {
    node: Node,
    anchor: usize,
    /// The key of a mapping that waits for its value.
    key: Option<Node>,
}

impl Tree {
    fn open(&mut self, value: Value, span: Span, anchor: usize) {
        self.open.push(Open { node: Node { value, span }, anchor, key: None });
    }

    fn add(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut parent.node.value {
            Value::Sequence(items) => items.push(node),
            Value::Mapping(entries) => match parent.key.take() {
                Some(key) => entries.push((key, node)),
                None => parent.key = Some(node),
            },
            Value::Scalar(_) => {}
        }
    }

    fn close(&mut self, end: Span) {
        if let Some(Open { mut node, anchor, .. }) = self.open.pop() {
            node.span = Span::new(node.span.start, end.end.max(node.span.start));
            self.add(node, anchor);
        }
    }

    fn copy(&mut self, anchor: usize, span: Span) -> Result<(), YamlError> {
        let Some(node) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        self.copied = self.copied.saturating_add(size(&node));
        if self.copied > MAX_COPIED_NODES {
            let message = "aliases unfold to more than a rule can need".to_owned();
            return Err(YamlError { message, span });
        }
        self.add(node, 0);
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    let inner = match &node.value {
        Value::Scalar(_) => 0,
        Value::Sequence(items) => items.iter().map(size).fold(0, usize::saturating_add),
        Value::Mapping(entries) => {
            let sizes = entries.iter().map(|(key, value)| size(key).saturating_add(size(value)));
            sizes.fold(0, usize::saturating_add)
        }
    };
    inner.saturating_add(1)
}
