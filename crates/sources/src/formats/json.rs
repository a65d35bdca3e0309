//! JSON: one object per line, pretty-printed objects, or an array of objects.
//!
//! What the objects are is for the shapes to say, record by record: a file may mix them.

use std::io::Read;

use super::{Format, Head};
use crate::{
    content::Content,
    events::lane::EventLane,
    json::{envelope, plan::Taken, probe::Probe, values::Values},
    lane::{Lane, Outcome},
    problem::Reason,
    request::{EVENTS, ScanRequest},
    rows::lane::RowLane,
    scan::Scan,
    shapes::{self, Context, Found},
    text::{
        block::{Block, BlockReader, Framing, Lines},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{RejectedRecord, Yield},
    },
    tree::lane::TreeLane,
};

pub(super) const FORMAT: Format = Format { recognise, read };

/// Records of unknown shape after which a file that has shown no other kind is given up.
const MAX_STRANGE: u64 = 16;
/// Records after which a file in which none was readable is given up.
const MAX_BROKEN: u64 = 1000;
/// Lines at the start of a file in which an object is looked for.
const SNIFFED_LINES: usize = 20;

fn recognise(head: &Head<'_>) -> bool {
    let lines = head.text.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let mut lines = lines.take(SNIFFED_LINES);
    let starts_value = |line: &str| line.starts_with(['{', '[']);
    // A first line that is damaged does not make the rest anything else.
    lines.any(|line| starts_value(line) && line.contains('"'))
        || starts_value(head.text.trim_start())
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    let head = content.head_text();
    let framing: Box<dyn Framing> = if envelope::starts(head) {
        Box::new(Values::with_envelopes())
    } else if is_by_line(head) {
        Box::new(Lines)
    } else {
        Box::new(Values::new())
    };
    let head = content.head().to_vec();
    read_records(encoding::decoded(&head, content.into_reader()), framing, scan);
}

/// Reads records that are each a line of some text.
pub(super) fn read_lines(input: Box<dyn Read + '_>, scan: &mut Scan<'_>) {
    read_records(input, Box::new(Lines), scan);
}

fn read_records(input: Box<dyn Read + '_>, framing: Box<dyn Framing + '_>, scan: &mut Scan<'_>) {
    let limits = scan.request.limits;
    let records = JsonRecords {
        request: scan.request,
        context: Context { known: scan.known, stems: scan.stems() },
        lanes: Vec::new(),
        current: 0,
        strange: 0,
    };
    pipeline::run(scan, BlockReader::new(input, framing, limits), records);
}

/// Tells whether each line is a record: one of the first is a whole object, or the first has no
/// end in sight.
fn is_by_line(head: &str) -> bool {
    let text = head.trim_start();
    if text.starts_with('[') {
        return false;
    }
    let is_one_line = !text.contains('\n');
    is_one_line || text.lines().any(|line| line.starts_with('{') && Probe::new(line).is_some())
}

/// Reads JSON records into the lanes of their shapes.
struct JsonRecords<'s> {
    request: &'s ScanRequest,
    context: Context<'s>,
    lanes: Vec<Box<dyn Lane<'s> + 's>>,
    /// The lane of the record before.
    current: usize,
    strange: u64,
}

impl RecordReader for JsonRecords<'_> {
    fn format(&self) -> &'static str {
        "JSON"
    }

    fn fork(&self) -> Self {
        Self {
            request: self.request,
            context: self.context.clone(),
            lanes: self.lanes.iter().map(|lane| lane.fork()).collect(),
            current: self.current,
            strange: 0,
        }
    }

    fn read(&mut self, block: &Block) -> Yield {
        let mut yielded = Yield::default();
        let mut taken = Taken::default();
        let text = str::from_utf8(&block.bytes).ok();
        for (at, bytes) in block.records() {
            yielded.records = yielded.records.saturating_add(1);
            let whole = text.and_then(|text| text.get(at..at.saturating_add(bytes.len())));
            let read = match whole.or_else(|| str::from_utf8(bytes).ok()) {
                Some(record) => self.record(record, &mut taken, yielded.records),
                None => Err((0, Reason::NotUtf8)),
            };
            let Err((within, reason)) = read else { continue };
            let offset = u64::try_from(at.saturating_add(within)).unwrap_or(u64::MAX);
            yielded.rejected.push(RejectedRecord {
                index: yielded.records,
                offset: block.offset.saturating_add(offset),
                reason,
            });
            let is_useless = self.strange >= MAX_STRANGE || yielded.records >= MAX_BROKEN;
            if block.index == 0 && self.lanes.is_empty() && is_useless {
                yielded.gives_up = Some(Reason::GivenUp { records: yielded.records });
                break;
            }
        }
        self.finish(block, &mut yielded);
        yielded
    }
}

