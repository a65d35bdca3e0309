//! Any bytes as an event log, and as the records of a chunk that is otherwise intact: no panic,
//! and every record slot is accounted for.

#![no_main]

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use evtx_arrow::{Damage, EventColumn, EventFilter, EventRequest, EventSink, SystemField, read};
use libfuzzer_sys::fuzz_target;

const FILE_HEADER: usize = 4096;
const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;
/// Flag of a header that carries no checksum.
const NO_CHECKSUM: u8 = 4;

fuzz_target!(|bytes: &[u8]| {
    for filters in [vec![], vec![filter()]] {
        let request = EventRequest { columns: columns(), filters };
        check(bytes, &request);
        check(&file_of(bytes), &request);
    }
});

#[derive(Default)]
struct Count {
    rows: u64,
    rejected: u64,
}

impl EventSink for Count {
    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        self.rows += batch.num_rows() as u64;
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, damage: Damage) {
        self.rejected += u64::from(damage.line.is_some());
    }
}

fn check(bytes: &[u8], request: &EventRequest) {
    let mut count = Count::default();
    if let Ok(summary) = read(bytes, request, &mut count) {
        assert_eq!(summary.records, summary.emitted + summary.filtered + summary.rejected);
        assert_eq!((summary.emitted, summary.rejected), (count.rows, count.rejected));
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
