//! The events of one shape on their way into batches.

use evtx_arrow::EventRequest;

use super::{
    batches::EventBatches,
    record::{EventSlots, JsonEvent},
    shape::EventShape,
    times::EventTimes,
};
use crate::{
    json::plan::{Plan, Taken, Walked},
    lane::{Lane, Rejection},
    problem::Reason,
    request::EVENTS,
    text::yielded::{Outcome, Part},
};

/// The events of one shape.
pub(crate) struct EventLane<'s> {
    shape: &'static EventShape,
    plan: Plan,
    slots: EventSlots,
    times: EventTimes,
    /// Events that nobody wants are counted, and their times seen.
    batches: EventBatches<'s>,
    part: Part,
}

impl<'s> EventLane<'s> {
    /// Returns a lane for events of this shape, as far as a request wants them.
    pub(crate) fn new(
        shape: &'static EventShape,
        times: EventTimes,
        requests: &'s [EventRequest],
    ) -> Self {
        let mut plan = Plan::new();
        let slots = EventSlots::new(shape, requests, &mut plan);
        let batches = EventBatches::new(requests);
        Self { shape, plan, slots, times, batches, part: Part::default() }
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
            plan: self.plan.clone(),
            slots: self.slots.clone(),
            times: self.times.fork(),
            batches: EventBatches::new(self.batches.requests()),
            part: Part::default(),
        })
    }

    fn read(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<Outcome, Rejection> {
        let (slots, times, requests) = (&self.slots, &mut self.times, self.batches.requests());
        times.notes().forget();
        let walked = self.plan.walk(record, taken, &mut |taken| {
            let time = slots.time(record, taken, times);
            let event = JsonEvent::new(slots, record, taken, time);
            requests.iter().any(|request| request.accepts(&event))
        })?;
        let time = slots.time(record, taken, times);
        let event = JsonEvent::new(slots, record, taken, time);
        if walked == Walked::Whole && !event.is_of_shape() {
            return Ok(Outcome::Foreign);
        }
        event.claim(walked)?;
        self.part.saw(time, line);
        self.times.count(line, &mut self.part.losses);
        let is_wanted = walked != Walked::Unwanted;
        let outcome = if is_wanted { self.batches.take(&event, line) } else { Outcome::Filtered };
        self.part.count(outcome);
        Ok(outcome)
    }

    fn flush(&mut self) -> Result<(), Reason> {
        self.batches.finish(&mut self.part)
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        self.flush()?;
        let part = std::mem::take(&mut self.part);
        let assumed_utc = self.times.notes().take_zoneless();
        Ok(Part { format: self.format(), table: EVENTS.to_owned(), assumed_utc, ..part })
    }
}
