//! Inputs to start from: the project's own queries and samples, and small files made here.

use std::{
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use flate2::{Compression, write::GzEncoder};
use parquet::arrow::ArrowWriter;
use zip::{ZipWriter, write::SimpleFileOptions};

/// Lines of a file that are one input each.
const LINES: usize = 20;

/// The queries of `spec/`.
pub(crate) fn queries() -> Vec<Vec<u8>> {
    let mut queries = Vec::new();
    for path in files("spec", "md") {
        let text = std::fs::read_to_string(path).unwrap();
        let blocks = text.split("```kql\n").skip(1);
        queries.extend(blocks.filter_map(|block| block.split("\n```").next()).map(Vec::from));
    }
    queries
}

/// The samples that are JSON, a line each.
pub(crate) fn json() -> Vec<Vec<u8>> {
    lines("jsonl")
}

/// The samples that are CSV, a line each.
pub(crate) fn csv() -> Vec<Vec<u8>> {
    lines("csv")
}

/// What may stand within a value, within an element and behind an event, and whole documents.
pub(crate) fn xml() -> Vec<Vec<u8>> {
    let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
        <Provider Name='P'/><EventID>5145</EventID><TimeCreated SystemTime='2020-01-01T00:00:00Z'/>\
        </System><EventData><Data Name='ShareName'>\\\\*\\ADMIN$</Data></EventData></Event>";
    let pieces = [
        "a &amp; b &#x41; &#65;",
        "<![CDATA[<a>]]>",
        "<!-- comment -->",
        "a='1' xmlns:b=\"urn:b\"><b:C d='2'>e</b:C><F/",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<UserData><A><B>c</B></A></UserData><RenderingInfo Culture='en-US'><Message>m</Message></RenderingInfo>",
        event,
    ];
    let mut inputs: Vec<Vec<u8>> = pieces.map(Vec::from).to_vec();
    inputs.push(format!("<Events>{event}{event}</Events>").into_bytes());
    inputs.push(
        format!("\u{feff}<Events>{event}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
    );
    inputs
}

/// A file of Parquet between its magic and the length of its footer.
pub(crate) fn parquet() -> Vec<Vec<u8>> {
    let text = |texts: [Option<&str>; 2]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let rows = RecordBatch::try_from_iter([
        ("Timestamp", text([Some("2020-01-01T00:00:00Z"), None])),
        ("DeviceName", text([Some("ws-1"), Some("")])),
        ("RemotePort", Arc::new(Int64Array::from(vec![445, -1])) as ArrayRef),
    ]);
    let rows = rows.unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    vec![file[4..file.len() - 8].to_vec()]
}

/// What clients send, in the order of the target's parsers.
pub(crate) fn wire() -> Vec<Vec<u8>> {
    const EACH: [&[&str]; 8] = [
        &[
            r#"{"db":"lake","csl":"print 1","properties":{"Options":{"servertimeout":"00:04:00","truncationmaxrecords":10,"query_now":"2024-05-01","notruncation":true,"results_v2_fragment_primary_tables":true}}}"#,
            r#"{"csl":"declare query_parameters(n:long = 1, s:string); print n, s","properties":"{\"Parameters\":{\"n\":\"2\",\"s\":\"'it\\\\'s'\"}}"}"#,
        ],
        &[
            ".show version",
            ".show databases (['lake']) schema as json",
            ".show database ['lake'] schema | where TableName != '' | distinct TableName",
            "// who?\n.show table ['T'] cslschema",
            ".show databases entities with (showObfuscatedStrings=true) | take 1",
            ".show graph_snapshots * | summarize count() by Name",
        ],
        &[r#"{"query":"T | count","timespan":"2024-05-01T09:00:00Z/PT2H","workspaces":["a"]}"#],
        &[r#"{"Query":"T | count","Timespan":"P30D"}"#],
        &["P1DT12H30M0.5S", "2024-05-01/2024-05-02", "PT24H/2024-05-02T00:00Z", "P2W"],
        &["Bearer quarry_x", "ApiKey eDpyZWFk", "Basic eDpyZWFk", "Splunk x"],
        &[r#"[{"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"pc7"}]"#, "{\"a\":1}\n{\"a\":2}\n"],
        &[
            "<13>1 2024-05-01T10:00:00Z pc1 winlog - - - {\"EventID\":4624}\n",
            "62 <13>May  1 10:00:00 pc1 winlog: <Event><System></System></Event>",
        ],
    ];
    let numbered = (0_u8..).zip(EACH);
    let seed = |number: u8, text: &str| [&[number], text.as_bytes()].concat();
    numbered.flat_map(|(number, seeds)| seeds.iter().map(move |text| seed(number, text))).collect()
}

/// A zip and a gzip file behind their first four bytes, and whole.
pub(crate) fn archives() -> Vec<Vec<u8>> {
    let text = b"{\"Timestamp\":\"2020-01-01T00:00:00Z\",\"DeviceId\":\"x\",\"RemotePort\":445}\n";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["DeviceNetworkEvents.json", "folder/DeviceNetworkEvents.json"] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text).unwrap();
    let gzip = gzip.finish().unwrap();
    vec![zip[4..].to_vec(), gzip[4..].to_vec(), zip, gzip]
}

/// The records of a chunk: the header of one, and the start of its binary XML.
pub(crate) fn event_logs() -> Vec<Vec<u8>> {
    /// Where the first record's binary XML stands in its chunk.
    const START: u32 = 512 + 24;
    let mut content = vec![0x0f, 1, 1, 0];
    // An open element without attributes, its name behind it: hash, length and UTF-16.
    let name = "Event";
    content.extend([0x01, 0, 0]);
    content.extend(((3 + 4 + 4 + 8 + name.len() * 2 + 2) as u32).to_le_bytes());
    content.extend((START + 4 + 3 + 4 + 4).to_le_bytes());
    content.extend([0; 4]);
    content.extend([0; 2]);
    content.extend((name.len() as u16).to_le_bytes());
    content.extend(name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    content.extend([0x03, 0x00]);
    let len = ((24 + content.len() + 4) as u32).to_le_bytes();
    let mut record = vec![0x2a, 0x2a, 0, 0];
    record.extend(len);
    record.extend(1_u64.to_le_bytes());
    record.extend(132_634_716_323_423_972_u64.to_le_bytes());
    record.extend(content);
    record.extend(len);
    vec![record]
}

/// The first lines of the samples of a form.
fn lines(extension: &str) -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for path in files("samples", extension) {
        let text = std::fs::read(path).unwrap();
        inputs.extend(text.split_inclusive(|byte| *byte == b'\n').take(LINES).map(<[u8]>::to_vec));
    }
    inputs
}

/// The project's files below a folder, by their names.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
