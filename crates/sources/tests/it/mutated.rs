//! Inputs of every format, spoilt: a record has its right values, or it is told that something is wrong.
//!
//! Each format writes the same few records; a mutation spoils a value before they are written, or cuts the
//! text. What must not happen is a scan without a problem, a loss or a column left out in which a record
//! is missing or has other values than its text. A new format is one line in [`formats`].

#![expect(clippy::arithmetic_side_effects, reason = "a test counts a handful of records")]

use std::{collections::BTreeMap, fmt::Write as _, path::Path, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use evtx_arrow::write_json_string;
use kql_types::{
    KqlType, datetime,
    schema::{ColumnSchema, TableSchema},
};
use parquet::arrow::ArrowWriter;
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

/// A format: the columns of what can be spoilt, the name of a file of it, and how records are written.
type Format = (&'static [(usize, &'static str)], &'static str, fn(&[Record]) -> Vec<u8>);

const EVENT: &[(usize, &str)] = &[
    (TIME, "TimeGenerated"),
    (PROVIDER, "Provider"),
    (ID, "EventID"),
    (COMPUTER, "Computer"),
    (TEXT, "A"),
    (NUMBER, "N"),
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
    ($($name:ident => $format:expr;)*) => {$(
        #[test]
        fn $name() {
            check($format);
        }
    )*};
}

formats! {
    records_of_evtx_dump => (EVENT, "x.jsonl", evtx_dump);
    records_of_xml_to_json => (EVENT, "x.json", xmltodict);
    records_of_evtxecmd_json => (EVENT, "x.json", evtxecmd_json);
    records_of_nxlog => (EVENT, "x.json", nxlog);
    records_of_winlogbeat => (EVENT, "x.json", winlogbeat);
    records_of_get_winevent_json => (EVENT, "x.json", get_winevent_json);
    records_of_get_winevent_csv => (EVENT, "x.csv", get_winevent_csv);
    records_of_get_winevent_csv_of_services => (SERVICE, "x.csv", service_csv);
    records_of_table_csv => (ROW, "DeviceNetworkEvents.csv", table_csv);
    records_of_table_json => (ROW, "DeviceNetworkEvents.json", table_json);
    records_of_table_json_array => (ROW, "DeviceNetworkEvents.json", table_array);
    records_of_table_parquet => (ROW, "DeviceNetworkEvents.parquet", table_parquet);
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
}

fn mutation() -> impl Strategy<Value = Mutation> {
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
    prop_oneof![
        (0..3usize, times).prop_map(|(record, time)| Mutation::Time(record, time.to_owned())),
        (0..3usize, ID..=NUMBER, text)
            .prop_map(|(r, field, text)| Mutation::Replaced(r, field, text)),
        (0..3usize, places.clone(), places).prop_map(|(r, a, b)| Mutation::Swapped(r, a, b)),
        (0..3usize).prop_map(|record| Mutation::Replaced(record, PROVIDER, String::new())),
        any::<u16>().prop_map(Mutation::Truncated),
    ]
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
    let seed = scanned(format, &(format.2)(&records()));
    assert_eq!(told(&seed), [""; 0], "the seed itself is whole");
    let outcome = runner
        .run(&mutation(), |mutation| accounted(format, &mutation).map_err(TestCaseError::fail));
    outcome.unwrap();
}

