//! The batches of events, one for each request.

use std::borrow::Cow;

use evtx_arrow::{EventBatchBuilder, EventColumn, EventRequest};
use kql_types::KqlType;
use windows_event_model::{Event, SystemField, SystemType, SystemValue, header};

use crate::{
    events::columns::event_column,
    losses::{Cause, Losses},
    problem::Reason,
    text::yielded::{Outcome, Part, PartBatch},
};

/// The batches under construction.
pub(crate) struct EventBatches<'s> {
    /// None if nobody wants events.
    requests: &'s [EventRequest],
    /// One for each request, from the first event on that one of them wants.
    builders: Vec<EventBatchBuilder>,
    /// The numbers among the header fields that a request asks for, and the id.
    numbers: Vec<SystemField>,
    losses: Losses,
}

impl<'s> EventBatches<'s> {
    /// Returns empty batches.
    pub(crate) fn new(requests: &'s [EventRequest]) -> Self {
        let mut numbers = vec![SystemField::EventId];
        for column in requests.iter().flat_map(|request| &request.columns) {
            if let EventColumn::System(field) = column
                && field.ty() == SystemType::Int
                && !numbers.contains(field)
            {
                numbers.push(*field);
            }
        }
        Self { requests, builders: Vec::new(), numbers, losses: Losses::new() }
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
            self.see_numbers(event, line);
        }
        outcome
    }

    /// Counts header fields that are no numbers, or larger than their columns: these are null.
    fn see_numbers(&mut self, event: &impl Event, line: i64) {
        for field in &self.numbers {
            if header::int(event, *field).is_some() {
                continue;
            }
            let text = match event.system(*field) {
                Some(SystemValue::Text(text)) => text,
                Some(SystemValue::Number(number)) => Cow::Owned(number.to_string()),
                None => continue,
            };
            if !text.trim().is_empty() {
                let column = event_column(*field).to_owned();
                let cause = Cause::NotConverted { column, ty: KqlType::Int };
                self.losses.add(cause, u64::try_from(line).unwrap_or(u64::MAX), &text);
            }
        }
    }

    /// Closes all batches and puts them into a part.
    pub(crate) fn finish(&mut self, part: &mut Part) -> Result<(), Reason> {
        for (request, builder) in self.builders.iter_mut().enumerate() {
            let batch = builder.finish()?;
            part.batches.extend(batch.map(|batch| PartBatch::whole(request, batch)));
        }
        part.losses.merge(std::mem::take(&mut self.losses), 0);
        Ok(())
    }
}
