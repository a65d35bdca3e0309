//! The events of one shape on their way into batches.

use evtx_arrow::{Event, EventBatchBuilder, EventRequest, SystemField, SystemValue};
use kql_types::Ticks;

use super::{
    record::{EventSlots, JsonEvent},
    shape::EventShape,
};
use crate::{
    json::{
        cursor::JsonError,
        plan::{Plan, Taken, Walked},
    },
    lane::{Lane, Outcome},
    problem::Reason,
    request::EVENTS,
    text::yielded::Part,
};

/// The events of one shape.
pub(crate) struct EventLane<'s> {
    shape: &'static EventShape,
    /// `None` if nobody wants events: they are counted and their times seen.
    request: Option<&'s EventRequest>,
    plan: Plan,
    slots: EventSlots,
    builder: Option<EventBatchBuilder>,
    part: Part,
}

impl<'s> EventLane<'s> {
    /// Returns a lane for events of this shape, as far as the request wants them.
    pub(crate) fn new(shape: &'static EventShape, request: Option<&'s EventRequest>) -> Self {
        let mut plan = Plan::new();
        let slots = EventSlots::new(shape, request.unwrap_or(&EventRequest::default()), &mut plan);
        Self { shape, request, plan, slots, builder: None, part: Part::default() }
    }

    fn take_batch(&mut self) -> Result<(), Reason> {
        if let Some(batch) = self.builder.as_mut().and_then(|batch| batch.finish().transpose()) {
            self.part.batches.push(batch?);
        }
        Ok(())
    }
}

impl<'s> Lane<'s> for EventLane<'s> {
    fn format(&self) -> &'static str {
        self.shape.name
    }

    fn table(&self) -> &str {
        EVENTS
    }

    fn fork(&self) -> Box<dyn Lane<'s> + 's> {
        Box::new(Self {
            shape: self.shape,
            request: self.request,
            plan: self.plan.clone(),
            slots: self.slots.clone(),
            builder: None,
            part: Part::default(),
        })
    }

    fn read(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<Outcome, JsonError> {
        let (slots, request) = (&self.slots, self.request);
        let walked = self.plan.walk(record, taken, &mut |taken| {
            request.is_some_and(|request| request.accepts(&JsonEvent::new(slots, record, taken)))
        })?;
        let event = JsonEvent::new(slots, record, taken);
        if walked == Walked::Whole && !event.is_of_shape() {
            return Ok(Outcome::Foreign);
        }
        self.part.newest = self.part.newest.max(time(&event));
        let wanted =
            request.filter(|request| walked != Walked::Unwanted && request.accepts(&event));
        let Some(request) = wanted else {
            self.part.filtered = self.part.filtered.saturating_add(1);
            return Ok(Outcome::Filtered);
        };
        let builder = self.builder.get_or_insert_with(|| EventBatchBuilder::new(request));
        builder.append(&event, line);
        self.part.emitted = self.part.emitted.saturating_add(1);
        Ok(if builder.is_full() { Outcome::Full } else { Outcome::Emitted })
    }

    fn flush(&mut self) -> Result<(), Reason> {
        self.take_batch()
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        self.take_batch()?;
        let part = std::mem::take(&mut self.part);
        Ok(Part { format: self.format(), table: EVENTS.to_owned(), ..part })
    }
}

fn time(event: &JsonEvent<'_>) -> Option<Ticks> {
    match event.system(SystemField::TimeGenerated)? {
        SystemValue::Number(ticks) => Some(ticks),
        SystemValue::Text(_) => None,
    }
}
