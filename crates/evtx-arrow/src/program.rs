//! A request compiled against a template: where in an instance each wanted value is.
//!
//! In: a template's tree and a request. Out: sources, which are literals and slots. What no
//! source can express is left to the tree of the record.

use std::{cell::OnceCell, ops::Range, rc::Rc};

use kql_types::Ticks;

use crate::{
    binxml::node::{ElementNode, Node},
    fields::{DataPlace, compile_event_data, compile_section, compile_wrapper},
    request::{EventColumn, EventFilter, EventRequest},
    system_field::SystemField,
    system_value,
    ticks::parse_xml_time,
};

/// What a request became for one template, compiled when first needed.
pub(crate) struct Programs {
    event: OnceCell<EventProgram>,
    section: OnceCell<Rc<DataPlace>>,
    wrapper: OnceCell<Rc<DataPlace>>,
}

/// Where a fragment with an event's data stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// In `Event`: the fragment is `EventData` or `UserData`.
    Section,
    /// In `UserData`: the fragment is the element that wraps the data.
    Wrapper,
}

/// A request compiled against a template whose root is an event.
pub(crate) struct EventProgram {
    /// Whether records of this template are wanted.
    pub(crate) verdict: Verdict,
    /// For each column of the request, the source of its header field.
    pub(crate) header: Vec<Source>,
    /// Where the event's data are.
    pub(crate) data: Rc<DataPlace>,
}

/// Whether records of a template are wanted.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// All are.
    Always,
    /// Those are that pass all tests of any of the lists; none of them if there is no list.
    IfAny(Vec<Vec<Test>>),
    /// Only the record's tree can tell.
    Tree,
}

/// A condition on the value of a slot.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) slot: Slot,
    pub(crate) condition: Condition,
}

/// What a value has to be.
#[derive(Debug)]
pub(crate) enum Condition {
    /// One of these numbers.
    Number(Vec<u32>),
    /// One of these texts, without regard to ASCII case.
    Text(Vec<String>),
    /// A time in this range.
    Time(Range<Ticks>),
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere.
    Missing,
    /// In the template.
    Literal(String),
    /// In the instance.
    Slot(Slot),
    /// In a form that takes the record's tree.
    Tree,
}

/// A value of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: u16,
    /// A value without which this one is missing too.
    pub(crate) dependency: Option<u16>,
}

impl Programs {
    /// Returns programs yet to be compiled.
    pub(crate) const fn new() -> Self {
        Self { event: OnceCell::new(), section: OnceCell::new(), wrapper: OnceCell::new() }
    }

    /// Returns the program for a template whose root is an event.
    pub(crate) fn event(&self, root: &ElementNode, request: &EventRequest) -> &EventProgram {
        self.event.get_or_init(|| EventProgram::compile(root, request))
    }

    /// Returns where the data are in a template that is a part of an event.
    pub(crate) fn data(
        &self,
        role: Role,
        root: &ElementNode,
        columns: &[EventColumn],
    ) -> Rc<DataPlace> {
        let place = match role {
            Role::Section => self.section.get_or_init(|| compile_section(root, columns).into()),
            Role::Wrapper => self.wrapper.get_or_init(|| compile_wrapper(root, columns).into()),
        };
        Rc::clone(place)
    }
}

impl EventProgram {
    fn compile(root: &ElementNode, request: &EventRequest) -> Self {
        let header = Header::find(root);
        Self {
            verdict: Verdict::compile(&header, &request.filters),
            header: request
                .columns
                .iter()
                .map(|column| match column {
                    EventColumn::System(field) => header.source(*field),
                    EventColumn::Text(_) | EventColumn::Dynamic(_) => Source::Missing,
                })
                .collect(),
            data: compile_event_data(root, &request.columns).into(),
        }
    }
}

impl Verdict {
    fn compile(header: &Header<'_>, filters: &[EventFilter]) -> Self {
        if filters.is_empty() {
            return Self::Always;
        }
        let mut lists = Vec::new();
        for filter in filters {
            match FilterTests::compile(header, filter) {
                FilterTests::Tests(tests) if tests.is_empty() => return Self::Always,
                FilterTests::Tests(tests) => lists.push(tests),
                FilterTests::Fails => {}
                FilterTests::Tree => return Self::Tree,
            }
        }
        Self::IfAny(lists)
    }
}

