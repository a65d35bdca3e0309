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
    /// Tells whether the value does not stand there as it is: a template's expression comes to it.
    pub(crate) is_computed: bool,
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

impl Default for Node {
    fn default() -> Self {
        Self { value: Value::Sequence(Vec::new()), span: Span::default(), is_computed: false }
    }
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

    /// Returns the value that several keys lead to, one below the other.
    pub(crate) fn at(&self, names: &[&str]) -> Option<&Node> {
        names.iter().try_fold(self, |node, name| node.get(name))
    }

    /// Returns the value of that name, whose case does not count.
    pub(crate) fn get_any_case(&self, name: &str) -> Option<&Node> {
        let is_it =
            |(key, _): &&(Node, Node)| key.text().is_some_and(|key| key.eq_ignore_ascii_case(name));
        self.entries().iter().find(is_it).map(|(_, value)| value)
    }

    /// Returns a text at the same place.
    pub(crate) fn renamed(&self, text: &str) -> Self {
        let scalar = Scalar { text: text.to_owned(), style: ScalarStyle::DoubleQuoted };
        Self { value: Value::Scalar(scalar), span: self.span, is_computed: true }
    }

    /// Returns a list of other items at the same place.
    pub(crate) fn with_items(&self, items: Vec<Self>) -> Self {
        Self { value: Value::Sequence(items), span: self.span, is_computed: true }
    }

    /// Tells whether it, or something within it, stands at exactly that place.
    pub(crate) fn stands_at(&self, place: Span) -> bool {
        let within = self.items().iter().chain(self.entries().iter().map(|(_, value)| value));
        self.span == place || within.into_iter().any(|node| node.stands_at(place))
    }

    /// Tells whether it is a text in a block: `key: |`.
    pub(crate) const fn is_block(&self) -> bool {
        matches!(
            self.value,
            Value::Scalar(Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. })
        )
    }

    /// Tells whether there is something of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Tells whether it is a plain nothing: `key:` alone, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { text, style: ScalarStyle::Plain })
            if matches!(text.as_str(), "" | "~" | "null"))
    }
}

/// The most nodes that aliases may copy: a file that grows without bound when unfolded is hostile.
const MAX_COPIED_NODES: usize = 10_000;

/// What a file holds: its documents, and keys that stand twice in one mapping.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) documents: Vec<Node>,
    pub(crate) repeated: Vec<RepeatedKey>,
}

/// A key that its mapping has already.
#[derive(Clone, Debug)]
pub(crate) struct RepeatedKey {
    pub(crate) key: String,
    pub(crate) span: Span,
    pub(crate) first: Span,
}

/// Reads every document of a text.
pub(crate) fn read(text: &str) -> Result<Tree, YamlError> {
    let mut tree = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        let place = |marker: granit_parser::Marker| {
            u32::try_from(marker.byte_offset().unwrap_or(0)).unwrap_or(u32::MAX)
        };
        let span = Span::new(place(span.start), place(span.end));
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let scalar = Scalar { text: text.into_owned(), style };
                tree.add(Node { value: Value::Scalar(scalar), span, is_computed: false }, anchor);
            }
            Event::SequenceStart(_, anchor, _) => {
                tree.open(Value::Sequence(Vec::new()), span, anchor);
            }
            Event::MappingStart(_, anchor, _) => {
                tree.open(Value::Mapping(Vec::new()), span, anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => tree.close(span),
            Event::Alias(anchor) => tree.copy(anchor, span)?,
            Event::DocumentEnd => tree.end_document(),
            _ => {}
        }
    }
    tree.end_document();
    Ok(tree.tree)
}

fn scan_error(error: &ScanError) -> YamlError {
    let at = u32::try_from(error.marker().byte_offset().unwrap_or(0)).unwrap_or(u32::MAX);
    YamlError { message: in_words(&error.info()).to_owned(), span: Span::new(at, at) }
}

