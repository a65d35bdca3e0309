//! All values of all records, against the `evtx` crate.

use std::collections::BTreeSet;

use evtx_arrow::{EventColumn, EventRequest};
use serde_json::Value;
use windows_event_model::SystemField;

use crate::{collect::read, logs, oracle};

type Row = Vec<Option<String>>;

fn rows(bytes: &[u8], columns: Vec<EventColumn>) -> Vec<Row> {
    let request = EventRequest { columns, filters: vec![] };
    let mut rows = read(bytes, &request).unwrap().1.rows();
    for row in &mut rows {
        row.pop();
    }
    rows
}

#[test]
fn every_header_field_of_every_record() {
    let reference = testkit::reference!("logs");
    for log in logs::all(&reference) {
        let columns = SystemField::ALL.iter().map(|&field| EventColumn::System(field)).collect();
        let expected: Vec<Row> =
            oracle::records(&log.bytes).iter().map(oracle::Record::header).collect();
        let got = rows(&log.bytes, columns);
        assert_eq!(got.len(), expected.len(), "{}", log.name);
        for (at, (got, expected)) in got.iter().zip(&expected).enumerate() {
            assert_eq!(got, expected, "{}, line {}", log.name, at + 1);
        }
    }
}

#[test]
fn all_data_of_every_record() {
    let reference = testkit::reference!("logs");
    for log in logs::all(&reference) {
        let expected: Vec<Row> = oracle::records(&log.bytes)
            .iter()
            .map(|record| vec![record.data().map(|data| data.to_string())])
            .collect();
        let got = rows(&log.bytes, vec![EventColumn::Dynamic(vec![])]);
        assert_eq!(got.len(), expected.len(), "{}", log.name);
        for (at, (got, expected)) in got.iter().zip(&expected).enumerate() {
            assert_eq!(got, expected, "{}, line {}", log.name, at + 1);
        }
    }
}

#[test]
fn every_field_of_every_record_on_its_own() {
    let reference = testkit::reference!("logs");
    for log in logs::all(&reference) {
        let data: Vec<Option<Value>> =
            oracle::records(&log.bytes).iter().map(oracle::Record::data).collect();
        let names: BTreeSet<&str> = data
            .iter()
            .flatten()
            .flat_map(|data| data.as_object().unwrap().keys().map(String::as_str))
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        // A request of some columns, as queries make them, not one of all.
        for names in names.chunks(12) {
            let path = |name: &&str| vec![(*name).to_owned()];
            let texts = names.iter().map(|name| EventColumn::Text(path(name)));
            let json = names.iter().map(|name| EventColumn::Dynamic(path(name)));
            let got = rows(&log.bytes, texts.chain(json).collect());
            for (at, (got, data)) in got.iter().zip(&data).enumerate() {
                let value = |name: &&str| data.as_ref().and_then(|data| data.get(*name));
                let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
                let texts =
                    names.iter().map(|name| Some(value(name).map(text).unwrap_or_default()));
                let json = names.iter().map(|name| value(name).map(Value::to_string));
                let expected: Row = texts.chain(json).collect();
                assert_eq!(got, &expected, "{}, line {}, {names:?}", log.name, at + 1);
            }
        }
    }
}
