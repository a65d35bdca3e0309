//! The lanes of a stream of JSON records: each record goes to the one of its shape, table and dress.
//!
//! A shape is asked by a record's keys, and has the record only if its lane can fill time, provider
//! and data from it; otherwise the next shape is asked. What no lane takes is told by the reason
//! that says most.

use std::{borrow::Cow, sync::Arc};

use crate::{
    events::{lane::EventLane, times::EventTimes},
    json::{plan::Taken, probe::Probe},
    lane::{Lane, Rejection},
    problem::Reason,
    request::{EVENTS, ScanRequest},
    rows::lane::RowLane,
    shapes::{
        self, Context, Found,
        dress::{self, Dress},
    },
    text::yielded::{Outcome, Part},
    tree::lane::TreeLane,
};

/// The lanes of the records read so far.
pub(crate) struct Lanes<'s> {
    request: &'s ScanRequest,
    context: Context<'s>,
    open: Vec<DressedLane<'s>>,
    /// The lane of the record before.
    current: usize,
}

impl<'s> Lanes<'s> {
    /// Returns none.
    pub(crate) fn new(request: &'s ScanRequest, context: Context<'s>) -> Self {
        Self { request, context, open: Vec::new(), current: 0 }
    }

    /// Returns lanes that read alike and have read nothing.
    pub(crate) fn fork(&self) -> Self {
        Self {
            request: self.request,
            context: self.context.clone(),
            open: self.open.iter().map(DressedLane::fork_dressed).collect(),
            current: self.current,
        }
    }

    /// Tells whether no record has had a lane.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Reads a record into its lane; `line` is its index in the block.
    ///
    /// # Errors
    ///
    /// Why no lane takes it.
    pub(crate) fn read(
        &mut self,
        record: &str,
        taken: &mut Taken,
        line: i64,
    ) -> Result<(), Rejection> {
        let mut best = None;
        if let Some(lane) = self.open.get_mut(self.current) {
            match lane.take(record, taken, line) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(rejection) if !rejection.reason.is_of_shape() => return Err(rejection),
                Err(rejection) => best = Some(rejection),
            }
        }
        let Some(probe) = Probe::new(record) else { return Err(Probe::error_of(record).into()) };
        for dress in dress::of(probe) {
            let Some(text) = dress.undress(record) else { continue };
            let Some(inner) = Probe::new(&text) else { continue };
            let candidates: Vec<_> = shapes::candidates(inner, &self.context).collect();
            for found in candidates {
                let rejection = match found {
                    Ok(found) => match self.read_as(found, &dress, record, taken, line) {
                        Ok(true) => return Ok(()),
                        Ok(false) => continue,
                        Err(rejection) => rejection,
                    },
                    Err(reason) => Rejection::from(reason),
                };
                if matches!(rejection.reason, Reason::OtherTool { .. } | Reason::Service { .. }) {
                    return Err(rejection);
                }
                let is_better =
                    |known: &Rejection| rejection.reason.says_little() < known.reason.says_little();
                if best.as_ref().is_none_or(is_better) {
                    best = Some(rejection);
                }
            }
        }
        Err(best.unwrap_or_else(|| Reason::UnknownShape { keys: probe.keys() }.into()))
    }

    /// Takes what the lanes have gathered.
    pub(crate) fn take_parts(&mut self) -> impl Iterator<Item = Result<Part, Reason>> {
        self.open.iter_mut().map(Lane::take_part)
    }

    /// Reads a record as what a shape takes it for; `false` if it is not.
    fn read_as(
        &mut self,
        found: Found<'s>,
        dress: &Dress,
        record: &str,
        taken: &mut Taken,
        line: i64,
    ) -> Result<bool, Rejection> {
        let (format, table) = found.name();
        let is_its = |lane: &DressedLane<'_>| {
            lane.format() == format && lane.table() == table && lane.dress == *dress
        };
        if let Some(at) = self.open.iter().position(is_its) {
            let Some(lane) = self.open.get_mut(at) else { return Ok(false) };
            lane.acknowledge(record);
            let is_taken = lane.take(record, taken, line)?;
            if is_taken {
                self.current = at;
            }
            return Ok(is_taken);
        }
        let mut lane = DressedLane::new(found, dress, record, self.request, &self.context);
        let is_taken = lane.take(record, taken, line)?;
        if is_taken {
            self.current = self.open.len();
            self.open.push(lane);
        }
        Ok(is_taken)
    }
}