impl<'s> JsonRecords<'s> {
    /// Reads one record; an error comes with its offset in the record.
    fn record(
        &mut self,
        record: &str,
        taken: &mut Taken,
        index: u64,
    ) -> Result<(), (usize, Reason)> {
        let limit = self.request.limits.record_bytes;
        if record.len() > limit {
            return Err((0, Reason::TooLong { limit }));
        }
        let line = i64::try_from(index).unwrap_or(i64::MAX);
        let mut outcome = Outcome::Foreign;
        if let Some(lane) = self.lanes.get_mut(self.current) {
            outcome = read_in(&mut **lane, record, taken, line)?;
        }
        if outcome == Outcome::Foreign {
            self.current = self.lane_of(record)?;
            let Some(lane) = self.lanes.get_mut(self.current) else { return Ok(()) };
            outcome = read_in(&mut **lane, record, taken, line)?;
        }
        match (outcome, self.lanes.get_mut(self.current)) {
            (Outcome::Full, Some(lane)) => lane.flush().map_err(|reason| (0, reason)),
            (Outcome::Foreign, _) => Err((0, self.strange_record(record))),
            _ => Ok(()),
        }
    }

    /// Returns the lane of a record, a new one if it is the first of its kind.
    fn lane_of(&mut self, record: &str) -> Result<usize, (usize, Reason)> {
        let Some(probe) = Probe::new(record) else { return Err(syntax_error(record)) };
        let found = shapes::recognise(probe, &self.context).map_err(|reason| {
            self.strange = self.strange.saturating_add(1);
            (0, reason)
        })?;
        let (format, table) = match &found {
            Found::Event(shape) => (shape.name, EVENTS),
            Found::Tree(shape) => (shape.name(), EVENTS),
            Found::Row(shape, table) => (shape.name, &*table.name),
        };
        let mut lanes = self.lanes.iter();
        if let Some(at) = lanes.position(|it| it.format() == format && it.table() == table) {
            return Ok(at);
        }
        let lane: Box<dyn Lane<'s> + 's> = match found {
            Found::Event(shape) => Box::new(EventLane::new(shape, &self.request.events)),
            Found::Tree(shape) => Box::new(TreeLane::new(shape, &self.request.events)),
            Found::Row(shape, table) => {
                let request = self.request.tables.get(&table.name);
                Box::new(RowLane::new(shape, table, request, self.context.known, probe))
            }
        };
        self.lanes.push(lane);
        Ok(self.lanes.len().saturating_sub(1))
    }

    fn strange_record(&mut self, record: &str) -> Reason {
        self.strange = self.strange.saturating_add(1);
        Reason::UnknownShape { keys: Probe::new(record).map(Probe::keys).unwrap_or_default() }
    }

    /// Closes the block: takes what the lanes have gathered.
    fn finish(&mut self, block: &Block, yielded: &mut Yield) {
        if block.is_cut_off
            && let Some(last) = yielded.rejected.last_mut()
            && last.index == yielded.records
        {
            last.reason = Reason::Truncated;
        }
        for lane in &mut self.lanes {
            match lane.take_part() {
                Ok(part) => yielded.parts.push(part),
                Err(reason) => yielded.failures.push(reason),
            }
        }
    }
}

fn read_in(
    lane: &mut (dyn Lane<'_> + '_),
    record: &str,
    taken: &mut Taken,
    line: i64,
) -> Result<Outcome, (usize, Reason)> {
    let outcome = lane.read(record, taken, line);
    outcome.map_err(|error| (error.offset, Reason::Json { expected: error.expected }))
}

fn syntax_error(record: &str) -> (usize, Reason) {
    let error = Probe::error_of(record);
    (error.offset, Reason::Json { expected: error.expected })
}
