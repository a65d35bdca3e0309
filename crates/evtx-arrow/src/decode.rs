//! Records to rows: the requests are answered from the record's template where they can be, from
//! its tree where they have to be.

use std::rc::Rc;

use crate::{
    batch::EventBatchBuilder,
    binxml::{
        budget::Budget,
        build::TreeBuilder,
        instance::{Extent, Instance, Located},
        templates::Templates,
        value::ty,
    },
    chunk::{RECORD_HEADER_LEN, RecordSlot, SIZE_COPY_LEN},
    damage::RecordError,
    program::{
        EventProgram, Programs,
        dispatch::{Candidates, Selected},
        fields::DataPlace,
    },
    request::EventRequest,
};
use windows_event_model::EventTree;

use found::EventFound;
use row::Scratch;

mod found;
mod row;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is a row of at least one request.
    Emitted,
    /// No filter accepts it.
    Filtered,
}

/// Turns the records of a file into rows, chunk by chunk.
pub(crate) struct RecordDecoder<'r> {
    requests: &'r [EventRequest],
    templates: Templates<Programs>,
    budget: Budget,
    extents: Extents,
    /// The filters that the record's header meets, and the requests that want it.
    selected: Vec<Selected>,
    wanted: Vec<usize>,
    scratch: Scratch,
}

/// Where the values are of the instances that the record at hand is made of.
#[derive(Default)]
struct Extents {
    event: Extent,
    data: Extent,
}

/// Whether an answer was found without the record's tree.
enum Answer<T> {
    Found(T),
    /// It takes the tree.
    Tree,
}

/// Where an event's data are: in which template, and in an instance of which, if not of the
/// event's own.
struct DataFound<'a> {
    place: Rc<DataPlace>,
    inner: Option<Instance<'a>>,
}

