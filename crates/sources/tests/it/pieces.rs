//! Parts of what grows: lines from the middle of a stream, records behind one of a log.

use std::io::Read;

use kql_types::KqlType;
use sources::{Piece, ScanRequest};

use crate::collect::{Collected, KNOWN, all_events, everything, of_table, scan_bytes};

const LOGON: &str = r#"{"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"pc7","AccountName":"eve","ActionType":"LogonSuccess","LogonType":"Network"}"#;

fn lines(text: &str, before: u64) -> Collected {
    let request = ScanRequest { piece: Piece::Lines { before }, ..everything() };
    let collected = scan_bytes("DeviceLogonEvents.json", text.as_bytes(), &request);
    collected.assert_balances();
    collected
}

#[test]
fn lines_are_counted_from_where_they_are_in_the_stream() {
    let found = lines(&format!("{LOGON}\n\nno record\n{LOGON}\n"), 100);
    assert_eq!(found.lines(), ["101", "103"]);
    let rejected: Vec<_> = found.problems.iter().map(|problem| problem.place.line).collect();
    assert_eq!(rejected, [Some(102)]);
    let times: Vec<_> = found.summaries[0].times.spans().map(|span| span.line).collect();
    assert_eq!(times, [Some(101)]);
}

#[test]
fn no_line_is_left_unread_for_those_before_it() {
    let strange = r#"{"a":1}"#;
    let text: String =
        std::iter::repeat_n(strange, 2_000).chain([LOGON]).flat_map(|line| [line, "\n"]).collect();
    let found = lines(&text, 0);
    assert_eq!((found.lines(), found.problems.len()), (vec!["2001".to_owned()], 2_000));
    // What an archive or another format starts with is a line like any other.
    for start in ["PK\u{3}\u{4}", "[1,2", "ElfFile", "<Event xmlns=", "a,b,c"] {
        let found = lines(&format!("{start}\n{LOGON}\n"), 0);
        assert_eq!((found.lines(), found.problems.len()), (vec!["2".to_owned()], 1), "{start}");
    }
}

#[test]
fn what_is_json_lines_is_known_by_its_first_one() {
    let is_lines = |head: &str| {
        sources::is_json_lines("DeviceLogonEvents.json".as_ref(), head.as_bytes(), &KNOWN.0)
    };
    for head in [
        &format!("{LOGON}\n"),
        &format!("{LOGON}\n{LOGON}\n{{\"Times"),
        &format!("\u{feff}{LOGON}\n"),
        &format!("{LOGON}\nZ\u{fc}"),
    ] {
        assert!(is_lines(head), "{head}");
    }
    for head in ["", "[\n", "{\n  \"Timestamp\": 1", "a,b\n", &format!("{{\"value\":[{LOGON}]}}\n")]
    {
        assert!(!is_lines(head), "{head}");
    }
}

