//! Archives and compressed streams, alone and within one another.

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::collect::{Collected, all_events, everything, scan_bytes, scan_file};

const EVENT: &str = r#"{"EventID":1,"SourceName":"P","Channel":"c","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z"}"#;
const ROWS: &str = "Timestamp,DeviceId\n2020-01-01T00:00:00Z,d\n";

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap());
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Returns where rows came from: member, table, line.
fn origins(collected: &Collected) -> Vec<String> {
    collected.assert_balances();
    let text = |(origin, batch): &(sources::Origin, arrow_array::RecordBatch)| {
        let member = origin.member.as_deref().unwrap_or("-");
        format!("{member} {} {}", origin.table, batch.num_rows())
    };
    collected.batches.iter().map(text).collect()
}

#[test]
fn every_kind_of_archive_is_opened_by_content() {
    let members: [(&str, &[u8]); 3] =
        [("a/x.log", EVENT.as_bytes()), ("._x.log", b"\0"), ("DeviceInfo.csv", ROWS.as_bytes())];
    let expected = ["a/x.log WindowsEvent 1", "DeviceInfo.csv DeviceInfo 1"];
    for bytes in
        [zipped(&members), tarred(&members), gzipped(&tarred(&members)), gzipped(&zipped(&members))]
    {
        let collected = scan_bytes("anything", &*bytes, &everything());
        assert_eq!(origins(&collected), expected);
        assert_eq!(collected.problem_texts(), [""; 0]);
    }
    let collected = scan_bytes("x", &*gzipped(EVENT.as_bytes()), &everything());
    assert_eq!(origins(&collected), ["- WindowsEvent 1"]);
}

#[test]
fn an_archive_is_read_from_its_file() {
    let folder = testkit::Folder::with(&[("x.bin", zipped(&[("m", EVENT.as_bytes())]))]);
    let collected = scan_file(folder.path().join("x.bin"), &all_events());
    assert_eq!(origins(&collected), ["m WindowsEvent 1"]);
    assert!(collected.bytes > 0);
}

#[test]
fn archives_may_lie_within_one_another() {
    let inner = zipped(&[("x.json.gz", &gzipped(EVENT.as_bytes()))]);
    let outer = tarred(&[("logs/inner.zip", &inner), ("y.json", EVENT.as_bytes())]);
    let collected = scan_bytes("x", &*outer, &all_events());
    let expected = ["logs/inner.zip/x.json.gz WindowsEvent 1", "y.json WindowsEvent 1"];
    assert_eq!(origins(&collected), expected);
}

#[test]
fn nesting_has_an_end() {
    let bomb = (0..10).fold(EVENT.as_bytes().to_vec(), |inner, _| gzipped(&inner));
    let collected = scan_bytes("x", &*bomb, &all_events());
    assert_eq!(
        collected.problem_texts(),
        ["x: gzip archive cannot be read within another; unpack the outer one"]
    );
}

#[test]
fn streams_one_after_the_other_are_one() {
    let line = format!("{EVENT}\n");
    let bytes = [gzipped(line.as_bytes()), gzipped(line.as_bytes())].concat();
    let collected = scan_bytes("x", &*bytes, &all_events());
    assert_eq!(origins(&collected), ["- WindowsEvent 2"]);
}

#[test]
fn damaged_archives_are_problems() {
    let zip = zipped(&[("a", EVENT.as_bytes()), ("b", EVENT.as_bytes())]);
    let cut_zip = zip.get(..zip.len() / 2).unwrap();
    // Bit 0 of the flags, in the local header and in the directory, says that `a` is encrypted.
    let mut encrypted = zipped(&[("a", EVENT.as_bytes())]);
    encrypted[6] |= 1;
    let directory = encrypted.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
    encrypted[directory + 8] |= 1;
    let tar = tarred(&[("a", EVENT.as_bytes()), ("b", &[b' '; 5000])]);
    let cut_tar = tar.get(..tar.len() - 4096).unwrap();
    let problems: Vec<String> = [cut_zip, &encrypted, cut_tar, &gzipped(b"")]
        .into_iter()
        .flat_map(|bytes| {
            let collected = scan_bytes("x", bytes, &all_events());
            collected.assert_balances();
            collected.problem_texts()
        })
        .collect();
    insta::assert_snapshot!(problems.join("\n"));
}
