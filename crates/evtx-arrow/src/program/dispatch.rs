//! From a template to the filters that its records have to be tested against.
//!
//! In: the filters of all requests, and where a template has the header fields. Out: for a record,
//! those filters that its header meets. However many filters ask for event ids, a record whose id
//! nobody asks for costs one look into a sorted list.

use std::{collections::BTreeMap, ops::Range, rc::Rc};

use windows_event_model::{SystemField, Ticks, parse_xml_time};

use crate::{
    binxml::{
        instance::{Instance, Located},
        value::Value,
    },
    program::{
        header::Header,
        source::{Slot, Source, value_of},
    },
    request::{EventFilter, EventRequest, is_one_of},
    utf8::as_str,
};

/// The filters that records of a template have to be tested against.
#[derive(Debug)]
pub(crate) enum Dispatch {
    /// Only the record's tree can tell.
    Tree,
    /// These.
    Arms {
        /// Where the event id is, if any of the arms asks for it.
        id: Option<Slot>,
        /// The arms that ask for an event id, ordered by it.
        by_id: Vec<(u32, Vec<Arm>)>,
        /// The others.
        others: Vec<Arm>,
    },
}

/// What is left to test of one filter; no filter at all is one that accepts everything.
#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub(crate) selected: Selected,
    tests: Rc<[Test]>,
}

/// A filter that a record's header meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// The index of the request.
    pub(crate) request: usize,
    /// The index of the filter within it; `None` for a request without filters.
    pub(crate) filter: Option<usize>,
}

/// The arms to test for one record.
pub(crate) enum Candidates<'d> {
    /// Only the record's tree can tell.
    Tree,
    /// Those that ask for its event id, then the others.
    Arms(&'d [Arm], &'d [Arm]),
}

/// A condition on the value of a slot.
#[derive(Debug)]
struct Test {
    slot: Slot,
    condition: Condition,
}

/// What a value has to be.
#[derive(Clone, Debug)]
enum Condition {
    /// One of these texts, without regard to ASCII case.
    Text(Vec<String>),
    /// A time in this range.
    Time(Range<Ticks>),
}

impl Dispatch {
    /// Compiles the filters of all requests against a template's header.
    pub(crate) fn compile(header: &Header<'_>, requests: &[EventRequest]) -> Self {
        let mut by_id: BTreeMap<u32, Vec<Arm>> = BTreeMap::new();
        let mut others = Vec::new();
        let mut id = None;
        for (request, EventRequest { filters, .. }) in requests.iter().enumerate() {
            if filters.is_empty() {
                let selected = Selected { request, filter: None };
                others.push(Arm { selected, tests: Rc::default() });
            }
            for (index, filter) in filters.iter().enumerate() {
                let selected = Selected { request, filter: Some(index) };
                let tests = match tests(header, filter) {
                    Tests::Left(tests) => tests.into(),
                    Tests::Fails => continue,
                    Tests::Tree => return Self::Tree,
                };
                let arm = Arm { selected, tests };
                match ids(header, filter) {
                    Ids::Any => others.push(arm),
                    Ids::None => {}
                    Ids::Tree => return Self::Tree,
                    Ids::At(slot, ids) => {
                        id = Some(slot);
                        for &id in ids {
                            by_id.entry(id).or_default().push(arm.clone());
                        }
                    }
                }
            }
        }
        Self::Arms { id, by_id: by_id.into_iter().collect(), others }
    }

