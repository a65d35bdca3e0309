//! The batches of events, one for each request.

use evtx_arrow::{Event, EventBatchBuilder, EventRequest, SystemField, SystemValue};
use kql_types::KqlType;

use crate::{
    lane::Outcome,
    losses::{Cause, Losses},
    problem::Reason,
    text::yielded::Part,
};

/// The batches under construction.
pub(crate) struct EventBatches<'s> {
    /// None if nobody wants events.
    requests: &'s [EventRequest],
    /// One for each request, from the first event on that one of them wants.
    builders: Vec<EventBatchBuilder>,
    losses: Losses,
}

impl<'s> EventBatches<'s> {
    /// Returns empty batches.
    pub(crate) const fn new(requests: &'s [EventRequest]) -> Self {
        Self { requests, builders: Vec::new(), losses: Losses::new() }
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
        if outcome != Outcome::Filtered {
            self.see_id(event, line);
        }
        outcome
    }

    /// Counts an id that is no number: the column is null then.
    fn see_id(&mut self, event: &impl Event, line: i64) {
        if let Some(SystemValue::Text(text)) = event.system(SystemField::EventID)
            && text.parse::<i32>().is_err()
            && text.parse::<u32>().is_err()
        {
            let cause = Cause::NotConverted { column: "EventID".to_owned(), ty: KqlType::Int };
            self.losses.add(cause, u64::try_from(line).unwrap_or(u64::MAX), &text);
        }
    }

    /// Closes all batches and puts them into a part.
    pub(crate) fn finish(&mut self, part: &mut Part) -> Result<(), Reason> {
        for (request, builder) in self.builders.iter_mut().enumerate() {
            let batch = builder.finish()?;
            part.batches.extend(batch.map(|batch| (request, batch)));
        }
        part.losses.merge(std::mem::take(&mut self.losses), 0);
        Ok(())
    }
}
