//! Events into batches, as far as they are wanted, with an account of them.

use evtx_arrow::EventRequest;
use windows_event_model::{Event, SystemField, SystemValue};

use crate::{
    events::batches::EventBatches,
    losses::{Cause, Losses},
    problem::Reason,
    request::EVENTS,
    text::yielded::{Outcome, Part},
};

/// The events of one kind in one block.
pub(crate) struct Gather<'s> {
    /// Events that nobody wants are counted, and their times seen.
    batches: EventBatches<'s>,
    part: Part,
}

impl<'s> Gather<'s> {
    /// Returns an empty one.
    pub(crate) fn new(requests: &'s [EventRequest]) -> Self {
        Self { batches: EventBatches::new(requests), part: Part::default() }
    }

    /// Returns one that gathers alike and has gathered nothing.
    pub(crate) fn fork(&self) -> Self {
        Self::new(self.batches.requests())
    }

    /// Takes an event; `line` is its index in the block.
    pub(crate) fn take(&mut self, event: &impl Event, line: i64) -> Outcome {
        if let Some(SystemValue::Number(time)) = event.system(SystemField::TimeCreated) {
            self.part.saw(Some(time), line);
        }
        let outcome = self.batches.take(event, line);
        self.part.count(outcome);
        outcome
    }

    /// Counts what was lost of an event that was taken.
    pub(crate) fn add_losses(&mut self, lost: &[(Cause, String)], line: i64) {
        let record = u64::try_from(line).unwrap_or(u64::MAX);
        for (cause, example) in lost {
            self.part.losses.add(cause.clone(), record, example);
        }
    }

    /// Returns what the events have lost so far.
    pub(crate) const fn losses(&mut self) -> &mut Losses {
        &mut self.part.losses
    }

    /// Closes the batch under construction.
    pub(crate) fn flush(&mut self) -> Result<(), Reason> {
        self.batches.finish(&mut self.part)
    }

    /// Takes what has been gathered.
    pub(crate) fn take_part(&mut self, format: &'static str) -> Result<Part, Reason> {
        self.flush()?;
        let part = std::mem::take(&mut self.part);
        Ok(Part { format, table: EVENTS.to_owned(), ..part })
    }
}
