//! Inputs of every format, spoilt: a record has its right values, or it is told that something is wrong.
//!
//! Each format writes the same few records; a mutation spoils a value before they are written, or the text
//! or its bytes behind that. What must not happen is a scan without a problem, a loss or a column left out in which a record
//! is missing or has other values than its text. A new format is one line in [`formats`].

#![expect(clippy::arithmetic_side_effects, reason = "a test counts a handful of records")]

mod events;
mod rows;
mod text;

use std::{collections::BTreeMap, path::Path};

use kql_types::{
    KqlType, datetime,
    schema::{ColumnSchema, TableSchema},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sources::{KnownTables, ScanRequest, TableRequest, scan_stream};

use crate::collect::{Collected, all_events};

/// Inputs of each format.
const CASES: u32 = 1000;
/// What the inputs are made from: the same ones each time.
const SEED: [u8; 32] = *b"every record is accounted for ..";

/// A format.
#[derive(Clone, Copy)]
struct Format {
    /// The columns of what can be spoilt.
    names: &'static [(usize, &'static str)],
    /// The name of a file of it.
    file: &'static str,
    write: fn(&[Record]) -> Vec<u8>,
    form: Form,
}

/// What can be done to a text of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Each record has its keys.
    Keys,
    /// The columns have their names once, before the rows.
    Head,
    /// It is no text.
    Binary,
}

const EVENT: &[(usize, &str)] = &[
    (TIME, "TimeGenerated"),
    (PROVIDER, "Provider"),
    (ID, "EventID"),
    (COMPUTER, "Computer"),
    (TEXT, "A"),
    (NUMBER, "N"),
];
/// An event of Sysmon whose data are in its message, which has names that Sysmon has.
const SYSMON_EVENT: &[(usize, &str)] = &[
    (TIME, "TimeGenerated"),
    (PROVIDER, "Provider"),
    (ID, "EventID"),
    (COMPUTER, "Computer"),
    (TEXT, "Image"),
    (NUMBER, "ProcessId"),
];
const SERVICE: &[(usize, &str)] = &[
    (TIME, "TimeGenerated"),
    (COMPUTER, "Computer"),
    (TEXT, "ServiceName"),
    (NUMBER, "ImagePath"),
];
const ROW: &[(usize, &str)] =
    &[(TIME, "Timestamp"), (COMPUTER, "DeviceName"), (TEXT, "RemoteUrl"), (NUMBER, "RemotePort")];

macro_rules! formats {
    ($($name:ident => $names:ident $form:ident $file:literal $write:path;)*) => {$(
        #[test]
        fn $name() {
            check(Format { names: $names, file: $file, write: $write, form: Form::$form });
        }
    )*};
}

formats! {
    records_of_evtx_dump => EVENT Keys "x.jsonl" events::evtx_dump;
    records_of_xml_to_json => EVENT Keys "x.json" events::xmltodict;
    records_of_evtxecmd_json => EVENT Keys "x.json" events::evtxecmd_json;
    records_of_evtxecmd_csv => EVENT Head "x.csv" events::evtxecmd_csv;
    records_of_nxlog => EVENT Keys "x.json" events::nxlog;
    records_of_winlogbeat => EVENT Keys "x.json" events::winlogbeat;
    records_of_elastic_hits => EVENT Keys "x.json" events::elastic_hits;
    records_of_elastic_fields => EVENT Keys "x.json" events::elastic_fields;
    records_of_splunk_rest => EVENT Keys "x.json" events::splunk_rest;
    records_of_get_winevent_json => SYSMON_EVENT Keys "x.json" events::get_winevent_json;
    records_of_get_winevent_csv => SYSMON_EVENT Head "x.csv" events::get_winevent_csv;
    records_of_get_winevent_csv_of_services => SERVICE Head "x.csv" events::service_csv;
    records_of_event_viewer_xml => EVENT Keys "x.xml" events::xml_of_the_event_viewer;
    records_of_xml_fragments => EVENT Keys "x.xml" events::xml_fragments;
    records_of_table_csv => ROW Head "DeviceNetworkEvents.csv" rows::table_csv;
    records_of_table_tsv => ROW Head "DeviceNetworkEvents.tsv" rows::table_tsv;
    records_of_table_json => ROW Head "DeviceNetworkEvents.json" rows::table_json;
    records_of_table_json_array => ROW Head "DeviceNetworkEvents.json" rows::table_array;
    records_of_log_analytics => ROW Head "DeviceNetworkEvents.json" rows::log_analytics;
    records_of_kusto_v1 => ROW Head "DeviceNetworkEvents.json" rows::kusto_v1;
    records_of_kusto_v2 => ROW Head "DeviceNetworkEvents.json" rows::kusto_v2;
    records_of_kusto_v2_fragments => ROW Head "DeviceNetworkEvents.json" rows::kusto_v2_fragments;
    records_of_graph => ROW Head "DeviceNetworkEvents.json" rows::graph;
    records_of_table_parquet => ROW Binary "DeviceNetworkEvents.parquet" rows::table_parquet;
}