/// Returns what is wrong in the words of somebody who writes rules.
fn in_words(info: &str) -> &'static str {
    let info = info.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| info.contains(word));
    if says(&["tab"]) {
        "a tab stands where YAML needs blanks"
    } else if says(&["unknown anchor"]) {
        "an alias names an anchor that is not there"
    } else if says(&["escape", "surrogate", "hexadecimal"]) {
        "between double quotes, `\\` begins an escape and this is none"
    } else if says(&["quoted"]) {
        "a quoted text does not end well: a quote in it is doubled between single quotes and \
         escaped between double ones"
    } else if says(&["unclosed", "unterminated", "flow", "unexpected eof", "stream end"]) {
        "a list, a mapping or a quoted text is not closed"
    } else if says(&["block scalar"]) {
        "the head of a block is `|` or `>`, and nothing behind it but `-`, `+` or a number"
    } else {
        "the text does not fit the keys around it: a value with `: ` or ` #` in it needs quotes, \
         and keys of one level start in one column"
    }
}

/// A tree in the making.
#[derive(Default)]
struct Builder {
    tree: Tree,
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
    /// The keys that the mapping has.
    keys: HashMap<String, Span>,
}

impl Builder {
    fn open(&mut self, value: Value, span: Span, anchor: usize) {
        self.open.push(Open {
            node: Node { value, span, is_computed: false },
            anchor,
            key: None,
            keys: HashMap::new(),
        });
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
            Value::Mapping(entries) => {
                if let Some(key) = parent.key.take() {
                    entries.push((key, node));
                    return;
                }
                if let Some(name) = node.text().filter(|name| *name != MERGE) {
                    if let Some(first) = parent.keys.get(name) {
                        let (key, span, first) = (name.to_owned(), node.span, *first);
                        self.tree.repeated.push(RepeatedKey { key, span, first });
                    } else {
                        parent.keys.insert(name.to_owned(), node.span);
                    }
                }
                parent.key = Some(node);
            }
            Value::Scalar(_) => {}
        }
    }

    fn close(&mut self, end: Span) {
        if let Some(Open { mut node, anchor, .. }) = self.open.pop() {
            node.span = Span::new(node.span.start, end.end.max(node.span.start));
            if let Value::Mapping(entries) = &mut node.value {
                merge(entries);
            }
            self.add(node, anchor);
        }
    }

    fn copy(&mut self, anchor: usize, span: Span) -> Result<(), YamlError> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            let message = in_words("unknown anchor").to_owned();
            return Err(YamlError { message, span });
        };
        self.copied = self.copied.saturating_add(size(&node));
        if self.copied > MAX_COPIED_NODES {
            let message = "aliases unfold to more than a rule can need".to_owned();
            return Err(YamlError { message, span });
        }
        self.add(node, 0);
        Ok(())
    }

    fn end_document(&mut self) {
        self.tree.documents.extend(self.root.take());
    }
}

/// The key whose mappings are taken over. Source: YAML 1.1, "Merge Key Language-Independent Type".
const MERGE: &str = "<<";

/// Takes over the entries of `<<`; a mapping's own entries hold against them.
fn merge(entries: &mut Vec<(Node, Node)>) {
    let is_merge = |(key, _): &(Node, Node)| matches!(&key.value, Value::Scalar(Scalar { text, style: ScalarStyle::Plain }) if text == MERGE);
    if !entries.iter().any(is_merge) {
        return;
    }
    let (merged, own): (Vec<_>, Vec<_>) = std::mem::take(entries).into_iter().partition(is_merge);
    *entries = own;
    for (_, value) in merged {
        let sources = match value.value {
            Value::Sequence(items) => items,
            _ => vec![value],
        };
        for (key, value) in sources.into_iter().flat_map(|source| source.entries().to_vec()) {
            let is_there = entries.iter().any(|(own, _)| own.text() == key.text());
            if !is_there {
                entries.push((key, value));
            }
        }
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
