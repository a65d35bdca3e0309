//! Records to rows: the request is answered from the record's template where it can be, from
//! its tree where it has to be.

use std::rc::Rc;

use crate::{
    batch::EventBatchBuilder,
    binxml::{
        budget::Budget,
        build::TreeBuilder,
        instance::Instance,
        text::as_str,
        value::{Value, ty},
    },
    chunk::{RECORD_HEADER_LEN, RecordSlot, SIZE_COPY_LEN},
    fields::{DataPlace, Field, Leaf},
    program::{Condition, EventProgram, Slot, Source, Test, Verdict},
    record_error::RecordError,
    request::EventRequest,
    row::Row,
    templates::{Template, Templates},
    ticks::value_to_ticks,
    tree::EventTree,
};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is a row.
    Emitted,
    /// No filter accepts it.
    Filtered,
}

/// Turns the records of a file into rows, chunk by chunk.
pub(crate) struct RecordDecoder<'r> {
    request: &'r EventRequest,
    templates: Templates,
    budget: Budget,
    /// Text of the value at hand.
    text: Vec<u8>,
    /// JSON of the value at hand.
    json: String,
}

/// Whether an answer was found without the record's tree.
enum Answer<T> {
    Found(T),
    /// It takes the tree.
    Tree,
}

impl<'r> RecordDecoder<'r> {
    /// Returns a decoder for the records of one file.
    pub(crate) fn new(request: &'r EventRequest) -> Self {
        Self {
            request,
            templates: Templates::new(),
            budget: Budget::new(),
            text: Vec::new(),
            json: String::new(),
        }
    }

    /// Goes on to the next chunk.
    pub(crate) fn next_chunk(&mut self) {
        self.templates.next_chunk();
        self.budget = Budget::new();
    }

    /// Appends a record to the batch, if a filter accepts it.
    ///
    /// On an error, the batch is as before.
    pub(crate) fn record(
        &mut self,
        chunk: &[u8],
        record: RecordSlot,
        line: i64,
        batch: &mut EventBatchBuilder,
    ) -> Result<Outcome, RecordError> {
        let start = record.offset.saturating_add(RECORD_HEADER_LEN);
        let len = record.len.saturating_sub(RECORD_HEADER_LEN + SIZE_COPY_LEN);
        self.budget.next_record();
        // The event is the first element of the record, whatever follows it.
        if let Some(instance) = Instance::read_first(chunk, start, len)? {
            let template = self.templates.get(chunk, instance.definition, &mut self.budget)?;
            let program = template.programs.event(&template.root, self.request);
            let stream_end = start.saturating_add(len);
            let answer = self.instance(&instance, stream_end, program, line, batch)?;
            if let Answer::Found(outcome) = answer {
                return Ok(outcome);
            }
        }
        self.tree(chunk, start, len, line, batch)
    }

    fn instance(
        &mut self,
        instance: &Instance<'_>,
        stream_end: usize,
        program: &EventProgram,
        line: i64,
        batch: &mut EventBatchBuilder,
    ) -> Result<Answer<Outcome>, RecordError> {
        match self.accepts(instance, &program.verdict) {
            Answer::Found(true) => {}
            Answer::Found(false) => return Ok(Answer::Found(Outcome::Filtered)),
            Answer::Tree => return Ok(Answer::Tree),
        }
        if !instance.is_all_of(stream_end)? {
            return Ok(Answer::Tree);
        }
        let header_is_plain = program.header.iter().all(|source| match source {
            Source::Missing | Source::Literal(_) => true,
            Source::Slot(slot) => is_scalar(instance, slot.id),
            Source::Tree => false,
        });
        if !header_is_plain {
            return Ok(Answer::Tree);
        }
        let Answer::Found(data) = self.find_data(*instance, &program.data)? else {
            return Ok(Answer::Tree);
        };
        let row = Row { header: (instance, &program.header), data: data.as_ref() };
        batch.append_row(&row, line, &mut self.text, &mut self.json);
        Ok(Answer::Found(Outcome::Emitted))
    }

    fn accepts(&mut self, instance: &Instance<'_>, verdict: &Verdict) -> Answer<bool> {
        match verdict {
            Verdict::Always => Answer::Found(true),
            Verdict::Tree => Answer::Tree,
            Verdict::IfAny(lists) => {
                for tests in lists {
                    match self.passes(instance, tests) {
                        Answer::Found(false) => {}
                        answer => return answer,
                    }
                }
                Answer::Found(false)
            }
        }
    }

    fn passes(&mut self, instance: &Instance<'_>, tests: &[Test]) -> Answer<bool> {
        for Test { slot, condition } in tests {
            let Some(value) = value_of(instance, *slot) else {
                if condition.accepts_missing() {
                    continue;
                }
                return Answer::Found(false);
            };
            if !value.is_scalar() {
                return Answer::Tree;
            }
            if !self.is_accepted(value, condition) {
                return Answer::Found(false);
            }
        }
        Answer::Found(true)
    }