/// What can be spoilt of a record.
const TIME: usize = 0;
const PROVIDER: usize = 1;
const ID: usize = 2;
const COMPUTER: usize = 3;
const TEXT: usize = 4;
const NUMBER: usize = 5;

/// The provider of the records that are events.
const SYSMON: &str = "Microsoft-Windows-Sysmon";

/// The values of a record, in the order of the constants above.
type Record = [String; 6];

#[derive(Clone, Debug)]
enum Mutation {
    /// The time of a record is another text.
    Time(usize, String),
    /// A value is another text.
    Replaced(usize, usize, String),
    /// Two values of a record have changed places.
    Swapped(usize, usize, usize),
    /// The text breaks off, after so many 65,536ths of it.
    Truncated(u16),
    /// A member of a record is not there.
    Gone(usize, usize),
    /// A member of a record is there twice, with two values.
    Twice(usize, usize),
    /// A bracket or a quote, so many 65,536ths into the text, is another one.
    Bracket(u16),
    /// A value has a byte that is zero, or one of Windows-1252, in its middle.
    Byte(usize, usize, &'static str),
    /// So many bytes are zero, so many 65,536ths into the text, as after a crash.
    Zeros(u16, usize),
    /// The text is UTF-16 without a mark.
    Utf16(bool),
    /// The name of a column is misspelt where it first stands.
    Misspelt(usize),
}

fn mutation(form: Form) -> BoxedStrategy<Mutation> {
    let times = prop::sample::select(vec![
        "",
        "never",
        "2026-13-45T00:00:00Z",
        "2026-02-30",
        "03/04/2026 10:00:00",
        "10:00",
        "1404/11/20",
        "-1",
        "2026-02-09T10:15:02+99:00",
        "99999999999999999999",
    ]);
    let text = "[!-z~äж日😀]([ -z~äж日😀]{0,10}[!-z~äж日😀])?";
    let places = prop::sample::select(vec![TIME, ID, COMPUTER, TEXT, NUMBER]);
    let values = prop_oneof![
        (0..3usize, times).prop_map(|(record, time)| Mutation::Time(record, time.to_owned())),
        (0..3usize, ID..=NUMBER, text)
            .prop_map(|(r, field, text)| Mutation::Replaced(r, field, text)),
        (0..3usize, places.clone(), places).prop_map(|(r, a, b)| Mutation::Swapped(r, a, b)),
        (0..3usize).prop_map(|record| Mutation::Replaced(record, PROVIDER, String::new())),
        any::<u16>().prop_map(Mutation::Truncated),
    ];
    if form == Form::Binary {
        return values.boxed();
    }
    let bytes = prop::sample::select(vec![text::ZERO, text::OF_1252]);
    let texts = prop_oneof![
        4 => (0..3usize, TIME..=NUMBER).prop_map(|(record, field)| Mutation::Gone(record, field)),
        4 => (0..3usize, TIME..=NUMBER).prop_map(|(record, field)| Mutation::Twice(record, field)),
        8 => any::<u16>().prop_map(Mutation::Bracket),
        4 => (0..3usize, ID..=NUMBER, bytes).prop_map(|(r, field, byte)| Mutation::Byte(r, field, byte)),
        4 => (any::<u16>(), 1..200usize).prop_map(|(at, len)| Mutation::Zeros(at, len)),
        1 => any::<bool>().prop_map(Mutation::Utf16),
        2 => (0..ROW.len()).prop_map(Mutation::Misspelt),
    ];
    prop_oneof![values, texts].boxed()
}

fn records() -> Vec<Record> {
    let record = |n: u32| {
        [
            format!("2026-02-0{n}T10:15:02.5Z"),
            SYSMON.to_owned(),
            format!("{}", n + 2),
            format!("host{n}"),
            format!("value {n}"),
            format!("{}", 4000 + n),
        ]
    };
    (1..=3).map(record).collect()
}

fn check(format: Format) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let seed = scanned(format, &(format.write)(&records()));
    assert_eq!(told(&seed), [""; 0], "the seed itself is whole");
    let outcome = runner.run(&mutation(format.form), |mutation| {
        accounted(format, &mutation).map_err(TestCaseError::fail)
    });
    outcome.unwrap();
}

