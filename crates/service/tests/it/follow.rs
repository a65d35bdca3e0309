//! Folders that are watched, with files that appear, grow, wrap and rotate.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::Folder;

use crate::client::{Served, Setup};

/// How long something may take to come in; it is there in a fraction of that.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder, the lake that it is watched into, and a service that may be stopped and started.
struct Watched {
    folder: Folder,
    served: Option<Served>,
}

impl Watched {
    fn new() -> Self {
        let folder = Folder::empty();
        fs::create_dir(folder.path().join("logs")).unwrap();
        let mut watched = Self { folder, served: None };
        watched.start();
        watched
    }

    fn start(&mut self) {
        self.served = Some(Served::start(Setup {
            lake_folder: Some(self.folder.path().join("lake")),
            followed: vec![self.folder.path().join("logs")],
            ..Setup::new()
        }));
    }

    fn stop(&mut self) {
        self.served = None;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn rows(&self, query: &str) -> Value {
        let served = self.served.as_ref().unwrap();
        let reply = served.post("/v1/rest/query", &json!({ "csl": query }));
        reply.json()["Tables"][0]["Rows"].clone()
    }

    /// Waits until a query has these rows; fails if it has others in the end.
    #[track_caller]
    fn wait_for(&self, query: &str, expected: &Value) {
        let started = Instant::now();
        loop {
            let rows = self.rows(query);
            if rows == *expected {
                break;
            }
            assert!(started.elapsed() < PATIENCE, "{rows} is not {expected}");
            thread::sleep(Duration::from_millis(20));
        }
        // It stays so when there has been time to read everything again.
        thread::sleep(Duration::from_millis(300));
        assert_eq!(self.rows(query), *expected);
    }

    /// Waits until the lines of a log are those from one number to another, each once.
    #[track_caller]
    fn wait_for_logons(&self, count: u64) {
        let query = "DeviceLogonEvents | where DeviceName == 'pc7' | summarize count(), dcount(AccountName), sum(tolong(AccountName))";
        let sum = (1..=count).sum::<u64>();
        self.wait_for(query, &json!([[count, count, sum]]));
    }

    fn states(&self) -> String {
        self.served.as_ref().unwrap().get("/metrics", &[]).body
    }
}

/// Returns the lines of a log from one number to another.
fn logons(numbers: std::ops::RangeInclusive<u64>) -> String {
    let line = |number| {
        format!(
            "{{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"pc7\",\"AccountName\":\"{number}\",\"ActionType\":\"LogonSuccess\",\"LogonType\":\"Network\"}}\n"
        )
    };
    numbers.map(line).collect()
}

#[test]
fn lines_come_in_as_they_are_appended() {
    let mut watched = Watched::new();
    watched.append("a.json", &logons(1..=3));
    watched.wait_for_logons(3);
    // A line that is not whole is waited for; one at the end of a file needs no end.
    let more = logons(4..=5);
    watched.append("a.json", &more[..40]);
    thread::sleep(Duration::from_millis(300));
    watched.append("a.json", more[40..].trim_end());
    watched.wait_for_logons(5);
    watched.append("a.json", "\n");
    watched.append("a.json", &logons(6..=7));
    watched.wait_for_logons(7);
    watched.stop();
    watched.append("a.json", &logons(8..=9));
    watched.start();
    watched.wait_for_logons(9);
    // Each cites its line.
    let query = "LakeInput | where RecordsStored > 0 | summarize Stored = sum(RecordsStored), Last = max(Position)";
    let len = fs::metadata(watched.path("a.json")).unwrap().len();
    watched.wait_for(query, &json!([[9, len]]));
}

/// A line that its writer leaves half written for long is taken for what the file is. Other logs begin with the
/// same characters, and so does this one when it goes on: that says nothing of their records.
#[test]
fn a_first_line_that_is_left_unfinished_costs_no_record() {
    let watched = Watched::new();
    let (first, others) = (logons(1..=2), logons(3..=5));
    watched.append("a.json", &first[..40]);
    watched.wait_for("LakeInput | summarize sum(RecordsRejected)", &json!([[1]]));
    watched.append("a.json", &first[40..]);
    watched.append("b.json", &others);
    assert_eq!(first[..40], others[..40]);
    watched.wait_for_logons(5);
}

#[test]
fn what_is_not_a_record_is_passed_and_told() {
    let watched = Watched::new();
    watched
        .append("a.json", &format!("{}no record\n\n{{\"a\":1}}\n{}", logons(1..=2), logons(3..=3)));
    watched.wait_for_logons(3);
    watched
        .wait_for("LakeInput | summarize sum(RecordsRead), sum(RecordsRejected)", &json!([[5, 2]]));
    let states = watched.states();
    assert!(
        states.lines().any(|line| line.contains("input_rejected_total") && line.ends_with(" 2")),
        "{states}"
    );
}

#[test]
fn a_log_that_rotates_goes_on() {
    let mut watched = Watched::new();
    watched.append("a.json", &logons(1..=3));
    watched.wait_for_logons(3);
    // Renamed with lines that nobody has read, and made anew.
    watched.append("a.json", &logons(4..=5));
    fs::rename(watched.path("a.json"), watched.path("a.json.1")).unwrap();
    watched.append("a.json", &logons(6..=6));
    watched.wait_for_logons(6);
    // Copied and truncated.
    watched.append("a.json", &logons(7..=8));
    fs::copy(watched.path("a.json"), watched.path("a.json.2")).unwrap();
    fs::write(watched.path("a.json"), "").unwrap();
    watched.append("a.json", &logons(9..=9));
    watched.wait_for_logons(9);
    // While nobody looks.
    watched.stop();
    fs::rename(watched.path("a.json.1"), watched.path("a.json.3")).unwrap();
    watched.append("a.json", &logons(10..=11));
    fs::rename(watched.path("a.json"), watched.path("a.json.1")).unwrap();
    watched.append("a.json", &logons(12..=12));
    watched.start();
    watched.wait_for_logons(12);
    // Compressed, with and without lines that nobody has read.
    watched.stop();
    watched.append("a.json", &logons(13..=14));
    for name in ["a.json", "a.json.1"] {
        let text = fs::read(watched.path(name)).unwrap();
        let file = fs::File::create(watched.path(&format!("{name}.gz"))).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packed.write_all(&text).unwrap();
        packed.finish().unwrap();
        fs::remove_file(watched.path(name)).unwrap();
    }
    watched.start();
    watched.wait_for_logons(14);
}

#[test]
fn copies_that_are_there_from_the_start_come_in_once() {
    let log = testkit::reference!("logs").bytes(LOG);
    let mut watched = Watched::new();
    watched.stop();
    for name in ["a.json", "b.json", "c/d.json"] {
        fs::create_dir_all(watched.path(name).parent().unwrap()).unwrap();
        watched.append(name, &logons(1..=3));
    }
    watched.append("b.json", &logons(4..=4));
    for name in ["a.evtx", "b.evtx"] {
        fs::write(watched.path(name), &log).unwrap();
    }
    watched.start();
    let all: usize = chunks(&log).iter().map(|it| sources::ChunkIndex::of(it).records.len()).sum();
    let stored = all.checked_add(4).unwrap();
    watched.wait_for("LakeInput | summarize sum(RecordsStored)", &json!([[stored]]));
    watched.wait_for_logons(4);
}

#[test]
fn the_lake_itself_is_not_watched() {
    let folder = Folder::empty();
    let served = Served::start(Setup {
        lake_folder: Some(folder.path().join("lake")),
        followed: vec![folder.path().to_owned()],
        ..Setup::new()
    });
    let mut watched = Watched { folder, served: Some(served) };
    fs::create_dir(watched.folder.path().join("logs")).unwrap();
    watched.append("a.json", &logons(1..=3));
    watched.wait_for_logons(3);
    thread::sleep(Duration::from_millis(300));
    watched.wait_for("LakeInput | summarize count(), sum(RecordsStored)", &json!([[1, 3]]));
    watched.stop();
}

#[test]
fn whole_files_come_in_when_they_have_settled() {
    let mut watched = Watched::new();
    let csv = |numbers: std::ops::RangeInclusive<u64>| -> String {
        let row = |it| {
            ["2024-05-01T10:00:00Z,pc7,", &u64::to_string(&it), ",LogonSuccess,Network\n"].concat()
        };
        numbers.map(row).collect()
    };
    let head = "Timestamp,DeviceName,AccountName,ActionType,LogonType\n";
    watched.append("a.csv", &format!("{head}{}", csv(1..=2)));
    watched.append("b.json", &format!("[{}]", logons(3..=4).trim_end().replace('\n', ",")));
    watched.wait_for_logons(4);
    watched.stop();
    watched.start();
    watched.wait_for_logons(4);
    // What has grown would be in twice.
    watched.append("a.csv", &csv(5..=6));
    let started = Instant::now();
    while !watched.served.as_ref().unwrap().problems().contains("it has grown") {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(20));
    }
    watched.wait_for_logons(4);
}

