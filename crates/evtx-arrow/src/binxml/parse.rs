//! Streams of tokens to nodes.

use std::rc::Rc;

use crate::{
    binxml::{
        budget::Budget,
        cursor::Cursor,
        instance::Instance,
        name::NameRef,
        node::{ElementNode, Node},
        text::{push_char, push_utf16},
        value::{Value, ty, width},
    },
    damage::RecordError,
    utf8::as_str,
};

/// What a stream is part of: it decides how elements start and what may stand in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamKind {
    /// A template's definition: has slots, and dependencies in its elements.
    Template,
    /// A record, or a fragment that is a value: has literals and template instances.
    Record,
}

mod token {
    pub(super) const END_OF_STREAM: u8 = 0x00;
    pub(super) const OPEN_START: u8 = 0x01;
    pub(super) const CLOSE_START: u8 = 0x02;
    pub(super) const CLOSE_EMPTY: u8 = 0x03;
    pub(super) const END_ELEMENT: u8 = 0x04;
    pub(super) const VALUE: u8 = 0x05;
    pub(super) const ATTRIBUTE: u8 = 0x06;
    pub(super) const CDATA: u8 = 0x07;
    pub(super) const CHAR_REFERENCE: u8 = 0x08;
    pub(super) const ENTITY_REFERENCE: u8 = 0x09;
    pub(super) const PI_TARGET: u8 = 0x0a;
    pub(super) const PI_DATA: u8 = 0x0b;
    pub(super) const INSTANCE: u8 = 0x0c;
    pub(super) const SLOT: u8 = 0x0d;
    pub(super) const OPTIONAL_SLOT: u8 = 0x0e;
    pub(super) const FRAGMENT_HEADER: u8 = 0x0f;
    /// Set in a token that more of its kind follow, in an element start that attributes follow.
    pub(super) const MORE: u8 = 0x40;
}

/// An element start has no dependency.
const NO_DEPENDENCY: u16 = 0xffff;

/// Parses the stream at `start`, at most `len` bytes of it, and returns its top-level nodes.
///
/// Tells `on_name` of every reference to a name.
pub(crate) fn parse<'a>(
    chunk: &'a [u8],
    start: usize,
    len: usize,
    kind: StreamKind,
    budget: &mut Budget,
    on_name: &mut dyn FnMut(NameRef<'a>),
) -> Result<Vec<Node>, RecordError> {
    let mut parser = Parser {
        cursor: Cursor::new(chunk, start),
        kind,
        budget,
        on_name,
        roots: Vec::new(),
        open: Vec::new(),
        starting: None,
    };
    let end = start.saturating_add(len);
    while parser.cursor.at() < end {
        if !parser.token()? {
            break;
        }
    }
    if !parser.open.is_empty() || parser.starting.is_some() {
        return Err(RecordError::Unclosed { offset: parser.cursor.at() });
    }
    Ok(parser.roots)
}

struct Parser<'a, 'p> {
    cursor: Cursor<'a>,
    kind: StreamKind,
    budget: &'p mut Budget,
    on_name: &'p mut dyn FnMut(NameRef<'a>),
    roots: Vec<Node>,
    /// Elements between their start and end.
    open: Vec<ElementNode>,
    /// The element whose start is being read, and whether an attribute of it is.
    starting: Option<ElementNode>,
}

impl Parser<'_, '_> {
    /// Reads a token; `false` at the end of the stream.
    fn token(&mut self) -> Result<bool, RecordError> {
        let offset = self.cursor.at();
        let byte = self.cursor.u8()?;
        let misplaced = RecordError::MisplacedToken { offset, token: byte };
        match byte & !token::MORE {
            token::END_OF_STREAM => return Ok(false),
            token::OPEN_START => self.open_start(byte & token::MORE != 0, misplaced)?,
            token::CLOSE_START => self.close_start(misplaced)?,
            token::CLOSE_EMPTY => {
                let element = self.starting.take().ok_or(misplaced)?;
                self.add(Node::Element(element), misplaced)?;
            }
            token::END_ELEMENT => {
                let element = self.open.pop().ok_or(misplaced)?;
                self.add(Node::Element(element), misplaced)?;
            }
            token::VALUE => self.value(misplaced)?,
            token::ATTRIBUTE => {
                let name = self.name()?;
                self.budget.nodes(1)?;
                self.starting.as_mut().ok_or(misplaced)?.attributes.push((name, Vec::new()));
            }
            token::CDATA => {
                let units = self.cursor.counted_text()?;
                self.text(misplaced, |out| push_utf16(units, out))?;
            }
            token::CHAR_REFERENCE => {
                let char = char::from_u32(self.cursor.u16()?.into()).unwrap_or('\u{fffd}');
                self.text(misplaced, |out| push_char(char, out))?;
            }
            token::ENTITY_REFERENCE => {
                let name = self.name()?;
                let text = entity(&name);
                self.text(misplaced, |out| out.extend_from_slice(text.as_bytes()))?;
            }
            token::PI_TARGET => drop(self.name()?),
            token::PI_DATA => drop(self.cursor.counted_text()?),
            token::INSTANCE => self.instance(offset, misplaced)?,
            token::SLOT | token::OPTIONAL_SLOT if self.kind == StreamKind::Template => {
                let id = self.cursor.u16()?;
                self.cursor.u8()?;
                self.add(Node::Slot(id), misplaced)?;
            }
            token::SLOT | token::OPTIONAL_SLOT => return Err(misplaced),
            token::FRAGMENT_HEADER => drop(self.cursor.take(3)?),
            _ => return Err(RecordError::UnknownToken { offset, token: byte }),
        }
        Ok(true)
    }

