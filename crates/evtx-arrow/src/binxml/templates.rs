//! The templates of a file, each parsed once however many chunks define it.
//!
//! Every chunk brings its own definitions. Two are the same template if their identifiers, their
//! sizes and their contents agree, where references to names agree if the names do.

use std::{collections::HashMap, rc::Rc};

use crate::{
    binxml::{
        budget::Budget,
        instance::DEFINITION_HEADER_LEN,
        name::{NameRef, counted_at},
        node::{ElementNode, Node},
        parse::{StreamKind, parse},
    },
    bytes,
    chunk::CHUNK_LEN,
    damage::RecordError,
};

/// A template: its tree, and what its user makes of it.
pub(crate) struct Template<P> {
    /// The root element; its dependency does not count.
    pub(crate) root: ElementNode,
    /// What its user finds out about it; empty at first.
    pub(crate) programs: P,
}

/// The templates of a file, as far as they were met.
pub(crate) struct Templates<P> {
    /// The templates met, with what tells them from others.
    known: Vec<(Rc<Template<P>>, Definition)>,
    /// Bytes of all definitions kept.
    bytes: usize,
    by_id: HashMap<Id, Vec<usize>>,
    /// For each offset of the current chunk, 1 plus the index of the template defined there.
    at: Vec<u32>,
    /// The offsets that `at` has an entry for.
    used: Vec<usize>,
}

/// GUID and size of a definition.
type Id = ([u8; 16], usize);

impl<P: Default> Templates<P> {
    /// Bytes of definitions above which all are forgotten; real files have a tenth of it.
    const MAX_BYTES: usize = 4 << 20;
    /// Different definitions under one identifier that are told apart.
    const MAX_VARIANTS: usize = 16;

    /// Returns an empty store.
    pub(crate) fn new() -> Self {
        Self {
            known: Vec::new(),
            bytes: 0,
            by_id: HashMap::new(),
            at: vec![0; CHUNK_LEN],
            used: Vec::new(),
        }
    }

    /// Goes on to the next chunk.
    pub(crate) fn next_chunk(&mut self) {
        for offset in self.used.drain(..) {
            if let Some(entry) = self.at.get_mut(offset) {
                *entry = 0;
            }
        }
        if self.bytes > Self::MAX_BYTES {
            self.known.clear();
            self.by_id.clear();
            self.bytes = 0;
        }
    }

    /// Returns the template whose definition is at `offset` of the current chunk.
    pub(crate) fn get(
        &mut self,
        chunk: &[u8],
        offset: usize,
        budget: &mut Budget,
    ) -> Result<Rc<Template<P>>, RecordError> {
        let entry = self.at.get(offset).copied().unwrap_or(0);
        let known =
            usize::try_from(entry).ok().and_then(|entry| self.known.get(entry.checked_sub(1)?));
        match known {
            Some((template, _)) => Ok(Rc::clone(template)),
            None => self.find(chunk, offset, budget),
        }
    }

    #[cold]
    fn find(
        &mut self,
        chunk: &[u8],
        offset: usize,
        budget: &mut Budget,
    ) -> Result<Rc<Template<P>>, RecordError> {
        let truncated = RecordError::Truncated { offset };
        let guid = bytes::array(chunk, offset.saturating_add(4)).ok_or(truncated)?;
        let size = bytes::u32(chunk, offset.saturating_add(20)).ok_or(truncated)?;
        let size = usize::try_from(size).map_err(|_| truncated)?;
        let start = offset.saturating_add(DEFINITION_HEADER_LEN);
        let body = chunk.get(start..).and_then(|rest| rest.get(..size)).ok_or(truncated)?;
        let variants = self.by_id.get(&(guid, size)).map_or(&[][..], Vec::as_slice);
        for &index in variants {
            budget.nodes((size / 64).saturating_add(1))?;
            if let Some((template, definition)) = self.known.get(index)
                && definition.is_at(chunk, start)
            {
                let template = Rc::clone(template);
                self.remember(offset, index);
                return Ok(template);
            }
        }
        budget.bytes(size)?;
        let is_new_variant = variants.len() < Self::MAX_VARIANTS;
        let (root, definition) = Definition::parse(chunk, start, body, budget)?;
        let template = Rc::new(Template { root, programs: P::default() });
        self.bytes = self.bytes.saturating_add(size);
        let index = self.known.len();
        self.known.push((Rc::clone(&template), definition));
        if is_new_variant {
            self.by_id.entry((guid, size)).or_default().push(index);
        }
        self.remember(offset, index);
        Ok(template)
    }

    fn remember(&mut self, offset: usize, index: usize) {
        let entry = u32::try_from(index).ok().and_then(|index| index.checked_add(1));
        if let (Some(at), Some(entry)) = (self.at.get_mut(offset), entry) {
            *at = entry;
            self.used.push(offset);
        }
    }
}

/// The bytes of a definition, and which of them may differ in another chunk.
struct Definition {
    body: Box<[u8]>,
    names: Vec<DefinitionName>,
}

/// A reference to a name in a definition.
struct DefinitionName {
    /// Where the reference is, from the start of the body.
    at: usize,
    is_inline: bool,
    /// The name, its length in front.
    counted: Box<[u8]>,
}

impl Definition {
    fn parse(
        chunk: &[u8],
        start: usize,
        body: &[u8],
        budget: &mut Budget,
    ) -> Result<(ElementNode, Self), RecordError> {
        let mut names = Vec::new();
        let mut on_name = |name: NameRef<'_>| {
            names.push(DefinitionName {
                at: name.at.saturating_sub(start),
                is_inline: name.is_inline,
                counted: name.counted.into(),
            });
        };
        let kind = StreamKind::Template;
        let mut roots = parse(chunk, start, body.len(), kind, budget, &mut on_name)?
            .into_iter()
            .filter_map(|node| match node {
                Node::Element(element) => Some(element),
                _ => None,
            });
        match (roots.next(), roots.next()) {
            (Some(root), None) => Ok((root, Self { body: body.into(), names })),
            _ => Err(RecordError::TemplateRoots { offset: start }),
        }
    }

    /// Tells whether this is the definition whose body starts at `start` of a chunk.
    fn is_at(&self, chunk: &[u8], start: usize) -> bool {
        let Some(other) = chunk.get(start..) else { return false };
        let mut compared = 0_usize;
        for name in &self.names {
            let at = start.saturating_add(name.at);
            let Some(offset) = bytes::u32(chunk, at).and_then(|at| usize::try_from(at).ok()) else {
                return false;
            };
            let after = name.at.saturating_add(size_of::<u32>());
            let is_inline = offset == start.saturating_add(after);
            let is_same_name = counted_at(chunk, offset) == Some(&name.counted);
            let is_same_before = self.body.get(compared..name.at) == other.get(compared..name.at);
            if is_inline != name.is_inline || !is_same_name || !is_same_before {
                return false;
            }
            compared = if is_inline { after.saturating_add(NameRef::LINK_LEN) } else { after };
        }
        // A name may go on past the body of a damaged definition.
        self.body.get(compared..) == other.get(compared..self.body.len())
    }
}
