//! Counts and values of whole logs, against the `evtx` crate's own iteration.

use std::io::Cursor;

use evtx::{EvtxParser, ParserSettings};
use evtx_arrow::{EventColumn, EventRequest, FileReader};
use windows_event_model::SystemField;

use crate::{
    collect::{self, Collected, read},
    logs,
};

fn request() -> EventRequest {
    let columns = [
        EventColumn::System(SystemField::RecordId),
        EventColumn::System(SystemField::EventId),
        EventColumn::System(SystemField::Computer),
        EventColumn::System(SystemField::Channel),
        EventColumn::System(SystemField::ProviderName),
    ];
    EventRequest { columns: columns.to_vec(), filters: vec![] }
}

#[test]
fn every_record_of_every_log_is_found() {
    let reference = testkit::reference!("logs");
    for log in logs::all(&reference) {
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
    let reference = testkit::reference!("logs");
    for log in logs::all(&reference) {
        let request = request();
        let (whole, expected) = read(&log.bytes, &request).unwrap();
        let chunks = FileReader::<()>::chunks_in(log.bytes.len() as u64);
        let requests = [request.clone()];
        let mut reader = FileReader::open(Cursor::new(&log.bytes), &requests).unwrap();
        let mut rows = Vec::new();
        let mut lines_before = 0;
        let mut damages = 0;
        for start in (0..chunks).step_by(3) {
            let mut part = Collected::default();
            let summary = reader.read(start..(start + 3).min(chunks), &mut part).unwrap();
            damages += part.damages.len();
            for mut row in part.rows() {
                let line: u64 = row.pop().unwrap().unwrap().parse().unwrap();
                row.push(Some((line + lines_before).to_string()));
                rows.push(row);
            }
            lines_before += summary.records;
        }
        assert_eq!(lines_before, whole.records, "{}", log.name);
        assert_eq!(damages, expected.damages.len(), "{}", log.name);
        assert_eq!(rows, expected.rows(), "{}", log.name);
        let lines = expected.lines();
        assert!(lines.iter().all(|&line| line >= 1 && line <= whole.records.cast_signed()));
        collect::check(&whole, &expected, &request);
    }
}
