//! Events into batches, as far as they are wanted, with an account of them.

use evtx_arrow::{Event, EventBatchBuilder, EventRequest, SystemField, SystemValue};

use crate::{lane::Outcome, problem::Reason, request::EVENTS, text::yielded::Part};

/// The events of one kind in one block.
pub(crate) struct Gather<'s> {
    /// `None` if nobody wants events: they are counted and their times seen.
    request: Option<&'s EventRequest>,
    builder: Option<EventBatchBuilder>,
    part: Part,
}

impl<'s> Gather<'s> {
    /// Returns an empty one.
    pub(crate) fn new(request: Option<&'s EventRequest>) -> Self {
        Self { request, builder: None, part: Part::default() }
    }

    /// Returns one that gathers alike and has gathered nothing.
    pub(crate) fn fork(&self) -> Self {
        Self::new(self.request)
    }

    /// Takes an event; `line` is its index in the block.
    pub(crate) fn take(&mut self, event: &impl Event, line: i64) -> Outcome {
        if let Some(SystemValue::Number(time)) = event.system(SystemField::TimeGenerated) {
            self.part.newest = self.part.newest.max(Some(time));
        }
        let Some(request) = self.request.filter(|request| request.accepts(event)) else {
            self.part.filtered = self.part.filtered.saturating_add(1);
            return Outcome::Filtered;
        };
        let builder = self.builder.get_or_insert_with(|| EventBatchBuilder::new(request));
        builder.append(event, line);
        self.part.emitted = self.part.emitted.saturating_add(1);
        if builder.is_full() { Outcome::Full } else { Outcome::Emitted }
    }

    /// Closes the batch under construction.
    pub(crate) fn flush(&mut self) -> Result<(), Reason> {
        if let Some(batch) = self.builder.as_mut().and_then(|batch| batch.finish().transpose()) {
            self.part.batches.push(batch?);
        }
        Ok(())
    }

    /// Takes what has been gathered.
    pub(crate) fn take_part(&mut self, format: &'static str) -> Result<Part, Reason> {
        self.flush()?;
        let part = std::mem::take(&mut self.part);
        Ok(Part { format, table: EVENTS.to_owned(), ..part })
    }
}