/// What is left to test of a filter.
enum FilterTests {
    /// These conditions.
    Tests(Vec<Test>),
    /// Nothing: the template already fails it.
    Fails,
    /// Only the record's tree can tell.
    Tree,
}

impl FilterTests {
    fn compile(header: &Header<'_>, filter: &EventFilter) -> Self {
        let mut tests = Vec::new();
        for (field, condition) in conditions(filter) {
            match header.source(field) {
                Source::Tree => return Self::Tree,
                Source::Slot(slot) => tests.push(Test { slot, condition }),
                Source::Literal(text) if condition.accepts_text(&text) => {}
                Source::Missing if condition.accepts_missing() => {}
                Source::Literal(_) | Source::Missing => return Self::Fails,
            }
        }
        Self::Tests(tests)
    }
}

/// Yields the conditions of a filter, those first that cost least to test.
fn conditions(filter: &EventFilter) -> impl Iterator<Item = (SystemField, Condition)> {
    let texts = [
        (SystemField::Provider, &filter.providers),
        (SystemField::Channel, &filter.channels),
        (SystemField::Computer, &filter.computers),
    ];
    let numbers = filter.event_ids.iter().map(|ids| {
        let mut ids = ids.clone();
        ids.sort_unstable();
        (SystemField::EventID, Condition::Number(ids))
    });
    let texts = texts
        .into_iter()
        .filter_map(|(field, names)| Some((field, Condition::Text(names.clone()?))));
    let times = filter
        .time
        .iter()
        .map(|range| (SystemField::TimeGenerated, Condition::Time(range.clone())));
    numbers.chain(texts).chain(times)
}

impl Condition {
    /// Tells whether text, as the XML has it, fulfils the condition.
    pub(crate) fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Number(_) => text.parse().is_ok_and(|number| self.accepts_number(number)),
            Self::Text(names) => names.iter().any(|name| name.eq_ignore_ascii_case(text)),
            Self::Time(_) => parse_xml_time(text).is_some_and(|time| self.accepts_time(time)),
        }
    }

    /// Tells whether a number fulfils the condition.
    pub(crate) fn accepts_number(&self, number: i64) -> bool {
        match self {
            Self::Number(sorted) => {
                u32::try_from(number).is_ok_and(|number| sorted.binary_search(&number).is_ok())
            }
            Self::Text(_) | Self::Time(_) => false,
        }
    }

    /// Tells whether a time fulfils the condition.
    pub(crate) fn accepts_time(&self, time: Ticks) -> bool {
        match self {
            Self::Time(range) => range.contains(&time),
            Self::Number(_) | Self::Text(_) => false,
        }
    }

    /// Tells whether an event without the field fulfils the condition: its text is then empty.
    pub(crate) fn accepts_missing(&self) -> bool {
        match self {
            Self::Text(names) => names.iter().any(String::is_empty),
            Self::Number(_) | Self::Time(_) => false,
        }
    }
}

/// The `System` element of an event's template.
enum Header<'a> {
    Element(&'a ElementNode),
    Missing,
    Tree,
}

impl<'a> Header<'a> {
    fn find(root: &'a ElementNode) -> Self {
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

    /// Returns the source of a field, or of the field that it restates.
    fn source(&self, field: SystemField) -> Source {
        let header = match self {
            Self::Element(header) => header,
            Self::Missing => return Source::Missing,
            Self::Tree => return Source::Tree,
        };
        let place = system_value::restated(field).unwrap_or(field).place();
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

/// Returns where the text of an element or attribute is.
pub(crate) fn source_of(content: &[Node], dependency: Option<u16>) -> Source {
    match content {
        [Node::Slot(id)] => Source::Slot(Slot { id: *id, dependency }),
        _ if dependency.is_some() => Source::Tree,
        _ => literal(content).map_or(Source::Tree, Source::Literal),
    }
}

/// Returns the text of nodes if it is literal.
pub(crate) fn literal(nodes: &[Node]) -> Option<String> {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
