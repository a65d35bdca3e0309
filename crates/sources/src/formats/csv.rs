//! CSV exports of native tables: advanced hunting's, Log Analytics' and whatever wrote them anew.

use super::{Format, Head};
use crate::{
    content::Content,
    csv::{
        columns::Columns, fields::Fields, framing::Rows, header, json_lane::JsonLane, lane::CsvLane,
    },
    lanes,
    problem::Reason,
    request::{EVENTS, ScanRequest},
    scan::Scan,
    shapes::Context,
    text::{
        block::{Block, BlockReader},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{Part, RejectedRecord, Yield},
    },
};

/// The name of the format.
const NAME: &str = "CSV";
/// The column that names the table in exports of Log Analytics.
const TYPE: &str = "Type";

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    header::find(head.text).is_some()
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    let Some((delimiter, header)) = header::find(content.head_text()) else { return };
    let columns = match header::columns(header, delimiter) {
        Ok(columns) => Columns::new(columns, scan.request.local_offset),
        Err(reason) => return scan.problem(None, Some(0), reason),
    };
    let limits = scan.request.limits;
    let head = content.head().to_vec();
    let input = encoding::decoded(&head, content.into_reader());
    let records = CsvRecords {
        request: scan.request,
        context: Context { known: scan.known, stems: scan.stems() },
        delimiter,
        type_place: columns.place(TYPE),
        columns,
        lanes: Vec::new(),
        is_past_header: false,
    };
    pipeline::run(scan, BlockReader::new(input, Box::new(Rows::new(delimiter)), limits), records);
}

/// Reads rows into the lanes of their tables.
struct CsvRecords<'s> {
    request: &'s ScanRequest,
    context: Context<'s>,
    delimiter: u8,
    columns: Columns,
    type_place: Option<usize>,
    lanes: Vec<RowsLane<'s>>,
    is_past_header: bool,
}

/// The rows of one table.
enum RowsLane<'s> {
    /// A native table's.
    Table(Box<CsvLane<'s>>),
    /// Events'.
    Json(JsonLane<'s>),
}

impl RowsLane<'_> {
    fn fork(&self) -> Self {
        match self {
            Self::Table(lane) => Self::Table(Box::new(lane.fork())),
            Self::Json(lane) => Self::Json(lane.fork()),
        }
    }

    fn table(&self) -> &str {
        match self {
            Self::Table(lane) => &lane.table().name,
            Self::Json(lane) => lane.table(),
        }
    }

    fn read(&mut self, row: &str, fields: &Fields, line: i64) -> Result<(), Reason> {
        match self {
            Self::Table(lane) => lane.read(row, fields, line),
            Self::Json(lane) => lane.read(row, fields, line),
        }
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        match self {
            Self::Table(lane) => lane.take_part(NAME),
            Self::Json(lane) => lane.take_part().map(|part| Part { format: NAME, ..part }),
        }
    }
}

impl RecordReader for CsvRecords<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn fork(&self) -> Self {
        Self {
            request: self.request,
            context: self.context.clone(),
            delimiter: self.delimiter,
            columns: self.columns.clone(),
            type_place: self.type_place,
            lanes: self.lanes.iter().map(RowsLane::fork).collect(),
            is_past_header: self.is_past_header,
        }
    }

    fn read(&mut self, block: &Block) -> Yield {
        let mut yielded = Yield::default();
        let mut fields = Fields::default();
        let text = str::from_utf8(&block.bytes).ok();
        for (at, bytes) in block.records() {
            let whole = text.and_then(|text| text.get(at..at.saturating_add(bytes.len())));
            let row = whole.or_else(|| str::from_utf8(bytes).ok());
            let row = row.map(|row| row.trim_end_matches(['\r', '\n']));
            if !self.is_past_header {
                self.is_past_header = row.is_some_and(|row| !header::is_preamble(row));
                continue;
            }
            yielded.records = yielded.records.saturating_add(1);
            let read = match row {
                Some(row) => self.row(row, &mut fields, yielded.records),
                None => Err(Reason::NotUtf8),
            };
            let Err(reason) = read else { continue };
            let offset = block.offset.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
            if self.lanes.is_empty() && is_of_all_rows(&reason) {
                yielded.records = yielded.records.saturating_sub(1);
                yielded.gives_up = Some(reason);
                break;
            }
            yielded.rejected.push(RejectedRecord { index: yielded.records, offset, reason });
        }
        self.finish(block, &mut yielded);
        yielded
    }
}

