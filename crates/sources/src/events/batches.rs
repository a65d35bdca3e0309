//! The batches of events, one for each request.

use evtx_arrow::{Event, EventBatchBuilder, EventRequest};

use crate::{lane::Outcome, problem::Reason, text::yielded::Part};

/// The batches under construction.
pub(crate) struct EventBatches<'s> {
    /// None if nobody wants events.
    requests: &'s [EventRequest],
    /// One for each request, from the first event on that one of them wants.
    builders: Vec<EventBatchBuilder>,
}

impl<'s> EventBatches<'s> {
    /// Returns empty batches.
    pub(crate) const fn new(requests: &'s [EventRequest]) -> Self {
        Self { requests, builders: Vec::new() }
    }

    /// Returns the requests.
    pub(crate) const fn requests(&self) -> &'s [EventRequest] {
        self.requests
    }

    /// Takes an event into the batches of those requests that accept it.
    pub(crate) fn take(&mut self, event: &impl Event, line: i64) -> Outcome {
        let mut outcome = Outcome::Filtered;
        for (at, request) in self.requests.iter().enumerate() {
            if !request.accepts(event) {
                continue;
            }
            if self.builders.is_empty() {
                self.builders.extend(self.requests.iter().map(EventBatchBuilder::new));
            }
            let Some(builder) = self.builders.get_mut(at) else { continue };
            builder.append(event, line);
            let is_full = outcome == Outcome::Full || builder.is_full();
            outcome = if is_full { Outcome::Full } else { Outcome::Emitted };
        }
        outcome
    }

    /// Closes all batches and puts them into a part.
    pub(crate) fn finish(&mut self, part: &mut Part) -> Result<(), Reason> {
        for (request, builder) in self.builders.iter_mut().enumerate() {
            let batch = builder.finish()?;
            part.batches.extend(batch.map(|batch| (request, batch)));
        }
        Ok(())
    }
}