    fn open_start(
        &mut self,
        has_attributes: bool,
        misplaced: RecordError,
    ) -> Result<(), RecordError> {
        let dependency = match self.kind {
            StreamKind::Template => Some(self.cursor.u16()?).filter(|&id| id != NO_DEPENDENCY),
            StreamKind::Record => None,
        };
        self.cursor.u32()?; // the element's size, which its end token makes redundant
        let name = self.name()?;
        if has_attributes {
            self.cursor.u32()?; // the size of the attributes, likewise
        }
        let element =
            ElementNode { name, dependency, attributes: Vec::new(), children: Vec::new() };
        if self.starting.replace(element).is_some() {
            return Err(misplaced);
        }
        Ok(())
    }

    fn close_start(&mut self, misplaced: RecordError) -> Result<(), RecordError> {
        if self.open.len() >= Budget::MAX_DEPTH {
            return Err(RecordError::TooDeep);
        }
        self.open.push(self.starting.take().ok_or(misplaced)?);
        Ok(())
    }

    fn value(&mut self, misplaced: RecordError) -> Result<(), RecordError> {
        let offset = self.cursor.at();
        let ty = self.cursor.u8()?;
        let len = match ty {
            ty::NULL => 0,
            ty::STRING => usize::from(self.cursor.u16()?).saturating_mul(2),
            ty::BINXML => usize::from(self.cursor.u16()?),
            ty::SID => {
                let count = Cursor::new(self.cursor.chunk(), offset.saturating_add(2)).u8()?;
                usize::from(count).saturating_mul(4).saturating_add(8)
            }
            _ => width(ty).ok_or(RecordError::UnknownType { offset, ty })?,
        };
        let start = self.cursor.at();
        let bytes = self.cursor.take(len)?;
        if ty != ty::BINXML {
            return self.text(misplaced, |out| Value { ty, bytes }.push_text(out));
        }
        // A definition is shared by the chunks of a file, its bytes are not.
        if self.kind == StreamKind::Template || self.starting.is_some() {
            return Err(misplaced);
        }
        self.add(Node::Fragment(start..self.cursor.at()), misplaced)
    }

    fn instance(&mut self, offset: usize, misplaced: RecordError) -> Result<(), RecordError> {
        if self.kind == StreamKind::Template || self.starting.is_some() {
            return Err(misplaced);
        }
        let instance = Instance::read(self.cursor.chunk(), offset)?;
        self.cursor = Cursor::new(self.cursor.chunk(), instance.end()?);
        self.add(Node::Instance(offset), misplaced)
    }

    /// Adds rendered text.
    fn text(
        &mut self,
        misplaced: RecordError,
        render: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), RecordError> {
        let mut out = Vec::new();
        render(&mut out);
        self.budget.bytes(out.len())?;
        self.add(Node::Text(as_str(&out).to_owned()), misplaced)
    }

    /// Adds a node where the stream is: to an attribute, an element or the top level.
    fn add(&mut self, node: Node, misplaced: RecordError) -> Result<(), RecordError> {
        self.budget.nodes(1)?;
        if let Some(element) = &mut self.starting {
            if matches!(node, Node::Element(_)) {
                return Err(misplaced);
            }
            if let Some((_, value)) = element.attributes.last_mut() {
                value.push(node);
            }
        } else if let Some(element) = self.open.last_mut() {
            element.children.push(node);
        } else {
            self.roots.push(node);
        }
        Ok(())
    }

    fn name(&mut self) -> Result<Rc<str>, RecordError> {
        let reference = NameRef::read(&mut self.cursor)?;
        self.budget.bytes(reference.counted.len())?;
        let name = reference.name();
        (self.on_name)(reference);
        Ok(name)
    }
}

/// Returns the text of a named entity; one that XML does not define has none.
fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}