impl<'r> RecordDecoder<'r> {
    /// Returns a decoder for the records of one file.
    pub(crate) fn new(requests: &'r [EventRequest]) -> Self {
        Self {
            requests,
            templates: Templates::new(),
            budget: Budget::new(),
            extents: Extents::default(),
            selected: Vec::new(),
            wanted: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Goes on to the next chunk.
    pub(crate) fn next_chunk(&mut self) {
        self.templates.next_chunk();
        self.budget = Budget::new();
    }

    /// Appends a record to the batches of those requests that have a filter which accepts it.
    ///
    /// On an error, the batches are as before.
    pub(crate) fn record(
        &mut self,
        chunk: &[u8],
        record: RecordSlot,
        line: i64,
        batches: &mut [EventBatchBuilder],
    ) -> Result<Outcome, RecordError> {
        let start = record.offset.saturating_add(RECORD_HEADER_LEN);
        let len = record.len.saturating_sub(RECORD_HEADER_LEN + SIZE_COPY_LEN);
        self.budget.next_record();
        // The event is the first element of the record, whatever follows it.
        if let Some(instance) = Instance::read_first(chunk, start, len)? {
            let template = self.templates.get(chunk, instance.definition, &mut self.budget)?;
            let program = template.programs.event(&template.root, self.requests);
            let stream_end = start.saturating_add(len);
            let answer = self.instance(chunk, &instance, stream_end, program, line, batches)?;
            if let Answer::Found(outcome) = answer {
                return Ok(outcome);
            }
        }
        self.tree(chunk, start, len, line, batches)
    }

    fn instance<'a>(
        &mut self,
        chunk: &'a [u8],
        instance: &Instance<'a>,
        stream_end: usize,
        program: &EventProgram,
        line: i64,
        batches: &mut [EventBatchBuilder],
    ) -> Result<Answer<Outcome>, RecordError> {
        let (of_id, others) = match program.dispatch.candidates(instance, &mut self.scratch.text) {
            Candidates::Arms([], []) => return Ok(Answer::Found(Outcome::Filtered)),
            Candidates::Arms(of_id, others) => (of_id, others),
            Candidates::Tree => return Ok(Answer::Tree),
        };
        instance.locate(&mut self.extents.event);
        let event = Located::new(*instance, &self.extents.event);
        self.selected.clear();
        for arm in of_id.iter().chain(others) {
            match arm.accepts(event, &mut self.scratch.text) {
                Some(true) => self.selected.push(arm.selected),
                Some(false) => {}
                None => return Ok(Answer::Tree),
            }
        }
        if self.selected.is_empty() {
            return Ok(Answer::Found(Outcome::Filtered));
        }
        if !instance.is_all_of(self.extents.event.end(), stream_end)? {
            return Ok(Answer::Tree);
        }
        let Answer::Found(data) = self.find_data(chunk, *instance, &program.data)? else {
            return Ok(Answer::Tree);
        };
        let found = EventFound {
            program,
            event: Located::new(*instance, &self.extents.event),
            data: data.as_ref().map(|data| (self.extents.of(*instance, data), &*data.place)),
        };
        self.wanted.clear();
        for &selected in &self.selected {
            let is_new = !self.wanted.contains(&selected.request);
            if is_new && found.meets_data(selected, self.requests, &mut self.scratch.text) {
                self.wanted.push(selected.request);
            }
        }
        if !found.is_plain(&self.wanted) {
            return Ok(Answer::Tree);
        }
        for &request in &self.wanted {
            if let (Some(row), Some(batch)) = (found.row(request), batches.get_mut(request)) {
                batch.append_with(line, |columns, at| row.append(columns, at, &mut self.scratch));
            }
        }
        let is_wanted = !self.wanted.is_empty();
        Ok(Answer::Found(if is_wanted { Outcome::Emitted } else { Outcome::Filtered }))
    }

    /// Follows fragments to where the event's data are, `None` if it has none.
    fn find_data<'a>(
        &mut self,
        chunk: &'a [u8],
        event: Instance<'a>,
        place: &Rc<DataPlace>,
    ) -> Result<Answer<Option<DataFound<'a>>>, RecordError> {
        let mut found = DataFound { place: Rc::clone(place), inner: None };
        // Event, section, wrapper: there is no further step.
        for _ in 0..3 {
            let values = self.extents.of(event, &found);
            let (id, dependency, role) = match &*found.place {
                DataPlace::None => return Ok(Answer::Found(None)),
                DataPlace::Tree => return Ok(Answer::Tree),
                DataPlace::Slot { id, dependency, role } => (*id, *dependency, *role),
                DataPlace::Here { dependency, .. } => {
                    let is_there = !dependency.is_some_and(|slot| values.is_null(slot));
                    return Ok(Answer::Found(is_there.then_some(found)));
                }
            };
            let (Some((value, at)), false) =
                (values.value_at(id), dependency.is_some_and(|slot| values.is_null(slot)))
            else {
                return Ok(Answer::Found(None));
            };
            if value.ty != ty::BINXML {
                return Ok(Answer::Tree);
            }
            let len = value.bytes.len();
            let Some(inner) = Instance::read_first(chunk, at, len)? else {
                return Ok(Answer::Tree);
            };
            inner.locate(&mut self.extents.data);
            if !inner.is_all_of(self.extents.data.end(), at.saturating_add(len))? {
                return Ok(Answer::Tree);
            }
            let template = self.templates.get(chunk, inner.definition, &mut self.budget)?;
            let place = template.programs.data(role, &template.root, self.requests);
            found = DataFound { place, inner: Some(inner) };
        }
        Ok(Answer::Tree)
    }

    /// Answers the requests from the record's tree.
    fn tree(
        &mut self,
        chunk: &[u8],
        start: usize,
        len: usize,
        line: i64,
        batches: &mut [EventBatchBuilder],
    ) -> Result<Outcome, RecordError> {
        let mut builder =
            TreeBuilder { chunk, templates: &mut self.templates, budget: &mut self.budget };
        let root = builder.stream(start, len, 0)?.into_iter().next().ok_or(RecordError::NoEvent)?;
        let event = EventTree::new(root);
        let mut outcome = Outcome::Filtered;
        for (request, batch) in self.requests.iter().zip(batches) {
            if request.accepts(&event) {
                batch.append(&event, line);
                outcome = Outcome::Emitted;
            }
        }
        Ok(outcome)
    }
}

impl Extents {
    fn of<'a>(&self, event: Instance<'a>, found: &DataFound<'a>) -> Located<'a, '_> {
        match found.inner {
            Some(inner) => Located::new(inner, &self.data),
            None => Located::new(event, &self.event),
        }
    }
}
