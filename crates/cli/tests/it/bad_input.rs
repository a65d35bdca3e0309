//! Damaged and foreign input: each is named, the rest is processed, counts balance, the status says
//! it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use testkit::Reference;

use crate::quarry::{Outcome, quarry};

/// A folder with one good file besides the bad ones.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let good = crate::quarry::workspace().join("samples/defender/DeviceNetworkEvents.csv");
        fs::copy(good, folder.path().join("good.csv")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a query; checks that the good file was read, the bad one named, and the balance adds up.
    fn check(&self, bad: &str) -> (Outcome, Value) {
        let stats = tempfile::NamedTempFile::new().unwrap();
        let folder = self.folder.path().to_str().unwrap();
        let query = "DeviceNetworkEvents | count";
        let args = ["query", "--format", "csv", query, folder, "--stats"];
        let outcome = quarry(args.iter().copied().chain([stats.path().to_str().unwrap()]));
        assert_eq!(outcome.status, 3, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(bad), "{}", outcome.stderr);
        assert!(!outcome.stdout.contains("\n0\r"), "{}", outcome.stdout);
        let stats: Value =
            serde_json::from_str(&fs::read_to_string(stats.path()).unwrap()).unwrap();
        for member in stats["members"].as_array().unwrap() {
            let count = |key: &str| member[key].as_u64().unwrap();
            assert_eq!(
                count("read"),
                ["matched", "not_needed", "rejected"].map(count).iter().sum::<u64>(),
                "{member}"
            );
        }
        (outcome, stats)
    }
}

fn evtx(reference: &Reference) -> Vec<u8> {
    reference.bytes("logs/ID4688-4648 Lateral movement with net use.evtx")
}

#[test]
fn a_truncated_event_log() {
    let reference = testkit::reference!("logs");
    let case = Case::new();
    fs::write(case.path("bad.evtx"), &evtx(&reference)[..40_000]).unwrap();
    let (outcome, _) = case.check("bad.evtx");
    assert!(outcome.stderr.contains("chunk is truncated: 35904 of its 65536 bytes"), "{outcome:?}");
}

#[test]
fn an_event_log_without_its_last_chunks() {
    let reference = testkit::reference!("logs");
    let case = Case::new();
    let log = reference.bytes("logs/ID5145-4624-DonPAPI full extraction.evtx");
    fs::write(case.path("bad.evtx"), &log[..4096 + 2 * 65536]).unwrap();
    let (outcome, _) = case.check("bad.evtx");
    let told = "file is truncated: it ends after 2 of 7 chunks, 547 records are missing";
    assert!(outcome.stderr.contains(told), "{outcome:?}");
}

#[test]
fn event_logs_with_wrong_checksums_signatures_and_sizes() {
    let reference = testkit::reference!("logs");
    for (at, byte, told) in [
        (0, 0, "file header has no `ElfFile` signature"),
        (30, 1, "file header checksum is"),
        (42, 9, "file header checksum is"),
        (4096, 0, "chunk has no `ElfChnk` signature"),
        (4096 + 60, 1, "chunk header checksum is"),
        (4096 + 51, 9, "chunk header puts the end of its records at"),
        (4096 + 512, 0, "are not a record"),
        (4096 + 512 + 7, 9, "checksum of the chunk's records is"),
        (4096 + 512 + 20, 9, "checksum of the chunk's records is"),
    ] {
        let case = Case::new();
        let mut bytes = evtx(&reference);
        bytes[at] = byte;
        fs::write(case.path("bad.evtx"), bytes).unwrap();
        let (outcome, _) = case.check("bad.evtx");
        assert!(outcome.stderr.contains(told), "{at}: {}", outcome.stderr);
    }
}