/// Says what is wrong with the account of an input.
fn accounted(format: Format, mutation: &Mutation) -> Result<(), String> {
    let (names, _, write) = format;
    let mut records = records();
    match mutation {
        Mutation::Time(record, text) => records[*record][TIME].clone_from(text),
        Mutation::Replaced(record, field, text) => records[*record][*field].clone_from(text),
        Mutation::Swapped(record, a, b) => records[*record].swap(*a, *b),
        Mutation::Truncated(_) => {}
    }
    let mut bytes = write(&records);
    if let Mutation::Truncated(at) = mutation {
        // What is in front of the first record is no record.
        let least = write(&[]).len().min(bytes.len());
        bytes.truncate(least + (bytes.len() - least) * usize::from(*at) / 65_536);
    }
    let collected = scanned(format, &bytes);
    if !told(&collected).is_empty() {
        return Ok(());
    }
    let rows = collected.rows();
    // A row of CSV that ends behind a comma has an empty last field, and so it may be meant.
    if matches!(mutation, Mutation::Truncated(_)) && bytes.ends_with(b",") {
        return Ok(());
    }
    let expected = records.get(..rows.len()).ok_or("more rows than records")?;
    if rows.len() < records.len() {
        // Nobody can tell that records are missing behind a whole one.
        let is_whole = write(expected).trim_ascii() == bytes.trim_ascii();
        return if is_whole { Ok(()) } else { Err(format!("{} rows, and no word", rows.len())) };
    }
    for (row, record) in rows.iter().zip(expected) {
        if let Some(wrong) = difference(names, row, record) {
            return Err(format!("{wrong}, and no word; {row:?}"));
        }
    }
    Ok(())
}

fn scanned((_, name, _): Format, bytes: &[u8]) -> Collected {
    let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
    let columns = vec![
        column("Timestamp", KqlType::Datetime),
        column("DeviceName", KqlType::String),
        column("RemoteUrl", KqlType::String),
        column("RemotePort", KqlType::Int),
    ];
    let table = TableSchema { name: "DeviceNetworkEvents".to_owned(), columns: columns.clone() };
    let known = KnownTables::new(vec![table]);
    let wanted = TableRequest { columns, ..TableRequest::default() };
    let tables = BTreeMap::from([("DeviceNetworkEvents".to_owned(), wanted)]);
    let request = ScanRequest { tables, ..all_events() };
    let mut collected = Collected::default();
    let summaries = scan_stream(Path::new(name), bytes, &request, &known, &mut collected);
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
        let is_same = if *place == PROVIDER && expected.is_empty() {
            // A channel that belongs to a provider names it.
            found.is_empty() || found == SYSMON
        } else if *place == TIME {
            datetime::parse(expected).map(|time| time.to_string()) == Some(found.clone())
        } else {
            found == expected || is_same_number(&found, expected)
        };
        (!is_same).then(|| format!("{name} is `{found}` where the text is `{expected}`"))
    })
}

fn is_same_number(found: &str, expected: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    number(found).is_some() && number(found) == number(expected)
}

fn quoted(text: &str) -> String {
    let mut json = String::new();
    write_json_string(text, &mut json);
    json
}

fn lines(records: &[Record], line: impl Fn(&Record) -> String) -> Vec<u8> {
    records.iter().map(|record| line(record) + "\n").collect::<String>().into_bytes()
}

fn evtx_dump(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"Event\":{{\"System\":{{\"Provider\":{{\"#attributes\":{{\"Name\":{provider}}}}},\
             \"EventID\":{id},\"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":{time}}}}},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":{computer}}},\
             \"EventData\":{{\"A\":{text},\"N\":{number}}}}}}}"
        )
    })
}

fn xmltodict(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"Event\":{{\"System\":{{\"Provider\":{{\"@Name\":{provider}}},\"EventID\":{id},\
             \"TimeCreated\":{{\"@SystemTime\":{time}}},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":{computer}}},\
             \"EventData\":{{\"Data\":[{{\"@Name\":\"A\",\"#text\":{text}}},{{\"@Name\":\"N\",\
             \"#text\":{number}}}]}}}}}}"
        )
    })
}

fn evtxecmd_json(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        let payload = quoted(&format!(
            "{{\"EventData\":{{\"Data\":[{{\"@Name\":\"A\",\"#text\":{text}}},{{\"@Name\":\"N\",\
             \"#text\":{number}}}]}}}}"
        ));
        format!(
            "{{\"EventId\":{id},\"TimeCreated\":{time},\"Provider\":{provider},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":{computer},\
             \"ChunkNumber\":3,\"Payload\":{payload}}}"
        )
    })
}

