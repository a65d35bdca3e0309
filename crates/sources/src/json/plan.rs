//! What to take from each JSON record: paths compiled into a tree that is walked with the text.
//!
//! In: paths, each with a slot. Out: for every record the spans of the values found. A plan learns
//! the order in which keys come, so that a record shaped like the one before costs one comparison
//! per key; values nobody asked for are skipped, never built.

use std::cmp::Ordering;

use super::{
    cursor::{Cursor, JsonError},
    repeated,
    text::unescape,
};

/// A step of a path that stands for any key, attributes excepted.
pub(crate) const ANY: &str = "*";

/// Keys after the expected one that are looked at before giving up on the learnt order.
const LOOK_AHEAD: usize = 6;
/// Keys learnt per object; more would be the mark of an object used as a map.
const MAX_LEARNT: usize = 256;

/// The number of a value that a plan takes from each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot(u16);

/// How the walk through a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walked {
    /// All that is needed was found; what follows in the record has not been looked at.
    Enough,
    /// The decisive values were found and the record is not wanted.
    Unwanted,
    /// The record was read to its end.
    Whole,
}

/// A tree of the paths to take.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    nodes: Vec<Node>,
    slots: u16,
    decisive: Vec<bool>,
    awaited: Vec<bool>,
    /// Whether there are several places where a slot's value may be.
    alternatives: Vec<bool>,
    collects: bool,
    /// Whether top-level keys that the plan does not know are told.
    tells_strangers: bool,
}

/// The values of one record, as spans of its text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    values: Vec<Option<Span>>,
    collected: Vec<(Span, Span)>,
    strangers: Vec<Span>,
    decisive_left: usize,
    awaited_left: usize,
}

type Span = (u32, u32);

#[derive(Clone, Debug, Default)]
struct Node {
    /// Keys with their steps, ordered by length, then bytes.
    known: Vec<(Box<str>, Step)>,
    other: Step,
    /// Keys in the order in which they came.
    learnt: Vec<Learnt>,
}