/// Says what is wrong with the account of an input.
fn accounted(format: Format, mutation: &Mutation) -> Result<(), String> {
    let mut records = records();
    match mutation {
        Mutation::Time(record, text) => records[*record][TIME].clone_from(text),
        Mutation::Replaced(record, field, text) => records[*record][*field].clone_from(text),
        Mutation::Swapped(record, a, b) => records[*record].swap(*a, *b),
        Mutation::Gone(record, field) => records[*record][*field] = text::GONE.to_owned(),
        Mutation::Twice(record, field) => records[*record][*field].insert_str(0, text::TWICE),
        Mutation::Byte(record, field, byte) => records[*record][*field].insert_str(1, byte),
        _ => {}
    }
    let bytes = mutated(format, &records, mutation);
    let is_twice = bytes.windows(text::OTHER.len()).any(|window| window == text::OTHER.as_bytes());
    for record in &mut records {
        for value in record {
            if !is_twice {
                *value = value.replace(text::TWICE, "");
            }
            *value = value.replace(text::GONE, "").replace(text::ZERO, "\0");
            *value = value.replace(text::OF_1252, "é");
        }
    }
    let collected = scanned(format, &bytes);
    if !told(&collected).is_empty() {
        return Ok(());
    }
    let rows = collected.rows();
    // A row of CSV that ends behind a delimiter has an empty last field, and so it may be meant.
    if matches!(mutation, Mutation::Truncated(_))
        && bytes.last().is_some_and(|last| b",\t".contains(last))
    {
        return Ok(());
    }
    let expected = records.get(..rows.len()).ok_or("more rows than records")?;
    if rows.len() < records.len() {
        // Nobody can tell that records are missing behind a whole one.
        let is_whole = matches!(mutation, Mutation::Truncated(_))
            && (format.write)(expected).trim_ascii() == bytes.trim_ascii();
        return if is_whole { Ok(()) } else { Err(format!("{} rows, and no word", rows.len())) };
    }
    for (row, record) in rows.iter().zip(expected) {
        if let Some(wrong) = difference(format.names, row, record) {
            return Err(format!(
                "{wrong}, and no word; {row:?}; {}",
                String::from_utf8_lossy(&bytes)
            ));
        }
    }
    Ok(())
}

