//! Any bytes as an event log, as the records of a chunk that is otherwise intact, and as something
//! to carve from: no panic, and every record slot is accounted for. Run with `-timeout=1
//! -malloc_limit_mb=64`, as `README.md` says, time and memory are bounded too.

#![no_main]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "places in one chunk, and a panic is what a target is there to find"
)]

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use evtx_arrow::{
    Damage, DataCondition, EventColumn, EventFilter, EventRequest, EventSink, Needles, ReadError,
    ReadSummary, carve, read,
};
use libfuzzer_sys::fuzz_target;
use windows_event_model::SystemField;

const FILE_HEADER: usize = 4096;
const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;
/// Flag of a header that carries no checksum.
const NO_CHECKSUM: u8 = 4;

fuzz_target!(|bytes: &[u8]| {
    let all = [EventRequest { columns: columns(), filters: vec![] }];
    let some = [
        EventRequest { columns: columns(), filters: vec![filter()] },
        EventRequest { columns: columns(), filters: vec![data_filter()] },
    ];
    for requests in [&all[..], &some] {
        check(requests, |count| read(bytes, requests, count));
        check(requests, |count| read(&*file_of(bytes), requests, count));
    }
    check(&some, |count| carve(bytes, &some, count));
});

#[derive(Default)]
struct Count {
    rows: Vec<u64>,
    rejected: u64,
}

impl EventSink for Count {
    fn batch(&mut self, request: usize, batch: RecordBatch) -> ControlFlow<()> {
        self.rows[request] += batch.num_rows() as u64;
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, damage: Damage) {
        self.rejected += u64::from(damage.line.is_some());
    }
}

fn check(
    requests: &[EventRequest],
    read: impl FnOnce(&mut Count) -> Result<ReadSummary, ReadError>,
) {
    let mut count = Count { rows: vec![0; requests.len()], rejected: 0 };
    if let Ok(summary) = read(&mut count) {
        assert_eq!(summary.records, summary.emitted + summary.filtered + summary.rejected);
        assert_eq!(summary.rejected, count.rejected);
        // A record may be in the batches of several requests, and is counted once.
        let most = count.rows.iter().max().copied().unwrap_or(0);
        assert!((most..=count.rows.iter().sum()).contains(&summary.emitted));
    }
}

fn columns() -> Vec<EventColumn> {
    let path = |name: &str| vec![name.to_owned()];
    let header = SystemField::ALL.into_iter().map(EventColumn::System);
    let data = [
        EventColumn::Dynamic(vec![]),
        EventColumn::Text(path("Data")),
        EventColumn::Text(path("CommandLine")),
        EventColumn::Dynamic(["A", "B"].map(str::to_owned).to_vec()),
    ];
    header.chain(data).collect()
}

fn filter() -> EventFilter {
    EventFilter {
        event_ids: Some(vec![1, 4624, 5145]),
        channels: Some(vec!["Security".into()]),
        time: Some(0..i64::MAX),
        ..EventFilter::default()
    }
}

fn data_filter() -> EventFilter {
    let condition = DataCondition {
        paths: ["Data", "CommandLine", "ShareName"].map(|name| vec![name.to_owned()]).to_vec(),
        needles: Needles::new(vec!["admin$".to_owned(), "cmd".to_owned()]),
    };
    EventFilter { data: vec![condition], ..EventFilter::default() }
}

/// Returns a file with one chunk whose records are these bytes.
fn file_of(records: &[u8]) -> Vec<u8> {
    let records = &records[..records.len().min(CHUNK - CHUNK_HEADER)];
    let end = (CHUNK_HEADER + records.len()) as u32;
    let mut file = vec![0; FILE_HEADER + CHUNK];
    file[..8].copy_from_slice(b"ElfFile\0");
    file[42] = 1;
    file[120] = NO_CHECKSUM;
    let chunk = &mut file[FILE_HEADER..];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    chunk[32..40].fill(0xff);
    chunk[44..48].copy_from_slice(&end.to_le_bytes());
    chunk[48..52].copy_from_slice(&end.to_le_bytes());
    chunk[120] = NO_CHECKSUM;
    chunk[CHUNK_HEADER..][..records.len()].copy_from_slice(records);
    file
}