#[derive(Clone, Debug)]
struct Learnt {
    /// The key as it is written, quotes included.
    quoted: Box<str>,
    step: Step,
    /// Whether it is learnt for an earlier place as well.
    is_again: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Step {
    take: Option<Slot>,
    enter: Option<usize>,
    collect: bool,
    is_strange: bool,
}

impl Plan {
    /// Returns a plan that takes nothing.
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
            slots: 0,
            decisive: Vec::new(),
            awaited: Vec::new(),
            alternatives: Vec::new(),
            collects: false,
            tells_strangers: false,
        }
    }

    /// Has the walk tell the top-level keys that are neither taken nor [acknowledged](Self::acknowledge).
    ///
    /// A walk that ends early has not looked at the keys behind what it needed.
    pub(crate) fn tell_strangers(&mut self) {
        self.tells_strangers = true;
        if let Some(root) = self.nodes.first_mut() {
            root.other.is_strange = true;
        }
    }

    /// Has a top-level key be told no more.
    pub(crate) fn acknowledge(&mut self, key: &str) {
        if !self.tells_strangers {
            return;
        }
        // The key may have been learnt as a strange one.
        self.step_mut(0, key);
        if let Some(root) = self.nodes.first_mut() {
            for learnt in &mut root.learnt {
                if learnt.step.is_strange && unescape(unquoted(&learnt.quoted)) == key {
                    learnt.step.is_strange = false;
                }
            }
        }
    }

    /// Adds a path and returns its slot; a path added before keeps the slot it has.
    pub(crate) fn take<S: AsRef<str>>(&mut self, path: &[S]) -> Slot {
        self.take_any(&[path])
    }

    /// Adds paths at any of which the value may be, and returns their slot.
    ///
    /// The one that comes first in the record counts, unless there is nothing in it and something in a
    /// later one. If one of the paths was added before, all of them get its slot.
    pub(crate) fn take_any<P: AsRef<[S]>, S: AsRef<str>>(&mut self, paths: &[P]) -> Slot {
        let mut slot = None;
        for path in paths {
            slot = slot.or_else(|| self.step_at(path.as_ref())?.take);
        }
        let slot = slot.unwrap_or_else(|| {
            let next = Slot(self.slots);
            self.slots = self.slots.saturating_add(1);
            self.decisive.push(false);
            self.awaited.push(true);
            self.alternatives.push(false);
            next
        });
        if paths.len() > 1
            && let Some(alternatives) = self.alternatives.get_mut(usize::from(slot.0))
        {
            *alternatives = true;
        }
        for path in paths {
            if let Some(step) = self.step_at(path.as_ref()) {
                step.take.get_or_insert(slot);
            }
        }
        slot
    }

    /// Collects the top-level members whose key is none of `except`.
    ///
    /// Comes after every path has been added.
    pub(crate) fn collect_top_level_except(&mut self, except: &[&str]) {
        self.collects = true;
        for key in except {
            self.step_mut(0, key);
        }
        if let Some(root) = self.nodes.first_mut() {
            root.other.collect = true;
            for (key, step) in &mut root.known {
                step.collect = !except.contains(&&**key);
            }
        }
    }

    /// Marks a slot as one of those that decide whether a record is wanted.
    pub(crate) fn decide_by(&mut self, slot: Slot) {
        if let Some(decisive) = self.decisive.get_mut(usize::from(slot.0)) {
            *decisive = true;
        }
    }

    /// Marks a slot as one whose absence does not keep the walk going.
    pub(crate) fn do_not_await(&mut self, slot: Slot) {
        if let Some(awaited) = self.awaited.get_mut(usize::from(slot.0)) {
            *awaited = false;
        }
    }

    /// Walks through one object and leaves the spans of its values in `taken`.
    ///
    /// `wanted` is asked once, as soon as every decisive value has been found.
    ///
    /// # Errors
    ///
    /// Names the first byte that is no JSON, as far as the walk came.
    pub(crate) fn walk(
        &mut self,
        record: &str,
        taken: &mut Taken,
        wanted: &mut dyn FnMut(&Taken) -> bool,
    ) -> Result<Walked, JsonError> {
        taken.reset(self);
        let mut cursor = Cursor::new(record);
        if let Some(early) = self.object((0, record), &mut cursor, taken, wanted)? {
            // What has not been looked at may be damaged; that it is cut off shows at its end.
            let is_closed = record.trim_ascii_end().ends_with('}');
            let cut = JsonError { offset: record.len(), expected: "the end of the record" };
            return if is_closed { Ok(early) } else { Err(cut) };
        }
        match cursor.peek() {
            None => Ok(Walked::Whole),
            Some(_) => Err(cursor.error("the end of the record")),
        }
    }

    fn object(
        &mut self,
        (node, record): (usize, &str),
        cursor: &mut Cursor<'_>,
        taken: &mut Taken,
        wanted: &mut dyn FnMut(&Taken) -> bool,
    ) -> Result<Option<Walked>, JsonError> {
        cursor.peek();
        let object_start = cursor.offset();
        cursor.require(b'{', "`{`")?;
        if cursor.take(b'}') {
            return Ok(None);
        }
        let mut place = 0_usize;
        loop {
            if cursor.peek() != Some(b'"') {
                return Err(cursor.error("a key"));
            }
            let key_start = cursor.offset();
            let step = self.step(node, &mut place, (object_start, record), cursor)?;
            let key_end = cursor.offset();
            cursor.require(b':', "`:`")?;
            let first = cursor.peek();
            let value_start = cursor.offset();
            match step.enter {
                Some(child) if first == Some(b'{') => {
                    if let Some(early) = self.object((child, record), cursor, taken, wanted)? {
                        return Ok(Some(early));
                    }
                }
                _ => cursor.skip_value()?,
            }
            let value = span(value_start, cursor.offset());
            if step.collect {
                taken.collected.push((span(key_start, key_end), value));
            }
            if step.is_strange {
                taken.strangers.push(span(key_start, key_end));
            }
            if let Some(slot) = step.take
                && let Some(early) = self.keep(slot, (value, record), taken, wanted)
            {
                return Ok(Some(early));
            }
            if !cursor.take(b',') {
                cursor.require(b'}', "`,` or `}`")?;
                return Ok(None);
            }
        }
    }

    /// Records a value and tells whether the walk is over with it.
    fn keep(
        &self,
        slot: Slot,
        (value, record): (Span, &str),
        taken: &mut Taken,
        wanted: &mut dyn FnMut(&Taken) -> bool,
    ) -> Option<Walked> {
        let at = usize::from(slot.0);
        let entry = taken.values.get_mut(at)?;
        let says_nothing = |value: Span| slice(record, value).is_none_or(says_nothing);
        let gives_way = self.alternatives.get(at) == Some(&true) && says_nothing(value);
        if let Some(known) = *entry
            && (gives_way || self.alternatives.get(at) != Some(&true) || !says_nothing(known))
        {
            return None;
        }
        *entry = Some(value);
        if gives_way {
            return None;
        }
        if self.awaited.get(at) == Some(&true) {
            taken.awaited_left = taken.awaited_left.saturating_sub(1);
        }
        if self.decisive.get(at) == Some(&true) {
            taken.decisive_left = taken.decisive_left.saturating_sub(1);
            if taken.decisive_left == 0 && !wanted(taken) {
                return Some(Walked::Unwanted);
            }
        }
        (taken.awaited_left == 0 && !self.collects).then_some(Walked::Enough)
    }

    /// Takes a key and returns what to do with its value.
    ///
    /// - `object`: where the object with the key starts, and the record.
    #[inline]
    fn step(
        &mut self,
        node: usize,
        place: &mut usize,
        object: (usize, &str),
        cursor: &mut Cursor<'_>,
    ) -> Result<Step, JsonError> {
        let Some(node) = self.nodes.get_mut(node) else { return Err(cursor.error("a key")) };
        let ahead = node.learnt.get(*place..).unwrap_or_default().iter().take(LOOK_AHEAD);
        let key_start = cursor.offset();
        for (distance, learnt) in ahead.enumerate() {
            if cursor.take_literal(&learnt.quoted) {
                *place = place.saturating_add(distance).saturating_add(1);
                if learnt.is_again {
                    check_once(object, key_start, unquoted(&learnt.quoted))?;
                }
                return Ok(learnt.step);
            }
        }
        let key = cursor.string()?;
        let step = node.lookup(&unescape(key));
        // A key that comes out of its order may have come before.
        let is_again = node.has_learnt_before(*place, key);
        if is_again {
            check_once(object, key_start, key)?;
        }
        if node.learnt.len() < MAX_LEARNT && *place <= node.learnt.len() {
            for learnt in node.learnt.iter_mut().skip(*place) {
                learnt.is_again |= unquoted(&learnt.quoted) == key;
            }
            let quoted = format!("\"{key}\"").into_boxed_str();
            node.learnt.insert(*place, Learnt { quoted, step, is_again });
            *place = place.saturating_add(1);
        }
        Ok(step)
    }

    fn step_at<S: AsRef<str>>(&mut self, path: &[S]) -> Option<&mut Step> {
        let (node, key) = self.descend(path);
        self.step_mut(node, key)
    }

    /// Returns the node that holds the last key of a path, and that key.
    fn descend<'p, S: AsRef<str>>(&mut self, path: &'p [S]) -> (usize, &'p str) {
        let mut node = 0_usize;
        let (last, steps) = match path.split_last() {
            Some((last, steps)) => (last.as_ref(), steps),
            None => ("", path),
        };
        for key in steps {
            let fresh = self.nodes.len();
            let Some(step) = self.step_mut(node, key.as_ref()) else { break };
            node = *step.enter.get_or_insert(fresh);
            if node == fresh {
                self.nodes.push(Node::default());
            }
        }
        (node, last)
    }

    fn step_mut(&mut self, node: usize, key: &str) -> Option<&mut Step> {
        let node = self.nodes.get_mut(node)?;
        if key == ANY {
            return Some(&mut node.other);
        }
        let at = match node.find(key) {
            Ok(at) => at,
            Err(at) => {
                node.known.insert(at, (key.into(), Step::default()));
                at
            }
        };
        node.known.get_mut(at).map(|(_, step)| step)
    }
}