/// Returns an input that is mutated.
fn mutated(format: Format, records: &[Record], mutation: &Mutation) -> Vec<u8> {
    let written = (format.write)(records);
    if format.form == Form::Binary {
        let mut bytes = written;
        if let Mutation::Truncated(at) = mutation {
            bytes.truncate(place(bytes.len(), *at));
        }
        return bytes;
    }
    let text = String::from_utf8(written).expect("it is written as a text");
    let mut bytes = text::done(text);
    match mutation {
        Mutation::Truncated(at) => {
            // What is in front of the first record is no record.
            let least = (format.write)(&[]).len().min(bytes.len());
            bytes.truncate(least + place(bytes.len() - least, *at));
        }
        Mutation::Bracket(at) => {
            let is_bracket = |byte: &u8| b"{}[]<>\"".contains(byte);
            let at = place(bytes.len(), *at);
            if let Some(byte) = bytes[at..].iter_mut().find(|byte| is_bracket(byte)) {
                *byte = match *byte {
                    b'{' => b'[',
                    b'}' => b']',
                    b'[' => b'{',
                    b']' => b'}',
                    b'<' => b'>',
                    b'>' => b'<',
                    _ => b'\'',
                };
            }
        }
        Mutation::Zeros(at, len) => {
            let at = place(bytes.len(), *at);
            bytes[at..].iter_mut().take(*len).for_each(|byte| *byte = 0);
        }
        Mutation::Utf16(is_big) => {
            let units = String::from_utf8(bytes).expect("nothing else is mutated");
            let of_unit = if *is_big { u16::to_be_bytes } else { u16::to_le_bytes };
            bytes = units.encode_utf16().flat_map(of_unit).collect();
        }
        Mutation::Misspelt(column) if format.form == Form::Head => {
            let text = String::from_utf8(bytes).expect("nothing else is mutated");
            let names =
                ["TimeCreated", "Provider", "Computer", "Payload", "MachineName", "Message"];
            let of_table = ROW.iter().map(|(_, name)| *name);
            let present = of_table.chain(names).filter(|name| text.contains(name));
            let present: Vec<&str> = present.collect();
            let name = present[column % present.len()];
            let (start, end) = name.split_at(name.len() - 2);
            let end: String = end.chars().rev().collect();
            bytes = text.replacen(name, &format!("{start}{end}"), 1).into_bytes();
        }
        _ => {}
    }
    bytes
}

/// Returns the place so many 65,536ths into a text.
fn place(len: usize, at: u16) -> usize {
    len * usize::from(at) / 65_536
}

fn scanned(format: Format, bytes: &[u8]) -> Collected {
    let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
    let columns = vec![
        column("Timestamp", KqlType::Datetime),
        column("DeviceName", KqlType::String),
        column("RemoteUrl", KqlType::String),
        column("RemotePort", KqlType::Int),
        // It is never there, so that each record is read to its end.
        column("RemoteIP", KqlType::String),
    ];
    let table = TableSchema { name: "DeviceNetworkEvents".to_owned(), columns: columns.clone() };
    let known = KnownTables::new(vec![table]);
    let wanted = TableRequest { columns, ..TableRequest::default() };
    let tables = BTreeMap::from([("DeviceNetworkEvents".to_owned(), wanted)]);
    let request = ScanRequest { tables, ..all_events() };
    let mut collected = Collected::default();
    let summaries = scan_stream(Path::new(format.file), bytes, &request, &known, &mut collected);
    collected.summaries = summaries;
    collected.assert_balances();
    collected
}

/// Returns what a scan says is wrong.
fn told(collected: &Collected) -> Vec<String> {
    let losses = collected.summaries.iter().flat_map(|summary| {
        let losses = summary.losses.iter().map(|(cause, _)| cause.to_string());
        losses.chain(summary.ignored_columns.iter().cloned()).collect::<Vec<_>>()
    });
    collected.problem_texts().into_iter().chain(losses).collect()
}

/// Returns what of a row is not what its record has.
fn difference(
    names: &[(usize, &str)],
    row: &BTreeMap<String, String>,
    record: &Record,
) -> Option<String> {
    let data: BTreeMap<String, serde_json::Value> =
        row.get("EventData").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    names.iter().find_map(|(place, name)| {
        let expected = record[*place].as_str();
        let in_data = data.get(*name).map(|value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let found = in_data.or_else(|| row.get(*name).cloned()).unwrap_or_default();
        let is_same = if let Some(text) = expected.strip_prefix(text::TWICE) {
            found.contains(text) && found.contains(text::OTHER)
        } else if *place == PROVIDER && expected.is_empty() {
            // A channel that belongs to a provider names it.
            found.is_empty() || found == SYSMON
        } else if *place == TIME {
            datetime::parse(expected).map(|time| time.to_string()) == Some(found.clone())
        } else {
            let is_empty = expected.is_empty() && found == "[]";
            found == expected || is_empty || is_same_number(&found, expected)
        };
        (!is_same).then(|| format!("{name} is `{found}` where the text is `{expected}`"))
    })
}

fn is_same_number(found: &str, expected: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    number(found).is_some() && number(found) == number(expected)
}
