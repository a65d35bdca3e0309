//! Archives and compressed streams, alone and within one another.

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use lzma_rust2::{LzmaOptions, LzmaWriter, XzOptions, XzWriter};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

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

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// Writes a 7z archive with one member, stored.
fn seven_zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let len = |len: usize| {
        // Two bytes of the format's variable-length numbers hold all that is needed here.
        let len = u16::try_from(len).unwrap();
        assert!(len < 0x4000);
        [0x80 | u8::try_from(len >> 8).unwrap(), u8::try_from(len & 0xff).unwrap()]
    };
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let mut header = vec![0x01, 0x04, 0x06, 0x00, 0x01, 0x09];
    header.extend(len(bytes.len()));
    header.extend([0x00, 0x07, 0x0b, 0x01, 0x00, 0x01]);
    // The one coder is that of what is stored.
    header.extend([0x01, 0x00]);
    header.push(0x0c);
    header.extend(len(bytes.len()));
    header.extend([0x0a, 0x01]);
    header.extend(crc(bytes));
    header.extend([0x00, 0x08, 0x00, 0x00, 0x05, 0x01, 0x11]);
    header.extend(len(name.len().saturating_add(1)));
    header.push(0x00);
    header.extend(name);
    header.extend([0x00, 0x00]);
    let mut start = u64::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
    start.extend(u64::try_from(header.len()).unwrap().to_le_bytes());
    start.extend(crc(&header));
    let mut archive = b"7z\xbc\xaf\x27\x1c\x00\x04".to_vec();
    archive.extend(crc(&start));
    archive.extend(start);
    archive.extend(bytes);
    archive.extend(header);
    archive
}

#[test]
fn zstandard_and_7z_are_opened_by_content() {
    let seven = seven_zipped("a/x.log", EVENT.as_bytes());
    let folder = testkit::Folder::with(&[("x", &seven)]);
    for collected in [
        scan_file(folder.path().join("x"), &everything()),
        scan_bytes("x", &*zstandard(&seven), &everything()),
    ] {
        assert_eq!(collected.problem_texts(), [""; 0]);
        assert_eq!(origins(&collected), ["a/x.log WindowsEvent 1"]);
    }
    let two_frames = [zstandard(EVENT.as_bytes()), zstandard(b"\n"), zstandard(EVENT.as_bytes())];
    let collected = scan_bytes("x", &*two_frames.concat(), &everything());
    assert_eq!(origins(&collected), ["- WindowsEvent 2"]);
}