const HEADER: usize = 4096;
const CHUNK: usize = 65536;

/// Returns the chunks of a log that are in use.
fn chunks(log: &[u8]) -> Vec<Vec<u8>> {
    let chunks = log[HEADER..].chunks(CHUNK).filter(|chunk| chunk.starts_with(b"ElfChnk\0"));
    chunks.map(<[u8]>::to_vec).collect()
}

/// Returns a chunk as it was when it had so many records: the others are not there yet.
fn partly(chunk: &[u8], count: usize) -> Vec<u8> {
    let index = sources::ChunkIndex::of(chunk);
    let Some(last) =
        index.records.iter().take(count).next_back().filter(|_| count < index.records.len())
    else {
        return chunk.to_vec();
    };
    let mut part = chunk.to_vec();
    part[last.bytes.end..].fill(0);
    let number = last.number;
    part[16..24].copy_from_slice(&number.to_le_bytes());
    part[32..40].copy_from_slice(&number.to_le_bytes());
    part[44..48].copy_from_slice(&u32::try_from(last.bytes.start).unwrap().to_le_bytes());
    part[48..52].copy_from_slice(&u32::try_from(last.bytes.end).unwrap().to_le_bytes());
    let records = crc32fast::hash(&part[512..last.bytes.end]);
    part[52..56].copy_from_slice(&records.to_le_bytes());
    let mut header = crc32fast::Hasher::new();
    header.update(&part[..120]);
    header.update(&part[128..512]);
    let header = header.finalize();
    part[124..128].copy_from_slice(&header.to_le_bytes());
    part
}