#[test]
fn chunks_in_a_raw_image_are_found_if_asked_for() {
    let reference = testkit::reference!("logs");
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk.img");
    let chunk = &evtx(&reference)[4096..];
    fs::write(&image, [&[1; 10_007][..], chunk, &[0; 3000], chunk].concat()).unwrap();
    let query = "WindowsEvent | where EventID == 4648 | summarize count() by EventRecordId";
    let args = ["query", "--format", "csv", query, image.to_str().unwrap()];
    let plain = quarry(args);
    assert_eq!(plain.status, 3, "{}", plain.stderr);
    assert!(plain.stderr.contains("no format that is known"), "{}", plain.stderr);
    let carved = quarry(args.iter().copied().chain(["--carve"]));
    assert_eq!(carved.status, 0, "{}", carved.stderr);
    // The chunks' records are the same and count once.
    assert!(carved.stdout.contains("469062,1\r\n"), "{}", carved.stdout);
    assert!(carved.stderr.contains("4 records in 1 file"), "{}", carved.stderr);
    assert!(carved.stderr.contains("of them duplicate"), "{}", carved.stderr);
}

#[test]
fn a_bit_flipped_event_log() {
    let reference = testkit::reference!("logs");
    let case = Case::new();
    let mut bytes = evtx(&reference);
    bytes[4096 + 900] ^= 0x10;
    fs::write(case.path("bad.evtx"), bytes).unwrap();
    case.check("bad.evtx");
}

#[test]
fn an_empty_file() {
    let case = Case::new();
    fs::write(case.path("empty.evtx"), "").unwrap();
    case.check("empty.evtx");
}

#[test]
fn a_file_that_is_no_log() {
    let case = Case::new();
    fs::write(case.path("picture.evtx"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    case.check("picture.evtx");
}

#[test]
fn a_short_row() {
    let case = Case::new();
    let csv = fs::read_to_string(case.path("good.csv")).unwrap();
    let header = csv.lines().next().unwrap();
    fs::write(case.path("short.csv"), format!("{header}\r\na,b\r\n")).unwrap();
    let (outcome, stats) = case.check("short.csv");
    assert!(outcome.stderr.contains("record 1"), "{}", outcome.stderr);
    assert_eq!(stats["total"]["rejected"], 1);
}

#[test]
fn broken_json_in_the_middle() {
    let case = Case::new();
    let sample = crate::quarry::workspace().join("samples/evtx_dump/ws-117_Sysmon.jsonl");
    let text = fs::read_to_string(sample).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let whole = lines.len();
    lines.insert(1, r#"{"Event":{"System":{"#);
    fs::write(case.path("bad.jsonl"), lines.join("\n")).unwrap();
    let (_, stats) = case.check("bad.jsonl");
    let member = |name: &str| {
        let members = stats["members"].as_array().unwrap();
        let is_it = |member: &&Value| Path::new(member["file"].as_str().unwrap()).ends_with(name);
        members.iter().find(is_it).unwrap().clone()
    };
    assert_eq!(member("bad.jsonl")["rejected"], 1);
    assert_eq!(member("bad.jsonl")["read"].as_u64(), Some(whole as u64 + 1));
}

#[test]
fn a_truncated_archive() {
    let reference = testkit::reference!("logs");
    let case = Case::new();
    let archive = reference.bytes("logs/schtask_create.zip");
    fs::write(case.path("cut.zip"), &archive[..archive.len() / 2]).unwrap();
    case.check("cut.zip");
}

#[test]
fn nothing_to_read_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let empty = quarry(["hunt", folder.path().to_str().unwrap()]);
    assert_eq!(empty.status, 2, "{}", empty.stderr);
    let missing = quarry(["hunt", "no/such/file.evtx"]);
    assert_eq!(missing.status, 2, "{}", missing.stderr);
    assert!(missing.stderr.contains("no/such/file.evtx"), "{}", missing.stderr);
}

#[test]
fn a_missing_file_beside_a_good_one_is_told_and_the_good_one_read() {
    let case = Case::new();
    let good = case.path("good.csv");
    let query = "DeviceNetworkEvents | count";
    let outcome =
        quarry(["query", "--format", "csv", query, good.to_str().unwrap(), "missing.evtx"]);
    assert_eq!(outcome.status, 3, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("missing.evtx"), "{}", outcome.stderr);
}