    /// Returns the arms that a record has to be tested against.
    pub(crate) fn candidates(&self, instance: &Instance<'_>, text: &mut Vec<u8>) -> Candidates<'_> {
        let Self::Arms { id, by_id, others } = self else { return Candidates::Tree };
        let value = id.and_then(|slot| {
            let is_missing = slot.dependency.is_some_and(|dependency| instance.is_null(dependency));
            if is_missing { None } else { instance.value(slot.id) }
        });
        let Some(value) = value else { return Candidates::Arms(&[], others) };
        if !value.is_scalar() {
            return Candidates::Tree;
        }
        let number = value.number().or_else(|| {
            text.clear();
            value.push_text(text);
            as_str(text).parse().ok()
        });
        let arms = number
            .and_then(|number| u32::try_from(number).ok())
            .and_then(|number| by_id.binary_search_by_key(&number, |(id, _)| *id).ok())
            .and_then(|at| by_id.get(at))
            .map_or(&[][..], |(_, arms)| arms);
        Candidates::Arms(arms, others)
    }
}

impl Arm {
    /// Tells whether a record's header meets the rest of the filter; `None` if only the record's
    /// tree can tell.
    pub(crate) fn accepts(&self, values: Located<'_, '_>, text: &mut Vec<u8>) -> Option<bool> {
        for Test { slot, condition } in &*self.tests {
            let Some(value) = value_of(values, *slot) else {
                if condition.accepts_missing() {
                    continue;
                }
                return Some(false);
            };
            if !value.is_scalar() {
                return None;
            }
            if !condition.accepts(value, text) {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// What is left to test of a filter, its event ids aside.
enum Tests {
    /// These conditions.
    Left(Vec<Test>),
    /// Nothing: the template already fails it.
    Fails,
    /// Only the record's tree can tell.
    Tree,
}

fn tests(header: &Header<'_>, filter: &EventFilter) -> Tests {
    let mut tests = Vec::new();
    for (field, condition) in conditions(filter) {
        match header.source(field) {
            Source::Tree => return Tests::Tree,
            Source::Slot(slot) => tests.push(Test { slot, condition }),
            Source::Literal(text) if condition.accepts_text(&text) => {}
            Source::Missing if condition.accepts_missing() => {}
            Source::Literal(_) | Source::Missing => return Tests::Fails,
        }
    }
    Tests::Left(tests)
}

/// Yields the conditions of a filter, its event ids aside.
fn conditions(filter: &EventFilter) -> impl Iterator<Item = (SystemField, Condition)> {
    let texts = [
        (SystemField::ProviderName, &filter.providers),
        (SystemField::Channel, &filter.channels),
        (SystemField::Computer, &filter.computers),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(field, names)| Some((field, Condition::Text(names.clone()?))));
    let times =
        filter.time.iter().map(|range| (SystemField::TimeCreated, Condition::Time(range.clone())));
    texts.chain(times)
}

/// What a filter asks of the event id.
enum Ids<'f> {
    /// Nothing, or the template already meets it.
    Any,
    /// What the template fails.
    None,
    /// That the slot has one of these.
    At(Slot, &'f [u32]),
    /// Only the record's tree can tell.
    Tree,
}

fn ids<'f>(header: &Header<'_>, filter: &'f EventFilter) -> Ids<'f> {
    let Some(ids) = &filter.event_ids else { return Ids::Any };
    match header.source(SystemField::EventId) {
        Source::Tree => Ids::Tree,
        Source::Slot(slot) => Ids::At(slot, ids),
        Source::Literal(text) if text.parse().is_ok_and(|id| ids.contains(&id)) => Ids::Any,
        Source::Literal(_) | Source::Missing => Ids::None,
    }
}

impl Condition {
    fn accepts(&self, value: Value<'_>, text: &mut Vec<u8>) -> bool {
        text.clear();
        match self {
            Self::Text(_) => {
                value.push_text(text);
                self.accepts_text(as_str(text))
            }
            Self::Time(range) => value.ticks(text).is_some_and(|time| range.contains(&time)),
        }
    }

    /// Tells whether text, as the XML has it, fulfils the condition.
    fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Text(names) => is_one_of(names, text),
            Self::Time(range) => parse_xml_time(text).is_some_and(|time| range.contains(&time)),
        }
    }

    /// Tells whether an event without the field fulfils the condition: its text is then empty.
    fn accepts_missing(&self) -> bool {
        match self {
            Self::Text(names) => names.iter().any(String::is_empty),
            Self::Time(_) => false,
        }
    }
}