fn nxlog(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"EventTime\":{time},\"EventReceivedTime\":\"2026-03-01 00:00:00\",\
             \"SourceName\":{provider},\"EventID\":{id},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Hostname\":{computer},\"A\":{text},\
             \"N\":{number}}}"
        )
    })
}

fn winlogbeat(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"@timestamp\":{time},\"winlog\":{{\"provider_name\":{provider},\"event_id\":{id},\
             \"channel\":\"Microsoft-Windows-Sysmon/Operational\",\"computer_name\":{computer},\
             \"event_data\":{{\"A\":{text},\"N\":{number}}}}}}}"
        )
    })
}

/// A message of Sysmon.
fn message(record: &Record) -> String {
    format!("Title:\r\nA: {}\r\nN: {}", record[TEXT], record[NUMBER])
}

fn get_winevent_json(records: &[Record]) -> Vec<u8> {
    let event = |record: &Record| {
        let [time, provider, id, computer, ..] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"Id\":{id},\"LogName\":\"Microsoft-Windows-Sysmon/Operational\",\
             \"MachineName\":{computer},\"ProviderName\":{provider},\"TimeCreated\":{time},\
             \"Message\":{},\"Properties\":[{{\"Value\":{}}},{{\"Value\":{}}}]}}",
            quoted(&message(record)),
            quoted(&record[TEXT]),
            quoted(&record[NUMBER])
        )
    };
    let events: Vec<String> = records.iter().map(event).collect();
    format!("[{}]", events.join(",\n")).into_bytes()
}

fn csv(header: &str, rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut text = format!("{header}\r\n");
    for row in rows {
        let fields: Vec<String> =
            row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
        write!(text, "{}\r\n", fields.join(",")).expect("a string takes what is written");
    }
    text.into_bytes()
}

fn get_winevent_csv(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let [time, provider, id, computer, ..] = record.clone();
        let channel = "Microsoft-Windows-Sysmon/Operational".to_owned();
        vec![message(record), id, provider, channel, computer, time]
    };
    csv("Message,Id,ProviderName,LogName,MachineName,TimeCreated", records.iter().map(row))
}

/// Events whose message is not Sysmon's.
fn service_csv(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let message = format!(
            "A service.\r\n\r\nService Name:  {}\r\nService File Name:  {}\r\nService Type:  \
             t\r\nService Start Type:  s\r\nService Account:  a",
            record[TEXT], record[NUMBER]
        );
        let [time, _, _, computer, ..] = record.clone();
        let provider = "Service Control Manager".to_owned();
        vec![message, "7045".to_owned(), provider, "System".to_owned(), computer, time]
    };
    csv("Message,Id,ProviderName,LogName,MachineName,TimeCreated", records.iter().map(row))
}

fn table_csv(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let [time, _, _, computer, text, number] = record.clone();
        vec![time, number, computer, text]
    };
    csv("Timestamp,RemotePort,DeviceName,RemoteUrl", records.iter().map(row))
}

fn json_row(record: &Record) -> String {
    let [time, _, _, computer, text, number] = record.each_ref().map(|it| quoted(it));
    format!(
        "{{\"Timestamp\":{time},\"DeviceName\":{computer},\"RemoteUrl\":{text},\"RemotePort\":{number}}}"
    )
}

fn table_json(records: &[Record]) -> Vec<u8> {
    lines(records, json_row)
}

fn table_array(records: &[Record]) -> Vec<u8> {
    let rows: Vec<String> = records.iter().map(json_row).collect();
    format!("[{}]", rows.join(",\n")).into_bytes()
}

fn table_parquet(records: &[Record]) -> Vec<u8> {
    let column = |place: usize| {
        let texts: Vec<&str> = records.iter().map(|record| record[place].as_str()).collect();
        Arc::new(StringArray::from(texts)) as ArrayRef
    };
    let batch = RecordBatch::try_from_iter([
        ("Timestamp", column(TIME)),
        ("DeviceName", column(COMPUTER)),
        ("RemoteUrl", column(TEXT)),
        ("RemotePort", column(NUMBER)),
    ])
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}