/// Returns a lane for events like this record, which a format other than JSON has.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn events_like<'s>(
    record: &str,
    request: &'s ScanRequest,
    context: &Context<'s>,
) -> Result<Box<dyn Lane<'s> + 's>, Reason> {
    let mut lanes = Lanes::new(request, context.clone());
    lanes.read(record, &mut Taken::default(), 1).map_err(|rejection| rejection.reason)?;
    match lanes.open.iter().find(|lane| lane.table() == EVENTS) {
        Some(lane) => Ok(Box::new(lane.fork_dressed())),
        None => Err(Reason::UnknownShape { keys: Vec::new() }),
    }
}

/// The lane of a shape, and how its records have to be undressed for it.
struct DressedLane<'s> {
    dress: Dress,
    inner: Box<dyn Lane<'s> + 's>,
}

impl<'s> DressedLane<'s> {
    fn new(
        found: Found<'s>,
        dress: &Dress,
        record: &str,
        request: &'s ScanRequest,
        context: &Context<'s>,
    ) -> Self {
        let inner: Box<dyn Lane<'s> + 's> = match found {
            Found::Event(shape) => {
                let dates = Arc::clone(&context.dates);
                Box::new(EventLane::new(
                    shape,
                    EventTimes::new(shape.name, dates, request),
                    &request.events,
                ))
            }
            Found::Tree(shape) => {
                let dates = Arc::clone(&context.dates);
                let times = EventTimes::new(shape.name(), dates, request);
                Box::new(TreeLane::new(shape, times, &request.events))
            }
            Found::Row(shape, table) => {
                let text = dress.undress(record).unwrap_or(Cow::Borrowed("{}"));
                let dates = Arc::clone(&context.dates);
                let first = Probe::new(&text);
                Box::new(RowLane::new(shape, table, request, context.known, dates, first))
            }
        };
        Self { dress: dress.clone(), inner }
    }

    fn fork_dressed(&self) -> Self {
        Self { dress: self.dress.clone(), inner: self.inner.fork() }
    }

    /// Reads a record and flushes a full batch; `false` if the record is not of this lane.
    fn take(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<bool, Rejection> {
        match self.read(record, taken, line)? {
            Outcome::Foreign => return Ok(false),
            Outcome::Full => self.flush()?,
            Outcome::Emitted | Outcome::Filtered => {}
        }
        Ok(true)
    }
}

impl<'s> Lane<'s> for DressedLane<'s> {
    fn format(&self) -> &'static str {
        self.inner.format()
    }

    fn table(&self) -> &str {
        self.inner.table()
    }

    fn fork(&self) -> Box<dyn Lane<'s> + 's> {
        Box::new(self.fork_dressed())
    }

    fn read(&mut self, record: &str, taken: &mut Taken, line: i64) -> Result<Outcome, Rejection> {
        if self.dress.is_plain() {
            return self.inner.read(record, taken, line);
        }
        let Some(text) = self.dress.undress(record) else { return Ok(Outcome::Foreign) };
        // Offsets in what was undressed are none in the record.
        let read = self.inner.read(&text, taken, line);
        read.map_err(|rejection| Rejection { offset: 0, ..rejection })
    }

    fn acknowledge(&mut self, record: &str) {
        if let Some(text) = self.dress.undress(record) {
            self.inner.acknowledge(&text);
        }
    }

    fn flush(&mut self) -> Result<(), Reason> {
        self.inner.flush()
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        self.inner.take_part()
    }
}
