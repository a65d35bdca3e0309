//! An event's tree that reads any form of time.

use kql_types::Ticks;
use windows_event_model::{DataValue, Event, EventTree, SystemField, SystemValue};

use crate::{
    events::{
        record::{is_blank, is_number},
        times::EventTimes,
    },
    losses::Cause,
    problem::Reason,
};

/// An event as its XML tree, with its time.
#[derive(Debug)]
pub(crate) struct TreeEvent {
    tree: EventTree,
    time: Option<Ticks>,
    /// What stands where the time should.
    time_text: Option<String>,
    /// What stands where the data should and is in no form that is known.
    strange_data: Option<String>,
    lost: Vec<(Cause, String)>,
}

impl TreeEvent {
    /// Wraps the tree of an event and its time, if it has one.
    pub(crate) const fn new(tree: EventTree, time: Option<Ticks>) -> Self {
        Self { tree, time, time_text: None, strange_data: None, lost: Vec::new() }
    }

    /// Takes note of the text that is the time, or should have been.
    pub(crate) fn with_time_text(self, text: Option<String>) -> Self {
        Self { time_text: text, ..self }
    }

    /// Reads the time as the column of its key in the record is read; what only the shape can read stays.
    pub(crate) fn read_time(&mut self, record: &str, times: &mut EventTimes) {
        if let Some(text) = self.time_text.as_deref().filter(|text| !is_number(text)) {
            self.time = times.read(record, text).or(self.time);
        }
    }

    /// Takes note of a text that should have been the data.
    pub(crate) fn with_strange_data(self, text: Option<String>) -> Self {
        Self { strange_data: text, ..self }
    }

    /// Tells whether the event has what makes a record an event of a shape.
    ///
    /// # Errors
    ///
    /// What it lacks: a time, a provider if `needs_provider`, data in a known form.
    pub(crate) fn claim(&self, shape: &'static str, needs_provider: bool) -> Result<(), Reason> {
        if self.time.is_none() {
            return Err(match &self.time_text {
                Some(text) => Reason::unreadable_time("the event's time", text),
                None => Reason::Lacks { shape, what: "a time" },
            });
        }
        if needs_provider && !self.has_provider() {
            return Err(Reason::Lacks { shape, what: "a provider" });
        }
        if is_blank(self.tree.system(SystemField::EventId).as_ref()) {
            return Err(Reason::Lacks { shape, what: "an event id" });
        }
        match &self.strange_data {
            Some(found) => Err(Reason::strange_data(shape, found)),
            None => Ok(()),
        }
    }

    fn has_provider(&self) -> bool {
        let name = self.tree.system(SystemField::ProviderName);
        matches!(name, Some(SystemValue::Text(name)) if !name.is_empty())
    }

    /// Adds what of the event could not be read, and what stood there.
    pub(crate) fn with_lost(mut self, lost: Vec<(Cause, String)>) -> Self {
        self.lost = lost;
        self
    }

    /// Returns what of the event could not be read.
    pub(crate) fn lost(&self) -> &[(Cause, String)] {
        &self.lost
    }
}

impl Event for TreeEvent {
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
        match field {
            SystemField::TimeCreated => self.time.map(SystemValue::Number),
            _ => self.tree.system(field),
        }
    }

    fn data(&self, path: &[String]) -> Option<DataValue<'_>> {
        self.tree.data(path)
    }
}
