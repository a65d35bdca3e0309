//! CSV exports of native tables: advanced hunting's, Log Analytics' and whatever wrote them anew.

use super::{Format, Head};
use crate::{
    content::Content,
    csv::{fields::Fields, framing::Rows, header, lane::CsvLane},
    problem::Reason,
    request::ScanRequest,
    scan::Scan,
    shapes::Context,
    text::{
        block::{Block, BlockReader},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{RejectedRecord, Yield},
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
    let columns = match header::names(header, delimiter) {
        Ok(columns) => columns,
        Err(reason) => return scan.problem(None, Some(0), reason),
    };
    let limits = scan.request.limits;
    let head = content.head().to_vec();
    let input = encoding::decoded(&head, content.into_reader());
    let records = CsvRecords {
        request: scan.request,
        context: Context { known: scan.known, stems: scan.stems() },
        delimiter,
        type_place: columns.iter().position(|column| column == TYPE),
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
    columns: Vec<String>,
    type_place: Option<usize>,
    lanes: Vec<CsvLane<'s>>,
    is_past_header: bool,
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
            lanes: self.lanes.iter().map(CsvLane::fork).collect(),
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

impl CsvRecords<'_> {
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
            && (told.is_empty() || lane.table().name == told)
        {
            return Ok(0);
        }
        let table = if let Some(table) = self.context.known.get(&told) {
            table
        } else {
            let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
            let stems: Vec<&str> = self.context.stems.iter().map(String::as_str).collect();
            self.context.known.identify(&columns, &stems)?
        };
        let is_its = |lane: &CsvLane<'_>| lane.table().name == table.name;
        if let Some(at) = self.lanes.iter().position(is_its) {
            return Ok(at);
        }
        let request = self.request.tables.get(&table.name);
        self.lanes.push(CsvLane::new(table, request, &self.columns));
        Ok(self.lanes.len().saturating_sub(1))
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
            match lane.take_part(NAME) {
                Ok(part) => yielded.parts.push(part),
                Err(reason) => yielded.failures.push(reason),
            }
        }
    }
}

/// Tells whether a reason that one row has is that of all the others too.
fn is_of_all_rows(reason: &Reason) -> bool {
    matches!(reason, Reason::UnknownTable { .. } | Reason::AmbiguousTable { .. })
}