impl<'s> CsvRecords<'s> {
    fn row(&mut self, row: &str, fields: &mut Fields, index: u64) -> Result<(), Reason> {
        let limit = self.request.limits.record_bytes;
        if row.len() > limit {
            return Err(Reason::TooLong { limit });
        }
        fields.split(row, self.delimiter)?;
        if fields.len() != self.columns.len() {
            let (expected, found) = (self.columns.len(), fields.len());
            return Err(Reason::FieldCount { expected, found });
        }
        let lane = self.lane_of(row, fields)?;
        let line = i64::try_from(index).unwrap_or(i64::MAX);
        match self.lanes.get_mut(lane) {
            Some(lane) => lane.read(row, fields, line),
            None => Ok(()),
        }
    }

    /// Returns the lane of a row, a new one if it is the first of its table.
    fn lane_of(&mut self, row: &str, fields: &Fields) -> Result<usize, Reason> {
        let told = self.type_place.map(|place| fields.text(row, place)).unwrap_or_default();
        if let [lane] = &*self.lanes
            && (told.is_empty() || lane.table() == told)
        {
            return Ok(0);
        }
        let table = if let Some(table) = self.context.known.get(&told) {
            Ok(table)
        } else {
            let columns: Vec<&str> = self.columns.names().collect();
            let stems: Vec<&str> = self.context.stems.iter().map(String::as_str).collect();
            self.context.known.identify(&columns, &stems)
        };
        let fresh = match table {
            Ok(table) if table.name != EVENTS => {
                let request = self.request.tables.get(&table.name);
                RowsLane::Table(Box::new(CsvLane::new(
                    table,
                    request,
                    self.context.known,
                    &self.columns,
                )))
            }
            // Events, exported or flattened by whatever else, have the shapes that JSON has.
            other => match self.json_lane(&self.columns.json(row, fields)) {
                Ok(lane) => RowsLane::Json(lane),
                Err(reason) => {
                    let no_table = other.err().unwrap_or_else(|| self.strange());
                    let says_more = reason.says_little() < no_table.says_little();
                    return Err(if says_more { reason } else { no_table });
                }
            },
        };
        let is_its = |lane: &RowsLane<'_>| {
            let is_same_kind = match (lane, &fresh) {
                (RowsLane::Json(lane), RowsLane::Json(fresh)) => lane.format() == fresh.format(),
                (RowsLane::Table(_), RowsLane::Table(_)) => true,
                _ => false,
            };
            is_same_kind && lane.table() == fresh.table()
        };
        if let Some(at) = self.lanes.iter().position(is_its) {
            return Ok(at);
        }
        self.lanes.push(fresh);
        Ok(self.lanes.len().saturating_sub(1))
    }

    /// Returns a lane for rows that are events in one of the shapes that JSON has.
    fn json_lane(&self, record: &str) -> Result<JsonLane<'s>, Reason> {
        let lane = lanes::events_like(record, self.request, &self.context)?;
        Ok(JsonLane::new(lane, &self.columns))
    }

    fn strange(&self) -> Reason {
        Reason::UnknownShape { keys: self.columns.names().map(str::to_owned).collect() }
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

/// Tells whether a reason that one row has is that of all the others too.
fn is_of_all_rows(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::UnknownTable { .. } | Reason::AmbiguousTable { .. } | Reason::OtherTool { .. }
    )
}