impl Node {
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.known.binary_search_by(|(known, _)| match known.len().cmp(&key.len()) {
            Ordering::Equal => (**known).cmp(key),
            unequal => unequal,
        })
    }

    /// Tells whether a key, as it is written, has been learnt for a place before this one.
    fn has_learnt_before(&self, place: usize, key: &str) -> bool {
        self.learnt.iter().take(place).any(|learnt| unquoted(&learnt.quoted) == key)
    }

    fn lookup(&self, key: &str) -> Step {
        match self.find(key) {
            Ok(at) => self.known.get(at).map(|(_, step)| *step).unwrap_or_default(),
            Err(_) if !self.other.collect && is_attributes(key) => Step::default(),
            Err(_) => self.other,
        }
    }
}

impl Taken {
    /// Returns the text of a slot's value in `record`, quotes and escapes as they are.
    #[inline]
    pub(crate) fn get<'r>(&self, slot: Slot, record: &'r str) -> Option<&'r str> {
        let span = (*self.values.get(usize::from(slot.0))?)?;
        slice(record, span)
    }

    /// Yields the collected members: the key between its quotes, and the value's text.
    pub(crate) fn collected<'r>(
        &self,
        record: &'r str,
    ) -> impl Iterator<Item = (&'r str, &'r str)> + use<'r, '_> {
        self.collected.iter().filter_map(|(key, value)| {
            let key = slice(record, *key)?.strip_prefix('"')?.strip_suffix('"')?;
            Some((key, slice(record, *value)?))
        })
    }

    /// Yields the top-level keys that the plan does not know, as they are written between their quotes.
    pub(crate) fn strangers<'r>(
        &self,
        record: &'r str,
    ) -> impl Iterator<Item = &'r str> + use<'r, '_> {
        self.strangers.iter().filter_map(|key| Some(unquoted(slice(record, *key)?)))
    }

    fn reset(&mut self, plan: &Plan) {
        self.values.clear();
        self.values.resize(usize::from(plan.slots), None);
        self.collected.clear();
        self.strangers.clear();
        self.decisive_left = plan.decisive.iter().filter(|decisive| **decisive).count();
        self.awaited_left = plan.awaited.iter().filter(|awaited| **awaited).count();
    }
}

/// Fails if the object, which starts at an offset of the record, has a key before the place of this one.
fn check_once(
    (object_start, record): (usize, &str),
    key_start: usize,
    key: &str,
) -> Result<(), JsonError> {
    if repeated::has_key(record.get(object_start..key_start).unwrap_or_default(), key) {
        return Err(JsonError { offset: key_start, expected: repeated::EXPECTED });
    }
    Ok(())
}

fn unquoted(key: &str) -> &str {
    key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key)
}

/// Tells whether a value is there without anything in it.
pub(crate) fn says_nothing(value: &str) -> bool {
    matches!(value, "null" | "\"\"" | "{}" | "[]")
}

/// Tells whether a key holds an XML element's attributes in a JSON rendering of it.
pub(crate) fn is_attributes(key: &str) -> bool {
    key == "#attributes" || key.ends_with("_attributes")
}

fn span(start: usize, end: usize) -> Span {
    (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
}

#[inline]
fn slice(record: &str, (start, end): Span) -> Option<&str> {
    record.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

#[cfg(test)]
mod tests;
