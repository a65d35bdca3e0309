//! Input that is damaged or no log at all: it is said where, and the rest goes on.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use flate2::{Compression, write::GzEncoder};
use kql_types::KqlType;
use sources::{Limits, ScanRequest, discover};

use crate::collect::{Collected, all_events, everything, of_table, scan_bytes, scan_file};

/// A line of the flat shape.
fn event(id: u32) -> String {
    format!(
        r#"{{"EventID":{id},"SourceName":"P","Channel":"Security","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z","A":"é"}}"#
    )
}

/// Scans, checks the balance and returns the lines of the rows and the problems.
#[track_caller]
fn outcome(name: &str, bytes: impl Read) -> (Vec<String>, Vec<String>) {
    let collected = scan_bytes(name, bytes, &everything());
    collected.assert_balances();
    (collected.lines(), collected.problem_texts())
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_broken_line_costs_itself() {
    let good = event(1);
    let half = &good[..good.len() / 2];
    let text = format!("{good}\n{half}\n{good}\n\n{good},\n[1]\nno JSON\n{good}");
    let (lines, problems) = outcome("x.json", text.as_bytes());
    assert_eq!(lines, ["1", "3", "7"]);
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn a_broken_first_line_costs_itself() {
    let text = format!("{{\"cut\n{}\n{}\n", event(1), event(2));
    let (lines, problems) = outcome("x.json", text.as_bytes());
    assert_eq!(lines, ["2", "3"]);
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn an_array_that_is_cut_off_gives_its_elements() {
    let text = format!("[\n  {},\n  {},\n  {{\"EventID\": 3,", event(1), event(2));
    let (lines, problems) = outcome("x.json", text.as_bytes());
    assert_eq!(lines, ["1", "2"]);
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn bytes_that_are_no_utf8_cost_their_record() {
    let mut bytes = event(1).into_bytes();
    bytes.extend(b"\n{\"EventID\":\"\xff\xfe\"}\n");
    bytes.extend(event(3).as_bytes());
    let (lines, problems) = outcome("x.json", &*bytes);
    assert_eq!(lines, ["1", "3"]);
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn utf16_is_decoded() {
    let text = format!("{}\r\n{}\r\n", event(1), event(2));
    for (mark, bytes) in [
        (true, u16::to_le_bytes as fn(u16) -> [u8; 2]),
        (true, u16::to_be_bytes),
        (false, u16::to_le_bytes),
    ] {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        let encoded: Vec<u8> = units.flat_map(bytes).collect();
        let collected = scan_bytes("x.json", &*encoded, &all_events());
        collected.assert_balances();
        assert_eq!(collected.problem_texts(), [""; 0]);
        let data: Vec<_> =
            collected.rows().into_iter().map(|row| row["EventData"].clone()).collect();
        assert_eq!(data, [r#"{"A":"é"}"#, r#"{"A":"é"}"#]);
    }
}

#[test]
fn a_record_past_the_limit_is_dropped() {
    let long = event(1).replace('é', &"x".repeat(5000));
    let text = format!("{}\n{long}\n{}\n", event(1), event(3));
    for block_bytes in [100, 1_000_000] {
        let limits = Limits { record_bytes: 1000, block_bytes, ..Limits::default() };
        let request = ScanRequest { limits, ..all_events() };
        let collected = scan_bytes("x.json", text.as_bytes(), &request);
        collected.assert_balances();
        assert_eq!(collected.lines(), ["1", "3"]);
        assert_eq!(
            collected.problem_texts(),
            ["x.json, record 2, offset 113: record has more than 1000 bytes"]
        );
    }
}

#[test]
fn json_of_unknown_shape_is_given_up_early() {
    let text = "{\"a\":1,\"b\":2}\n".repeat(1000);
    let (lines, problems) = outcome("x.json", text.as_bytes());
    assert!(lines.is_empty());
    assert_eq!(problems.len(), 17);
    insta::assert_snapshot!(format!("{}\n{}", problems[0], problems[16]));
}

#[test]
fn strange_records_among_known_ones_are_rejected() {
    let text = format!("{}\n{}{}\n", event(1), "{\"a\":1}\n".repeat(30), event(2));
    let (lines, problems) = outcome("x.json", text.as_bytes());
    assert_eq!(lines, ["1", "32"]);
    assert_eq!(problems.len(), 30);
}

#[test]
fn rows_of_the_wrong_width_are_rejected() {
    let text = "Timestamp,DeviceId,RemoteIP,RemotePort\n\
                2020-01-01T00:00:00Z,d,10.0.0.1,445\n\
                2020-01-01T00:00:00Z,d\n\
                2020-01-01T00:00:00Z,d,10.0.0.1,445,5\n\
                2020-01-01T00:00:00Z,\"open,10.0.0.1,445\n\
                2020-01-01T00:00:00Z,d,10.0.0.2,445\n";
    let (lines, problems) = outcome("DeviceNetworkEvents.csv", text.as_bytes());
    assert_eq!(lines, ["1", "5"]);
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn what_is_no_log_is_said() {
    let inputs: [(&str, &[u8]); 6] = [
        ("empty", b""),
        ("blank", b"\n \n"),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("prose.txt", b"Dear reader, this is no log.\nIt is prose, after all.\n"),
        ("other.csv", b"Fruit,Colour\napple,red\n"),
        ("array.json", b"[1,2,3]"),
    ];
    let problems = inputs.map(|(name, bytes)| {
        let (lines, problems) = outcome(name, bytes);
        assert!(lines.is_empty());
        problems.join("\n")
    });
    insta::assert_snapshot!(problems.join("\n"));
}

#[test]
fn a_cut_gzip_gives_what_came_before() {
    let text: String = (0..2000).map(|id| event(id) + "\n").collect();
    let whole = gzipped(text.as_bytes());
    let cut = whole.get(..whole.len() / 2).unwrap();
    let collected = scan_bytes("x.json.gz", cut, &all_events());
    collected.assert_balances();
    let summary = &collected.summaries[0];
    assert!(summary.emitted > 100, "{summary:?}");
    assert_eq!(summary.rejected, 1);
    let problems = collected.problem_texts();
    assert!(problems[0].ends_with(": input is cut off here"), "{problems:?}");
    let [record, stream] = &*collected.problems else { panic!("{problems:?}") };
    assert_eq!(record.place.line, Some(summary.read));
    assert_eq!((stream.place.line, stream.place.offset.is_some()), (None, true));
}

#[test]
fn a_cut_event_log_gives_what_came_before() {
    let whole = testkit::reference!("logs").bytes("logs/sysmon.evtx");
    let mut cut = gzipped(&whole);
    cut.truncate(cut.len() / 2);
    let collected = scan_bytes("sysmon.evtx.gz", &*cut, &all_events());
    collected.assert_balances();
    assert!(collected.summaries[0].emitted > 10);
    assert!(!collected.problems.is_empty());
}

#[test]
fn a_failing_stream_is_a_problem() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let (_, problems) = outcome("x.json", Failing);
    assert_eq!(problems, ["x.json, offset 0: cannot be read: the disk is gone"]);
    let text = event(1) + "\n";
    let (lines, problems) = outcome("x.json", text.as_bytes().chain(Failing));
    assert_eq!(lines, ["1"]);
    assert_eq!(problems, ["x.json, offset 113: cannot be read: the disk is gone"]);
}

#[test]
fn paths_that_lead_nowhere_are_problems() {
    let folder = testkit::Folder::with(&[("logs/b.json", event(1)), ("logs/a/.c", event(1))]);
    std::fs::create_dir(folder.path().join("void")).unwrap();
    let paths = ["logs", "missing", "void"].map(|name| folder.path().join(name));
    let discovery = discover(&paths);
    let names: Vec<PathBuf> = discovery
        .inputs
        .iter()
        .map(|input| input.path().strip_prefix(folder.path()).unwrap().to_owned())
        .collect();
    assert_eq!(names, [PathBuf::from("logs/a/.c"), PathBuf::from("logs/b.json")]);
    let collected = Collected { problems: discovery.problems, ..Collected::default() };
    assert_eq!(
        collected.problem_texts(),
        ["missing: no such file or folder", "void: folder holds no files"]
    );
    let collected = scan_file(folder.path().join("missing"), &all_events());
    assert_eq!(collected.problem_texts(), ["missing: no such file or folder"]);
    assert_eq!(scan_file(folder.path().join("void"), &all_events()).problems.len(), 1);
}

/// An event as XML, with one value.
fn event_xml(value: &str) -> String {
    format!(
        "<Event xmlns='e'><System><Provider Name='P'/><EventID>1</EventID>\
         <TimeCreated SystemTime='2020-01-01T00:00:00Z'/></System>\
         <EventData><Data Name='A'>{value}</Data><Data Name='B'>2</Data></EventData></Event>"
    )
}

#[test]
fn xml_that_is_not_well_formed_costs_its_own_value_and_is_told() {
    let mut bytes = b"<Events>".to_vec();
    for value in ["1", "a & b < c", "x &#0; y", "<script>z"] {
        bytes.extend(event_xml(value).as_bytes());
    }
    bytes.extend(event_xml("broken \u{1}").replace('\u{1}', "?").as_bytes());
    let place = bytes.len() - event_xml("broken ?").len();
    let place = place + bytes[place..].iter().position(|byte| *byte == b'?').unwrap();
    bytes[place] = 0xff;
    bytes.extend(b"</Events>");
    let collected = scan_bytes("x.xml", &*bytes, &all_events());
    collected.assert_balances();
    let data: Vec<String> = collected.rows().iter().map(|row| row["EventData"].clone()).collect();
    let expected = ["1", "a & b < c", "x &#0; y", "<script>z", "broken \u{fffd}"];
    assert_eq!(data, expected.map(|value| format!(r#"{{"A":"{value}","B":"2"}}"#)));
    let texts: Vec<String> = collected
        .problem_texts()
        .iter()
        .map(|text| text.split_once(": ").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        texts,
        [
            "record 2 has `&` that starts no entity, which is kept as text",
            "record 2 has `<` that starts no tag, which is kept as text",
            "record 3 has a number in the place of a character that is none, which is kept as text",
            "record 4 has an element without an end tag, which is kept as text",
            "record 5 has bytes that are not UTF-8, which is kept as text",
        ]
    );
}

#[test]
fn events_are_found_whatever_stands_around_them() {
    let one = event_xml("1");
    for text in [
        format!("{one}{one}"),
        format!(
            "<?xml version='1.0'?>\n<case><note>kept & \n found</note><r>{one}</r><r>{one}</r></case>"
        ),
        format!("<!-- a --><?xml version='1.0'?>{one}<?xml version='1.0'?>{one}<!-- b\n -->"),
        format!("2 events of 2\n\n{one}\n\n--- next ---\n{one}\nend\n"),
        format!(
            "<l:Log xmlns:l='u'>{}</l:Log>",
            format!("{one}{one}").replace("Event>", "Event >").replace("</Event >", "</Event>")
        ),
    ] {
        let (lines, problems) = outcome("x", text.as_bytes());
        assert_eq!(problems, [""; 0], "{text}");
        assert_eq!(lines, ["1", "2"], "{text}");
    }
}

#[test]
fn a_piece_of_an_event_is_a_record_that_is_lost() {
    let one = event_xml("1");
    let (head, tail) = one.split_at(one.len() / 2);
    let text = format!("{one}\n{head}\n{one}\n{tail}\n{one}");
    let (lines, problems) = outcome("x.xml", text.as_bytes());
    assert_eq!(lines, ["1", "3", "5"]);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn rows_of_tables_without_a_time_that_can_be_read_are_rejected() {
    let csv = "Timestamp,RemoteIP,RemotePort\n2024-05-01T12:00:00Z,a,445\nyesterday,b,1\n,c,2\n\
               2024-05-02T12:00:00Z,d,smb\n";
    let rows = csv.lines().skip(1).map(|row| {
        let fields: Vec<&str> = row.split(',').collect();
        format!(
            r#"{{"Timestamp":"{}","RemoteIP":"{}","RemotePort":"{}"}}"#,
            fields[0], fields[1], fields[2]
        )
    });
    let json = rows.collect::<Vec<_>>().join("\n");
    let at = |text| kql_types::datetime::parse(text).unwrap();
    let columns = [("RemoteIP", KqlType::String), ("RemotePort", KqlType::Int)];
    for text in [csv, &json] {
        for time in [None, Some(at("2024-01-01")..at("2025-01-01"))] {
            let mut request = of_table("DeviceNetworkEvents", &columns);
            for table in request.tables.values_mut() {
                table.time.clone_from(&time);
            }
            let collected = scan_bytes("DeviceNetworkEvents", text.as_bytes(), &request);
            collected.assert_balances();
            assert_eq!(collected.lines(), ["1", "4"]);
            let problems = collected.problem_texts();
            assert!(problems[0].contains("record 2"), "{problems:?}");
            assert!(problems[0].contains("`Timestamp` holds no time"), "{problems:?}");
            assert!(problems[1].contains("`Timestamp` is empty"), "{problems:?}");
            let lost: Vec<_> = collected.summaries[0].losses.iter().collect();
            assert!(matches!(&*lost, [(_, loss)] if loss.first == 4 && loss.example == "smb"));
        }
    }
}

#[test]
fn an_export_without_times_is_told() {
    let csv = "RemoteIP,RemotePort,RemoteUrl\na,445,x\nb,80,y\n";
    let request = of_table("DeviceNetworkEvents", &[("RemoteIP", KqlType::String)]);
    let collected = scan_bytes("DeviceNetworkEvents.csv", csv.as_bytes(), &request);
    collected.assert_balances();
    assert_eq!(collected.lines(), ["1", "2"]);
    let lost: Vec<_> = collected.summaries[0].losses.iter().collect();
    assert!(matches!(&*lost, [(sources::Cause::NoTime, loss)] if loss.count == 2));
}