#[test]
fn damage_in_zstandard_and_7z_is_told() {
    let whole = zstandard(format!("{EVENT}\n").repeat(3000).as_bytes());
    let collected = scan_bytes("x", &whole[..whole.len() / 2], &all_events());
    collected.assert_balances();
    assert_eq!(collected.problems.len(), 1, "{:?}", collected.problem_texts());
    let mut seven = seven_zipped("x.log", EVENT.as_bytes());
    let place = seven.windows(7).position(|window| window == b"EventID").unwrap();
    seven[place] = b'X';
    let collected = scan_bytes("x", &*seven, &all_events());
    collected.assert_balances();
    assert!(!collected.problems.is_empty());
    let cut = scan_bytes("x", &seven[..40], &all_events());
    assert_eq!(cut.problems.len(), 1, "{:?}", cut.problem_texts());
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
    for bytes in [
        zipped(&members),
        tarred(&members),
        gzipped(&tarred(&members)),
        gzipped(&zipped(&members)),
        xz(&tarred(&members)),
        zstandard(&tarred(&members)),
    ] {
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

#[test]
fn compressed_streams_are_opened_by_content() {
    let bzip2 = {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(EVENT.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let lz4 = {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(EVENT.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    for bytes in [bzip2, lz4, xz(EVENT.as_bytes())] {
        let whole = scan_bytes("x", &*bytes, &all_events());
        assert_eq!(whole.problem_texts(), [""; 0]);
        assert_eq!(origins(&whole), ["- WindowsEvent 1"]);
        let cut = scan_bytes("x", &bytes[..bytes.len() - 12], &all_events());
        assert!(!cut.problems.is_empty());
    }
}

#[test]
fn what_is_not_read_is_named_with_a_way_out() {
    let office = zipped(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")]);
    let aff4 = zipped(&[("information.turtle", b"x")]);
    for (name, bytes, expected) in [
        ("x", &b"Rar!\x1a\x07\x01\0 and more"[..], "a RAR archive is not read; unpack it"),
        ("x.xlsx", &office, "an Office document is not read; save the sheet"),
        ("x.aff4", &aff4, "an AFF4 image is not read; mount"),
        (
            "x.7z.002",
            b"\x01\x02\x03\x04\x05\x06\x07\x08",
            "part of a split archive; join the parts",
        ),
        ("x.zip.001", b"PK\x03\x04 and no directory", "part of a split archive; join the parts"),
        (
            "x.csv",
            b"Level,Date and Time,Source,Event ID,Task Category\r\n",
            "a text or CSV export of the Event Viewer",
        ),
        ("x", b"<!DOCTYPE html><html><Event></html>", "an HTML page is not read"),
    ] {
        let problems = scan_bytes(name, bytes, &all_events()).problem_texts();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(&format!("{name}: {expected}")), "{problems:?}");
    }
}

#[test]
fn an_unknown_compression_method_is_no_damage() {
    let mut archive = zipped(&[("a", EVENT.as_bytes())]);
    let directory = archive.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
    archive[8] = 97;
    archive[directory + 10] = 97;
    let problems = scan_bytes("x", &*archive, &all_events()).problem_texts();
    assert_eq!(
        problems,
        [
            "x > a: ZIP archive uses the compression method WavPack, which is not read; unpack it and give the folder"
        ]
    );
}

/// Writes a ZIP archive of one member whose data are already compressed by a method.
fn zipped_by(method: u16, compressed: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file("x.json", options).unwrap();
    archive.write_all(compressed).unwrap();
    let mut archive = archive.finish().unwrap().into_inner();
    let directory = archive.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let len = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    // Method, checksum and length stand in the member's header and in the directory.
    for (from, places) in [(0, [8, 14, 22]), (directory, [10, 16, 24])] {
        let header = &mut archive[from..];
        header[places[0]..][..2].copy_from_slice(&method.to_le_bytes());
        header[places[1]..][..4].copy_from_slice(&crc.sum().to_le_bytes());
        header[places[2]..][..4].copy_from_slice(&len);
    }
    archive
}

#[test]
fn members_of_a_zip_archive_may_be_compressed_by_lzma_and_xz() {
    let options = LzmaOptions::with_preset(1);
    let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, true).unwrap();
    writer.write_all(EVENT.as_bytes()).unwrap();
    // The version of the compressor, and its properties with their length, stand before the data.
    let mut lzma = vec![9, 4, 5, 0, options.get_props()];
    lzma.extend(options.dict_size.to_le_bytes());
    lzma.extend(writer.finish().unwrap());
    for (method, compressed) in [(14, lzma), (95, xz(EVENT.as_bytes()))] {
        let archive = zipped_by(method, &compressed, EVENT.as_bytes());
        let collected = scan_bytes("x", &*archive, &all_events());
        assert_eq!(collected.problem_texts(), [""; 0], "{method}");
        assert_eq!(origins(&collected), ["x.json WindowsEvent 1"], "{method}");
    }
}

#[test]
fn xz_asks_for_no_more_memory_than_it_may() {
    let mut bytes = xz(EVENT.as_bytes());
    // The size of the dictionary stands behind the sizes of its filter; 40 is that of four gigabytes.
    let filter = bytes.windows(2).position(|bytes| bytes == [0x21, 0x01]).unwrap();
    bytes[filter + 2] = 40;
    // The header of the block, whose length stands in front, ends with its checksum.
    let (header, checksum) = bytes[12..][..12].split_at_mut(8);
    assert_eq!(header[0], 2);
    let mut crc = flate2::Crc::new();
    crc.update(header);
    checksum[..4].copy_from_slice(&crc.sum().to_le_bytes());
    let told = scan_bytes("x", &*bytes, &all_events()).problem_texts();
    assert!(told.len() == 1 && told[0].contains("memory"), "{told:?}");
}

#[test]
fn an_archive_without_files_is_told() {
    let problem = "x: ZIP archive holds no files";
    for members in [&[][..], &[("._a", &b"\0"[..])], &[("a/", b"")]] {
        assert_eq!(scan_bytes("x", &*zipped(members), &all_events()).problem_texts(), [problem]);
    }
    let mut folder = tar::Header::new_gnu();
    folder.set_entry_type(tar::EntryType::Directory);
    folder.set_size(0);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut folder, "logs", &b""[..]).unwrap();
    let collected = scan_bytes("x", &*archive.into_inner().unwrap(), &all_events());
    assert_eq!(collected.problem_texts(), ["x: tar archive holds no files"]);
}
