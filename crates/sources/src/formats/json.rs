//! JSON: one object per line, pretty-printed objects, or an array of objects.
//!
//! What the objects are is for the shapes to say, record by record: a file may mix them.

use std::{collections::BTreeMap, io::Read, sync::Arc};

use super::Format;
use crate::{
    dates::order,
    input::content::{Content, Head},
    json::{
        columns::Columns,
        envelope,
        frame::{Frame, unread_rows},
        plan::Taken,
        probe::Probe,
        survey,
        values::{Judge, Values},
    },
    lane::Rejection,
    lanes::Lanes,
    problem::Reason,
    request::Piece,
    scan::Scan,
    shapes::{self, Context, dress},
    text::{
        block::{Block, BlockReader, Framing, Lines},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{RejectedRecord, Yield},
    },
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

fn read(mut content: Content<'_>, scan: &mut Scan<'_>) {
    let dates = survey::by_key(&mut content);
    let head = content.head_text();
    let judge = ByShape(Context { known: scan.known, stems: scan.stems(), dates: Arc::default() });
    let framing: Box<dyn Framing + '_> = if is_by_line(head, &judge) {
        Box::new(Lines)
    } else {
        Box::new(Values::new(Box::new(judge), scan.request.limits.record_bytes))
    };
    let head = content.head().to_vec();
    read_records(encoding::decoded(&head, content.into_reader()), framing, dates, scan);
}

/// Reads a text of which each line is a record.
pub(super) fn read_each_line(mut content: Content<'_>, scan: &mut Scan<'_>) {
    let dates = survey::by_key(&mut content);
    read_records(content.into_reader(), Box::new(Lines), dates, scan);
}

/// Tells whether a text that starts like this has a record in each line.
pub(super) fn is_lines(head: &str, context: Context<'_>) -> bool {
    let text = head.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('{') && is_by_line(text, &ByShape(context))
}

/// Reads records that are each a line of some text.
pub(super) fn read_lines(input: Box<dyn Read + '_>, scan: &mut Scan<'_>) {
    read_records(input, Box::new(Lines), BTreeMap::new(), scan);
}

fn read_records(
    input: Box<dyn Read + '_>,
    framing: Box<dyn Framing + '_>,
    dates: BTreeMap<String, order::Settled>,
    scan: &mut Scan<'_>,
) {
    let limits = scan.request.limits;
    let context = Context { known: scan.known, stems: scan.stems(), dates: Arc::new(dates) };
    let records = JsonRecords {
        lanes: Lanes::new(scan.request, context),
        limit: limits.record_bytes,
        strange: 0,
        may_give_up: scan.request.piece == Piece::Whole,
    };
    pipeline::run(scan, BlockReader::new(input, framing, limits), records);
}

/// Tells whether each line is a record: one of the first is a whole object, and the text does not
/// start with one that holds others.
fn is_by_line(head: &str, judge: &ByShape<'_>) -> bool {
    let text = head.trim_start();
    if text.starts_with('[') {
        return false;
    }
    let is_object = |line: &&str| line.starts_with('{') && Probe::new(line).is_some();
    let first = text.lines().next().filter(is_object);
    if first.is_some_and(|line| judge.is_record(line)) {
        return true;
    }
    let has_record = |object: &str| judge.has_record(object);
    let is_envelope = envelope::look(text, &has_record) != envelope::Found::Other
        || first.is_some_and(|line| Frame::of(line).is_some());
    // Where no line in sight is a whole object, only its brackets tell where one ends.
    !is_envelope && (text.lines().any(|line| is_object(&line)) || is_one_line_of_other_things(text))
}

/// Tells whether a text is one line, and no object that may go on.
fn is_one_line_of_other_things(text: &str) -> bool {
    !text.contains('\n') && !text.starts_with('{')
}

/// Tells records by the shapes.
struct ByShape<'s>(Context<'s>);

impl ByShape<'_> {
    /// Tells whether a shape, or another tool, has written the object.
    fn is_of_shape(&self, object: Probe<'_>) -> bool {
        let mut candidates = shapes::candidates(object, &self.0);
        candidates.any(|found| !matches!(found, Err(Reason::UnknownTable { .. })))
    }
}

