//! Counts and values of whole logs, against the `evtx` crate's own iteration.

use std::io::Cursor;

use evtx::{EvtxParser, ParserSettings};
use evtx_arrow::{ChunkRange, EventColumn, EventRequest, SystemField, count_records, read_chunks};

use crate::{
    collect::{self, Collected, read},
    logs,
};

fn request() -> EventRequest {
    let columns = [
        EventColumn::System(SystemField::RecordId),
        EventColumn::System(SystemField::EventID),
        EventColumn::System(SystemField::Computer),
        EventColumn::System(SystemField::Channel),
        EventColumn::System(SystemField::Provider),
    ];
    EventRequest { columns: columns.to_vec(), filters: vec![] }
}

#[test]
fn every_record_of_every_log_is_found() {
    for log in logs::all() {
        let settings = ParserSettings::new().separate_json_attributes(true);
        let mut parser =
            EvtxParser::from_buffer(log.bytes.clone()).unwrap().with_configuration(settings);
        let expected: Vec<Vec<Option<String>>> = parser
            .records_json_value()
            .filter_map(Result::ok)
            .map(|record| {
                let system = &record.data["Event"]["System"];
                let text = |value: &serde_json::Value| {
                    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                };
                vec![
                    text(&system["EventRecordID"]),
                    text(&system["EventID"]),
                    text(&system["Computer"]),
                    text(&system["Channel"]),
                    text(&system["Provider_attributes"]["Name"]),
                ]
            })
            .collect();
        let (summary, collected) = read(&log.bytes, &request()).unwrap();
        let mut rows = collected.rows();
        for row in &mut rows {
            row.pop();
        }
        assert_eq!(summary.emitted, expected.len() as u64, "{}", log.name);
        assert_eq!(rows, expected, "{}", log.name);
    }
}

#[test]
fn chunk_ranges_yield_what_the_whole_yields() {
    for log in logs::all() {
        let request = request();
        let (whole, expected) = read(&log.bytes, &request).unwrap();
        let chunks = ChunkRange::chunks_in(log.bytes.len() as u64);
        let mut rows = Vec::new();
        let mut first_line = 1;
        let mut damages = 0;
        for start in (0..chunks).step_by(3) {
            let range = ChunkRange { chunks: start..(start + 3).min(chunks), first_line };
            let mut part = Collected::default();
            let summary =
                read_chunks(Cursor::new(&log.bytes), &range, &request, &mut part).unwrap();
            let records = count_records(Cursor::new(&log.bytes), range.chunks.clone()).unwrap();
            assert_eq!(summary.records, records, "{}", log.name);
            first_line += records;
            damages += part.damages.len();
            rows.extend(part.rows());
        }
        assert_eq!(first_line - 1, whole.records, "{}", log.name);
        assert_eq!(damages, expected.damages.len(), "{}", log.name);
        assert_eq!(rows, expected.rows(), "{}", log.name);
        let lines = expected.lines();
        assert!(lines.iter().all(|&line| line >= 1 && line <= whole.records.cast_signed()));
        collect::check(&whole, &expected, &request);
    }
}