    fn is_accepted(&mut self, value: Value<'_>, condition: &Condition) -> bool {
        match condition {
            Condition::Number(_) => {
                if let Some(number) = value.number() {
                    return condition.accepts_number(number);
                }
            }
            Condition::Time(_) => {
                self.text.clear();
                return value_to_ticks(value, &mut self.text)
                    .is_some_and(|time| condition.accepts_time(time));
            }
            Condition::Text(_) => {}
        }
        self.text.clear();
        value.push_text(&mut self.text);
        condition.accepts_text(as_str(&self.text))
    }

    /// Follows fragments to where the event's data are, `None` if it has none.
    fn find_data<'a>(
        &mut self,
        mut instance: Instance<'a>,
        place: &Rc<DataPlace>,
    ) -> Result<Answer<Option<DataFound<'a>>>, RecordError> {
        let mut place = Rc::clone(place);
        // Event, section, wrapper: there is no further step.
        for _ in 0..3 {
            let (id, dependency, role) = match &*place {
                DataPlace::None => return Ok(Answer::Found(None)),
                DataPlace::Tree => return Ok(Answer::Tree),
                DataPlace::Slot { id, dependency, role } => (*id, *dependency, *role),
                DataPlace::Here { dependency, fields } => {
                    if dependency.is_some_and(|slot| instance.is_null(slot)) {
                        return Ok(Answer::Found(None));
                    }
                    if !fields.iter().all(|field| is_plain(&instance, field)) {
                        return Ok(Answer::Tree);
                    }
                    return Ok(Answer::Found(Some(DataFound { instance, place })));
                }
            };
            let (Some((value, at)), false) =
                (instance.value_at(id), dependency.is_some_and(|slot| instance.is_null(slot)))
            else {
                return Ok(Answer::Found(None));
            };
            if value.ty != ty::BINXML {
                return Ok(Answer::Tree);
            }
            let chunk = instance.chunk();
            let Some(inner) = Instance::read_only(chunk, at, value.bytes.len())? else {
                return Ok(Answer::Tree);
            };
            let template: Rc<Template> =
                self.templates.get(chunk, inner.definition, &mut self.budget)?;
            place = template.programs.data(role, &template.root, &self.request.columns);
            instance = inner;
        }
        Ok(Answer::Tree)
    }

    /// Answers the request from the record's tree.
    fn tree(
        &mut self,
        chunk: &[u8],
        start: usize,
        len: usize,
        line: i64,
        batch: &mut EventBatchBuilder,
    ) -> Result<Outcome, RecordError> {
        let mut builder =
            TreeBuilder { chunk, templates: &mut self.templates, budget: &mut self.budget };
        let root = builder.stream(start, len, 0)?.into_iter().next().ok_or(RecordError::NoEvent)?;
        let event = EventTree::new(root);
        if !self.request.accepts(&event) {
            return Ok(Outcome::Filtered);
        }
        batch.append(&event, line);
        Ok(Outcome::Emitted)
    }
}

/// The event's data, found in an instance.
pub(crate) struct DataFound<'a> {
    pub(crate) instance: Instance<'a>,
    place: Rc<DataPlace>,
}

impl DataFound<'_> {
    /// Returns the source of a column.
    pub(crate) fn field(&self, column: usize) -> Option<&Field> {
        match &*self.place {
            DataPlace::Here { fields, .. } => fields.get(column),
            DataPlace::None | DataPlace::Slot { .. } | DataPlace::Tree => None,
        }
    }
}

/// Returns the value of a slot, `None` if there is none or it depends on one that is null.
pub(crate) fn value_of<'a>(instance: &Instance<'a>, slot: Slot) -> Option<Value<'a>> {
    if slot.dependency.is_some_and(|dependency| instance.is_null(dependency)) {
        return None;
    }
    instance.value(slot.id)
}

fn is_scalar(instance: &Instance<'_>, slot: u16) -> bool {
    instance.value(slot).is_none_or(|value| value.is_scalar())
}

/// Tells whether a field can be read from an instance.
fn is_plain(instance: &Instance<'_>, field: &Field) -> bool {
    let is_plain_leaf = |leaf: &Leaf| match &leaf.source {
        Source::Slot(slot) => is_scalar(instance, slot.id),
        Source::Missing | Source::Literal(_) => true,
        Source::Tree => false,
    };
    match field {
        Field::Missing => true,
        Field::Leaf(leaf) => is_plain_leaf(leaf),
        Field::All(all) => all.iter().all(|(_, leaf)| is_plain_leaf(leaf)),
        Field::Tree => false,
    }
}