impl Judge for ByShape<'_> {
    fn is_record(&self, object: &str) -> bool {
        Probe::new(object).is_some_and(|object| self.is_of_shape(object))
    }

    fn has_record(&self, object: &str) -> bool {
        let Some(probe) = Probe::new(object) else { return false };
        dress::of(probe).iter().any(|dress| {
            let inner = dress.undress(object);
            inner.is_some_and(|inner| self.is_record(&inner))
        })
    }
}

/// Reads JSON records into the lanes of their shapes.
struct JsonRecords<'s> {
    lanes: Lanes<'s>,
    /// Bytes past which a record is rejected.
    limit: usize,
    /// Records of no shape that is known.
    strange: u64,
    /// Whether a text in whose beginning nothing could be read is read no further.
    may_give_up: bool,
}

impl RecordReader for JsonRecords<'_> {
    fn format(&self) -> &'static str {
        "JSON"
    }

    fn fork(&self) -> Self {
        let Self { limit, may_give_up, .. } = *self;
        Self { lanes: self.lanes.fork(), limit, strange: 0, may_give_up }
    }

    fn read(&mut self, block: &Block) -> Yield {
        let mut yielded = Yield::default();
        let mut taken = Taken::default();
        let text = str::from_utf8(&block.bytes).ok();
        let columns = block.columns.clone().map(Columns::called);
        for (at, bytes) in block.records() {
            yielded.records = yielded.records.saturating_add(1);
            let whole = text.and_then(|text| text.get(at..at.saturating_add(bytes.len())));
            let read = match whole.or_else(|| str::from_utf8(bytes).ok()) {
                Some(record) => self.record(record, columns.as_ref(), &mut taken, yielded.records),
                None => Err(Reason::NotUtf8.into()),
            };
            let Err(rejection) = read else { continue };
            let is_first_of_all = self.may_give_up && block.index == 0 && self.lanes.is_empty();
            if is_first_of_all && matches!(rejection.reason, Reason::OtherTool { .. }) {
                // What holds for the file is said once.
                yielded.records = yielded.records.saturating_sub(1);
                yielded.gives_up = Some(rejection.reason);
                break;
            }
            let offset = u64::try_from(at.saturating_add(rejection.offset)).unwrap_or(u64::MAX);
            yielded.rejected.push(RejectedRecord {
                index: yielded.records,
                offset: block.offset.saturating_add(offset),
                reason: rejection.reason,
            });
            let is_useless = self.strange >= MAX_STRANGE || yielded.records >= MAX_BROKEN;
            if is_first_of_all && is_useless {
                yielded.gives_up = Some(Reason::GivenUp { records: yielded.records });
                break;
            }
        }
        self.finish(block, &mut yielded);
        yielded
    }

    /// An empty array, and an answer that says that it holds nothing, are read in full.
    fn table_without_records(&self) -> Result<Option<String>, Reason> {
        Ok(None)
    }
}

impl JsonRecords<'_> {
    /// Reads a record; one that is an array is a row of the columns.
    fn record(
        &mut self,
        record: &str,
        columns: Option<&Columns>,
        taken: &mut Taken,
        index: u64,
    ) -> Result<(), Rejection> {
        if record.len() > self.limit {
            return Err(Reason::TooLong { limit: self.limit }.into());
        }
        if let Some(reason) = unread_rows(record, columns.is_some()) {
            return Err(reason.into());
        }
        let line = i64::try_from(index).unwrap_or(i64::MAX);
        let read = match columns {
            Some(columns) if record.starts_with('[') => {
                let object = columns.object(record)?;
                let read = self.lanes.read(&object, taken, line);
                read.map_err(|rejection| Rejection { offset: 0, ..rejection })
            }
            _ => self.lanes.read(record, taken, line),
        };
        if let Err(rejection) = &read
            && !matches!(rejection.reason, Reason::Json { .. } | Reason::Batch(_))
        {
            self.strange = self.strange.saturating_add(1);
        }
        read
    }

    /// Closes the block: takes what the lanes have gathered.
    fn finish(&mut self, block: &Block, yielded: &mut Yield) {
        if block.is_cut_off
            && let Some(last) = yielded.rejected.last_mut()
            && last.index == yielded.records
        {
            last.reason = Reason::Truncated;
        }
        for part in self.lanes.take_parts() {
            match part {
                Ok(part) => yielded.parts.push(part),
                Err(reason) => yielded.failures.push(reason),
            }
        }
    }
}
