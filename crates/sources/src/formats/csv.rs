//! CSV exports of native tables: advanced hunting's, Log Analytics' and whatever wrote them anew.

use std::{collections::BTreeMap, sync::Arc};

use kql_types::schema::TableSchema;

use super::Format;
use crate::{
    csv::{
        columns::Columns, fields::Fields, framing::Rows, header, json_lane::JsonLane,
        lane::CsvLane, survey,
    },
    input::content::{Content, Head},
    json::probe::Probe,
    known::TABLE_COLUMNS,
    lanes,
    problem::Reason,
    request::{EVENTS, ScanRequest},
    rows::time::TimeNotes,
    scan::Scan,
    shapes::{self, Context},
    text::{
        block::{Block, BlockReader},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{Blemish, Part, RejectedRecord, Yield},
    },
};

/// The name of the format.
const NAME: &str = "CSV";
/// Values of that column whose table is remembered.
const MAX_TYPES: usize = 10_000;

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    header::find(head.text).is_some()
}

fn read(mut content: Content<'_>, scan: &mut Scan<'_>) {
    let Some((delimiter, header)) = header::find(content.head_text()) else { return };
    let columns = match header::columns(header, delimiter) {
        Ok(columns) => Columns::new(columns, scan.known, scan.request),
        Err(reason) => return scan.problem(None, Some(0), reason),
    };
    let limits = scan.request.limits;
    // Who says the order has no need of evidence.
    let columns = match scan.request.date_order {
        Some(_) => columns,
        None => survey::settle(columns, &mut content, delimiter, limits),
    };
    let head = content.head().to_vec();
    let input = encoding::decoded(&head, content.into_reader());
    let records = CsvRecords {
        request: scan.request,
        context: Context { known: scan.known, stems: scan.stems(), dates: Arc::default() },
        delimiter,
        type_place: type_place(&columns),
        columns,
        lanes: Vec::new(),
        lane_of_type: BTreeMap::new(),
        identifications: 0,
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
    /// By what stands in the column that names the table: the lane of its rows, `None` if those are
    /// events, of which each may be of another shape.
    lane_of_type: BTreeMap<String, Option<usize>>,
    /// How often a table was looked for, or a shape: work that must not grow with the rows.
    identifications: u64,
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

    /// Reads a row and tells whether it is the lane's.
    fn read(&mut self, row: &str, fields: &Fields, line: i64) -> Result<bool, Reason> {
        match self {
            Self::Table(lane) => lane.read(row, fields, line).map(|()| true),
            Self::Json(lane) => lane.read(row, fields, line),
        }
    }

    fn take_part(&mut self) -> Result<Part, Reason> {
        match self {
            Self::Table(lane) => lane.take_part(NAME),
            Self::Json(lane) => {
                let ignored_columns = lane.ignored_columns();
                lane.take_part().map(|part| Part { format: NAME, ignored_columns, ..part })
            }
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
            lane_of_type: self.lane_of_type.clone(),
            identifications: 0,
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
            if read.is_ok() && fields.has_loose_quote() {
                let offset = block.offset.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
                let what = "a quote in a field that does not start with one";
                yielded.blemishes.push(Blemish { index: yielded.records, offset, what });
            }
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

    fn table_without_records(&self) -> Result<Option<String>, Reason> {
        let columns: Vec<&str> = self.columns.names().collect();
        let stems: Vec<&str> = self.context.stems.iter().map(String::as_str).collect();
        match self.context.known.identify(&columns, &stems) {
            Ok(table) => Ok(Some(table.name.clone())),
            Err(unsure @ (Reason::AmbiguousTable { .. } | Reason::FewColumns { .. })) => {
                Err(unsure)
            }
            Err(_) => self.shape_of_head().map(|()| Some(EVENTS.to_owned())),
        }
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
        let line = i64::try_from(index).unwrap_or(i64::MAX);
        let lane = self.lane_of(row, fields)?;
        if let Some(lane) = lane.and_then(|lane| self.lanes.get_mut(lane)) {
            return lane.read(row, fields, line).map(|_| ());
        }
        self.event(row, fields, line)
    }

    /// Returns the lane of a row of a table, a new one if it is the first; `None` if it is an event.
    fn lane_of(&mut self, row: &str, fields: &Fields) -> Result<Option<usize>, Reason> {
        let told = self.type_place.map(|place| fields.text(row, place)).unwrap_or_default();
        if let Some(lane) = self.lane_of_type.get(&*told) {
            return Ok(*lane);
        }
        self.identifications = self.identifications.saturating_add(1);
        let table = if let Some(table) = self.context.known.get(&told) {
            Ok(table)
        } else {
            let columns: Vec<&str> = self.columns.names().collect();
            let stems: Vec<&str> = self.context.stems.iter().map(String::as_str).collect();
            self.context.known.identify(&columns, &stems)
        };
        let lane = match table {
            Ok(table) if table.name != EVENTS => Some(self.table_lane(table)),
            // Events, exported or flattened by whatever else, have the shapes that JSON has.
            Ok(_) => None,
            Err(no_table) => match self.shape_of(row, fields) {
                Ok(_) => None,
                Err(reason) => {
                    let says_more = reason.says_little() < no_table.says_little();
                    return Err(if says_more { reason } else { no_table });
                }
            },
        };
        if self.lane_of_type.len() < MAX_TYPES {
            self.lane_of_type.insert(told.into_owned(), lane);
        }
        Ok(lane)
    }

    /// Returns the lane of a table's rows, a new one if there is none.
    fn table_lane(&mut self, table: &'s TableSchema) -> usize {
        let is_its = |lane: &RowsLane<'_>| matches!(lane, RowsLane::Table(lane) if lane.table().name == table.name);
        if let Some(at) = self.lanes.iter().position(is_its) {
            return at;
        }
        let request = self.request.tables.get(&table.name);
        let lane = CsvLane::new(table, request, self.context.known, &self.columns);
        self.lanes.push(RowsLane::Table(Box::new(lane)));
        self.lanes.len().saturating_sub(1)
    }

    /// Reads a row that is an event into the lane of its shape.
    fn event(&mut self, row: &str, fields: &Fields, line: i64) -> Result<(), Reason> {
        let mut reason = None;
        for lane in self.lanes.iter_mut().filter(|lane| matches!(lane, RowsLane::Json(_))) {
            match lane.read(row, fields, line) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if !error.is_of_shape() => return Err(error),
                // Another shape may have it.
                Err(error) => reason = Some(error),
            }
        }
        if let Some(reason) = reason {
            return Err(reason);
        }
        self.identifications = self.identifications.saturating_add(1);
        let mut lane = self.shape_of(row, fields)?;
        if !lane.read(row, fields, line)? {
            return Err(self.strange());
        }
        self.lanes.push(RowsLane::Json(lane));
        Ok(())
    }

    /// Returns a lane for rows like this one, which is an event.
    fn shape_of(&self, row: &str, fields: &Fields) -> Result<JsonLane<'s>, Reason> {
        self.json_lane(&self.columns.json(row, fields, &mut TimeNotes::default())?)
    }

    /// Returns a lane for rows that are events in one of the shapes that JSON has.
    fn json_lane(&self, record: &str) -> Result<JsonLane<'s>, Reason> {
        let lane = lanes::events_like(record, self.request, &self.context)?;
        Ok(JsonLane::new(lane, &self.columns))
    }

    /// Tells by the columns alone whether rows would be events.
    ///
    /// # Errors
    ///
    /// What the columns are otherwise.
    fn shape_of_head(&self) -> Result<(), Reason> {
        let head = self.columns.json_of_names();
        let candidates = Probe::new(&head).into_iter();
        let mut found = candidates.flat_map(|head| shapes::candidates(head, &self.context));
        let is_strange = |reason: &Reason| matches!(reason, Reason::UnknownTable { .. });
        let strange =
            || Reason::HeadOnly { columns: self.columns.names().map(str::to_owned).collect() };
        match found.find(|found| !found.as_ref().is_err_and(is_strange)) {
            Some(found) => found.map(|_| ()),
            None => Err(strange()),
        }
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

/// Returns the place of the column that may name the table of a row.
fn type_place(columns: &Columns) -> Option<usize> {
    TABLE_COLUMNS.iter().find_map(|name| columns.place(name))
}

/// Tells whether a reason that one row has is that of all the others too.
fn is_of_all_rows(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::UnknownTable { .. }
            | Reason::AmbiguousTable { .. }
            | Reason::FewColumns { .. }
            | Reason::OtherTool { .. }
    )
}

#[cfg(test)]
mod tests {
    use kql_types::{
        KqlType,
        schema::{ColumnSchema, TableSchema},
    };

    use super::*;
    use crate::known::KnownTables;

    /// Work that grew with the rows made a file of two tables cost as much as rows times tables.
    #[test]
    fn tables_are_looked_for_once_however_rows_alternate() {
        let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
        let table = |name: &str| TableSchema {
            name: name.to_owned(),
            columns: vec![
                column("TimeGenerated", KqlType::Datetime),
                column("Host", KqlType::String),
            ],
        };
        let known = KnownTables::new(["Alpha", "Beta"].map(table).to_vec());
        let request = ScanRequest::default();
        let header = header::columns("TimeGenerated,Host,Type", b',').unwrap();
        let columns = Columns::new(header, &known, &request);
        let mut records = CsvRecords {
            request: &request,
            context: Context { known: &known, stems: Vec::new(), dates: Arc::default() },
            delimiter: b',',
            type_place: type_place(&columns),
            columns,
            lanes: Vec::new(),
            lane_of_type: BTreeMap::new(),
            identifications: 0,
            is_past_header: true,
        };
        let text = "2026-01-01,a,Alpha\n2026-01-02,b,Beta\n".repeat(1000);
        let yielded = records.read(&Block { bytes: text.into_bytes().into(), ..Block::default() });
        assert_eq!((yielded.records, yielded.rejected.len()), (2000, 0));
        let counts: Vec<_> =
            yielded.parts.iter().map(|part| (&*part.table, part.filtered)).collect();
        assert_eq!(counts, [("Alpha", 1000), ("Beta", 1000)]);
        assert_eq!(records.identifications, 2);
    }
}