/// Rows that do not name their table keep the one of those before them only as long as they have its columns.
#[test]
fn a_row_of_another_table_is_not_one_of_the_table_before() {
    let event = r#"{"TimeGenerated":"2024-05-01T10:00:00Z","Channel":"Security","Provider":"Microsoft-Windows-Security-Auditing","EventID":4624,"Computer":"pc1","EventRecordID":9,"EventData":{"TargetUserName":"eve"}}"#;
    let process = r#"{"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"pc7","DeviceId":"1","ActionType":"ProcessCreated","FileName":"a.exe","ProcessCommandLine":"a.exe /x","ProcessVersionInfoCompanyName":"y","ProcessVersionInfoProductName":"z"}"#;
    let sparse = r#"{"Timestamp":"2024-05-01T10:00:00Z","FailureReason":"x"}"#;
    let strange = r#"{"Timestamp":"2024-05-01T10:00:00Z","Whatever":"x","Else":1}"#;
    let extended = LOGON.replace("\"DeviceName\"", "\"Added\":1,\"DeviceName\"");
    let text = [LOGON, event, LOGON, sparse, process, strange, &extended, &extended].join("\n");
    // The name of the file says nothing.
    let found = scan_bytes("x.json", text.as_bytes(), &everything());
    found.assert_balances();
    let mut by_table: Vec<(&str, u64, u64)> = found
        .summaries
        .iter()
        .map(|it| (it.table.as_deref().unwrap(), it.emitted, it.rejected))
        .collect();
    by_table.sort_unstable();
    // A row with a few of the table's columns and no other is taken for one of those before it.
    assert_eq!(
        by_table,
        [("DeviceLogonEvents", 5, 1), ("DeviceProcessEvents", 1, 0), ("WindowsEvent", 1, 0)]
    );
    let ignored = &found
        .summaries
        .iter()
        .find(|it| it.table.as_deref() == Some("DeviceLogonEvents"))
        .unwrap()
        .ignored_columns;
    assert_eq!(ignored, &["Added"]);
    // Columns that nobody asks for are the table's all the same.
    let request = of_table("DeviceLogonEvents", &[("AccountName", KqlType::String)]);
    let text = [LOGON, sparse, &extended, LOGON].join("\n");
    let few = scan_bytes("x.json", text.as_bytes(), &request);
    let emitted: Vec<u64> = few.summaries.iter().map(|it| it.emitted).collect();
    assert_eq!(emitted, [4], "{:?}", few.summaries);
}

#[test]
fn records_behind_one_are_those_of_the_whole_log_by_their_numbers() {
    // The numbers of its records are 1 and so on, as are their places in it.
    let log = testkit::reference!("logs").bytes("logs/post-Security.evtx");
    let whole = scan_bytes("x.evtx", &*log, &all_events());
    let all = whole.rows();
    assert!(all.len() > 100);
    for after in [0, 1, all.len() / 2, all.len() - 1, all.len()] {
        let number = u64::try_from(after).unwrap();
        let request = ScanRequest { piece: Piece::Records { after: number }, ..all_events() };
        let found = scan_bytes("x.evtx", &*log, &request);
        found.assert_balances();
        assert!(found.rows() == all[after..], "after {after}");
        assert_eq!(found.summaries[0].read, u64::try_from(all.len() - after).unwrap());
        assert!(found.problems.is_empty(), "{:?}", found.problems);
    }
}

#[test]
fn the_index_of_a_chunk_has_its_records() {
    let log = testkit::reference!("logs").bytes("logs/post-Security.evtx");
    let (mut numbers, mut chunks) = (Vec::new(), 0_usize);
    let mut rest = log.get(4096..).unwrap();
    while !rest.is_empty() {
        let mut chunk = vec![0; evtx_arrow::ChunkIndex::CHUNK_LEN];
        rest.read_exact(&mut chunk).unwrap();
        if !chunk.starts_with(evtx_arrow::CHUNK_SIGNATURE) {
            continue;
        }
        let index = evtx_arrow::ChunkIndex::of(&chunk);
        assert!(index.is_sound);
        let header = chunk.get(..512).unwrap();
        let (first, last) = (index.records[0].number, index.last().unwrap());
        assert_eq!(evtx_arrow::ChunkIndex::numbers_of(header), Some((first, last)));
        numbers.extend(index.records.iter().map(|record| record.number));
        chunks += 1;
        // While it is written, the checksums are those of before.
        let place = &index.records[0].bytes;
        chunk[place.start + 30] ^= 1;
        assert!(!evtx_arrow::ChunkIndex::of(&chunk).is_sound);
        chunk[8] ^= 1;
        assert_eq!(evtx_arrow::ChunkIndex::numbers_of(chunk.get(..512).unwrap()), None);
    }
    assert!(chunks > 1 && numbers.is_sorted(), "{chunks}");
    assert!(evtx_arrow::ChunkIndex::of(&vec![0; 65536]).records.is_empty());
    assert!(evtx_arrow::ChunkIndex::of(b"ElfChnk").records.is_empty());
}
