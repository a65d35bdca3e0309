//! The JSON records of one shape that are read whole.

use evtx_arrow::EventRequest;

use super::{event::TreeEvent, gather::Gather};
use crate::{
    events::times::EventTimes,
    json::{plan::Taken, probe::Probe, repeated},
    known::user_shape::UserShape,
    lane::{Lane, Rejection},
    problem::Reason,
    request::EVENTS,
    text::yielded::{Outcome, Part},
};

/// A shape of JSON whose records are read whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeShape {
    /// The name of the format.
    pub(crate) name: &'static str,
    /// Reads a record; `None` if it is not of this shape.
    pub(crate) read: fn(Probe<'_>) -> Option<TreeEvent>,
}

/// How records that are read whole are read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TreeReader<'s> {
    /// As one of the built-in shapes says.
    Builtin(TreeShape),
    /// As a user says.
    User(&'s UserShape),
}

impl TreeReader<'_> {
    /// Returns the name of the format.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Builtin(shape) => shape.name,
            Self::User(_) => "JSON of a shape file",
        }
    }

    /// Tells whether an event of the shape has to name its provider.
    fn needs_provider(&self) -> bool {
        match self {
            Self::Builtin(_) => true,
            Self::User(shape) => shape.has_provider(),
        }
    }

    fn read(&self, record: Probe<'_>) -> Option<TreeEvent> {
        match self {
            Self::Builtin(shape) => (shape.read)(record),
            Self::User(shape) => shape.read(record),
        }
    }
}

/// The records of one shape.
pub(crate) struct TreeLane<'s> {
    shape: TreeReader<'s>,
    times: EventTimes,
    gather: Gather<'s>,
}

impl<'s> TreeLane<'s> {
    /// Returns a lane for events of this shape, as far as a request wants them.
    pub(crate) fn new(
        shape: TreeReader<'s>,
        times: EventTimes,
        requests: &'s [EventRequest],
    ) -> Self {
        Self { shape, times, gather: Gather::new(requests) }
    }
}

impl<'s> Lane<'s> for TreeLane<'s> {
    fn format(&self) -> &'static str {
        self.shape.name()
    }

    fn table(&self) -> &str {
        EVENTS
    }

    fn fork(&self) -> Box<dyn Lane<'s> + 's> {
        let times = self.times.fork();
        Box::new(Self { shape: self.shape, times, gather: self.gather.fork() })
    }

    fn read(&mut self, record: &str, _: &mut Taken, line: i64) -> Result<Outcome, Rejection> {
        let Some(probe) = Probe::new(record) else { return Err(Probe::error_of(record).into()) };
        let Some(mut event) = self.shape.read(probe) else { return Ok(Outcome::Foreign) };
        if repeated::is_in(probe.as_str()) {
            return Err(Reason::Json { expected: repeated::EXPECTED }.into());
        }
        self.times.notes().forget();
        event.read_time(probe.as_str(), &mut self.times);
        event.claim(self.shape.name(), self.shape.needs_provider())?;
        let outcome = self.gather.take(&event, line);
        self.times.count(line, self.gather.losses());
        // What is lost of an event that nobody wants is of no interest.
        if matches!(outcome, Outcome::Emitted | Outcome::Full) {
            self.gather.add_losses(event.lost(), line);
        }
        Ok(outcome)
    }

    fn flush(&mut self) -> Result<(), Reason> {
        self.gather.flush()
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        let part = self.gather.take_part(self.shape.name())?;
        Ok(Part { assumed_utc: self.times.notes().take_zoneless(), ..part })
    }
}