fn write_log(path: &Path, header: &[u8], chunks: &[Vec<u8>]) {
    let mut file = header[..HEADER].to_vec();
    // Nobody has closed it.
    file[120] |= 1;
    file.extend(chunks.iter().flatten());
    fs::write(path, file).unwrap();
}

const EVENTS: &str = "WindowsEvent | summarize count(), dcount(EventRecordId), min(EventRecordId), max(EventRecordId)";

/// The numbers of the records of this log are those of its events.
const LOG: &str = "logs/ID5145-4624-DonPAPI full extraction.evtx";

#[test]
fn an_event_log_grows_wraps_and_is_archived() {
    let log = testkit::reference!("logs").bytes(LOG);
    let all = chunks(&log);
    assert!(all.len() > 4, "{} chunks", all.len());
    let counts: Vec<u64> = all
        .iter()
        .map(|chunk| u64::try_from(sources::ChunkIndex::of(chunk).records.len()).unwrap())
        .collect();
    let until = |chunk: usize| counts[..chunk].iter().sum::<u64>();
    let mut watched = Watched::new();
    let path = watched.path("Security.evtx");
    let stored = "LakeInput | summarize sum(RecordsStored), max(Position)";
    // A chunk that fills.
    for count in [1, 7, 30] {
        write_log(&path, &log, &[partly(&all[0], count)]);
        watched.wait_for(stored, &json!([[count, count]]));
    }
    // More chunks, one of which is being written.
    write_log(&path, &log, &[all[0].clone(), all[1].clone(), partly(&all[2], 5)]);
    watched.wait_for(stored, &json!([[until(2) + 5, until(2) + 5]]));
    // The log is full and begins again, while nobody looks.
    watched.stop();
    write_log(&path, &log, &[all[3].clone(), all[1].clone(), all[2].clone()]);
    watched.start();
    watched.wait_for(stored, &json!([[until(4), until(4)]]));
    // It is archived under another name; a new one is begun, and a copy lies beside it.
    fs::rename(&path, watched.path("Archive-Security.evtx")).unwrap();
    fs::copy(watched.path("Archive-Security.evtx"), watched.path("copy.evtx")).unwrap();
    write_log(&path, &log, &[all[4].clone()]);
    watched.wait_for(stored, &json!([[until(5), until(5)]]));
    let lines = "WindowsEvent | summarize count(), dcount(EventRecordId)";
    watched.wait_for(lines, &json!([[until(5), until(5)]]));
}

#[test]
fn a_chunk_that_is_damaged_is_read_in_the_end() {
    let log = testkit::reference!("logs").bytes(LOG);
    let all = chunks(&log);
    let watched = Watched::new();
    let mut damaged = all[1].clone();
    let records = sources::ChunkIndex::of(&damaged).records;
    let place = &records[3].bytes;
    damaged[place.start + 60..place.end - 30].fill(0xaa);
    write_log(&watched.path("Security.evtx"), &log, &[all[0].clone(), damaged, all[2].clone()]);
    let count: usize =
        all[..3].iter().map(|chunk| sources::ChunkIndex::of(chunk).records.len()).sum();
    let query = "LakeInput | summarize sum(RecordsRead), Lost = sum(RecordsRejected) > 0";
    watched.wait_for(query, &json!([[count, true]]));
}

#[test]
fn what_was_ingested_before_is_not_read_again() {
    let log = testkit::reference!("logs").bytes(LOG);
    let mut watched = Watched::new();
    watched.append("a.json", &logons(1..=3));
    fs::write(watched.path("Security.evtx"), &log).unwrap();
    watched.wait_for_logons(3);
    let events = watched.rows(EVENTS);
    watched.wait_for(EVENTS, &events);
    // The same, by whoever ingests whole files.
    watched.stop();
    let lake = lake::Lake::open_or_create(
        &lake::LakeAddress::parse(&watched.folder.path().join("other").display().to_string())
            .unwrap(),
        &[],
    )
    .unwrap();
    let inputs = sources::discover(&[watched.folder.path().join("logs")]).inputs;
    crate::client::ingest(&lake, inputs);
    watched.served = Some(Served::start(Setup {
        lake_folder: Some(watched.folder.path().join("other")),
        followed: vec![watched.folder.path().join("logs")],
        ..Setup::new()
    }));
    watched.append("a.json", &logons(4..=4));
    watched.wait_for_logons(4);
    watched
        .wait_for("LakeInput | where Stream != '' | summarize sum(RecordsStored)", &json!([[1]]));
}
