//! Damaged copies of real logs: every record slot is accounted for, and nothing panics.

use std::collections::HashMap;

use evtx_arrow::{DamageReason, EventColumn, EventRequest, ReadError};
use proptest::{prelude::*, test_runner::RngSeed};
use windows_event_model::SystemField;

use testkit::Reference;

use crate::{
    collect::{self, read},
    logs::{self, Log},
    oracle,
};

const HEADER: usize = 4096;
const CHUNK: usize = 65536;

fn request() -> EventRequest {
    let columns = vec![
        EventColumn::System(SystemField::RecordIdText),
        EventColumn::System(SystemField::EventId),
        EventColumn::Dynamic(vec![]),
    ];
    EventRequest { columns, filters: vec![] }
}

/// A log with two chunks of records.
fn log(reference: &Reference) -> Log {
    let mut log = logs::named(reference, "ID5145-4624-DonPAPI full extraction.evtx");
    log.bytes.truncate(HEADER + 2 * CHUNK);
    log.bytes[42..44].copy_from_slice(&2_u16.to_le_bytes());
    let checksum = crc32fast::hash(&log.bytes[..120]);
    log.bytes[124..128].copy_from_slice(&checksum.to_le_bytes());
    log
}

fn texts(damages: &[evtx_arrow::Damage]) -> Vec<String> {
    damages.iter().map(ToString::to_string).collect()
}

fn reasons(damages: &[evtx_arrow::Damage]) -> Vec<&DamageReason> {
    damages.iter().map(|damage| &damage.reason).collect()
}

#[test]
fn the_log_used_here_is_whole() {
    let reference = testkit::reference!("logs");
    let (summary, collected) = read(&log(&reference).bytes, &request()).unwrap();
    assert!(summary.emitted > 50);
    assert!(collected.damages.is_empty(), "{:?}", collected.damages);
}

#[test]
fn what_is_no_log_is_an_error() {
    let reference = testkit::reference!("logs");
    let log = log(&reference);
    assert!(matches!(read(&[], &request()), Err(ReadError::Empty)));
    assert!(matches!(read(b"{\"a\":1}", &request()), Err(ReadError::NotEvtx)));
    assert!(matches!(
        read(&log.bytes[..4000], &request()),
        Err(ReadError::TruncatedHeader { need: HEADER, have: 4000 })
    ));
}

#[test]
fn a_lost_file_header_does_not_lose_the_chunks() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    let (whole, expected) = read(&log.bytes, &request()).unwrap();
    log.bytes[..8].fill(0);
    let (summary, collected) = read(&log.bytes, &request()).unwrap();
    assert_eq!(summary.emitted, whole.emitted);
    assert_eq!(collected.rows(), expected.rows());
    assert!(matches!(reasons(&collected.damages)[..], [DamageReason::FileSignature]));
}

#[test]
fn checksums_are_reported_and_records_read_all_the_same() {
    let reference = testkit::reference!("logs");
    let log = log(&reference);
    let whole = read(&log.bytes, &request()).unwrap().0;
    for (at, expected) in [
        (30, "file header"),
        (HEADER + 8, "chunk header"),
        (HEADER + CHUNK + 512 + 16, "checksum of"),
    ] {
        let mut bytes = log.bytes.clone();
        bytes[at] ^= 1;
        let (summary, collected) = read(&bytes, &request()).unwrap();
        assert_eq!(summary.emitted, whole.emitted);
        assert_eq!(collected.damages.len(), 1);
        let message = collected.damages[0].to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_truncated_file_says_what_is_missing() {
    let reference = testkit::reference!("logs");
    let log = logs::named(&reference, "ID5145-4624-DonPAPI full extraction.evtx");
    let whole = read(&log.bytes, &request()).unwrap().0;
    let (summary, collected) = read(&log.bytes[..HEADER + 2 * CHUNK], &request()).unwrap();
    let missing = whole.emitted - summary.emitted;
    assert_eq!(
        texts(&collected.damages),
        [format!(
            "offset 0x21000: file is truncated: it ends after 2 of 7 chunks, {missing} records are \
             missing"
        )]
    );
    let (summary, collected) = read(&log.bytes[..HEADER + 6 * CHUNK + 30_000], &request()).unwrap();
    let lost = whole.records - summary.emitted;
    let [cut, records] = &collected.damages[..] else { panic!("{:?}", collected.damages) };
    assert_eq!(cut.line, Some(summary.records));
    let DamageReason::TruncatedChunk { have: 30_000, records: Some((found, all)) } = records.reason
    else {
        panic!("{records}")
    };
    assert_eq!(all - found, lost);
}

#[test]
fn zeroed_and_overwritten_chunks_are_reported() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    log.bytes[HEADER..HEADER + CHUNK].fill(0);
    let (_, collected) = read(&log.bytes, &request()).unwrap();
    assert!(matches!(reasons(&collected.damages)[..], [DamageReason::BlankChunk]));
    log.bytes[HEADER..HEADER + CHUNK].fill(7);
    let (_, collected) = read(&log.bytes, &request()).unwrap();
    assert!(matches!(reasons(&collected.damages)[..], [DamageReason::ChunkSignature]));
}

#[test]
fn zeroed_chunks_that_the_header_does_not_count_are_room_for_more() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    log.bytes.resize(log.bytes.len() + 2 * CHUNK, 0);
    assert!(read(&log.bytes, &request()).unwrap().1.damages.is_empty());
}

#[test]
fn a_chunk_that_has_lost_its_header_gives_its_records() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    let (whole, expected) = read(&log.bytes, &request()).unwrap();
    log.bytes[HEADER + CHUNK..HEADER + CHUNK + 512].fill(0);
    let (summary, collected) = read(&log.bytes, &request()).unwrap();
    assert_eq!(summary.emitted, whole.emitted);
    assert_eq!(collected.rows(), expected.rows());
    let reasons = reasons(&collected.damages);
    assert!(matches!(reasons[0], DamageReason::ChunkSignature), "{reasons:?}");
}

#[test]
fn chunks_that_the_header_does_not_count_are_read() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    let whole = read(&log.bytes, &request()).unwrap().0;
    log.bytes[42..44].copy_from_slice(&1_u16.to_le_bytes());
    let checksum = crc32fast::hash(&log.bytes[..120]);
    log.bytes[124..128].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(read(&log.bytes, &request()).unwrap().0, whole);
}

#[test]
fn slack_after_the_last_chunk_is_fine() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    let whole = read(&log.bytes, &request()).unwrap().0;
    log.bytes.extend(vec![9; 100_000]);
    let (summary, collected) = read(&log.bytes, &request()).unwrap();
    assert_eq!(summary.emitted, whole.emitted);
    assert!(collected.damages.is_empty());
}

#[test]
fn swapped_chunks_are_read_in_file_order() {
    let reference = testkit::reference!("logs");
    let mut log = log(&reference);
    let (first, second) = log.bytes[HEADER..].split_at_mut(CHUNK);
    let expected: Vec<_> = {
        let rows = read(&file_of_one_chunk(&reference, second), &request()).unwrap().1.rows();
        rows.into_iter().map(|mut row| row.remove(0)).collect()
    };
    first.swap_with_slice(second);
    let (_, collected) = read(&log.bytes, &request()).unwrap();
    let ids: Vec<_> = collected.rows().into_iter().map(|mut row| row.remove(0)).collect();
    assert_eq!(ids[..expected.len()], expected);
    assert!(collected.damages.is_empty());
}

/// Returns a file of one chunk.
fn file_of_one_chunk(reference: &Reference, chunk: &[u8]) -> Vec<u8> {
    let mut bytes = log(reference).bytes[..HEADER].to_vec();
    bytes[42..44].copy_from_slice(&1_u16.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..120]);
    bytes[124..128].copy_from_slice(&checksum.to_le_bytes());
    bytes.extend_from_slice(chunk);
    bytes
}

#[test]
fn a_destroyed_record_costs_that_record() {
    let reference = testkit::reference!("logs");
    let log = log(&reference);
    let whole = read(&log.bytes, &request()).unwrap().0;
    let first_len = u32::from_le_bytes(log.bytes[HEADER + 516..HEADER + 520].try_into().unwrap());
    let second = HEADER + 512 + first_len as usize;
    // Its signature, its size, its content.
    for (at, len) in [(second, 4), (second + 4, 4), (second + 24, 12)] {
        let mut bytes = log.bytes.clone();
        bytes[at..at + len].fill(0xff);
        let (summary, collected) = read(&bytes, &request()).unwrap();
        assert_eq!(summary.records, whole.records, "{at} {len}");
        assert!(summary.rejected <= 1);
        assert!(!collected.damages.is_empty());
    }
}

#[test]
fn truncation_anywhere_is_reported() {
    let reference = testkit::reference!("logs");
    let log = log(&reference);
    let whole = read(&log.bytes, &request()).unwrap().0;
    for len in (HEADER..log.bytes.len()).step_by(1009) {
        let (summary, collected) = read(&log.bytes[..len], &request()).unwrap();
        assert!(!collected.damages.is_empty(), "{len}");
        assert!(summary.records <= whole.records);
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Flip {
        at: usize,
        bit: u8,
    },
    Fill {
        at: usize,
        len: usize,
        with: u8,
    },
    Number {
        at: usize,
        value: u32,
    },
    Copy {
        from: usize,
        to: usize,
        len: usize,
    },
    /// Of the file's header, but for its signature: a file without any is none.
    Header {
        at: usize,
        value: u32,
    },
    SwapChunks,
    Truncate {
        len: usize,
    },
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let at = HEADER..HEADER + 2 * CHUNK;
    let number = prop_oneof![Just(0), Just(u32::MAX), 0..70_000_u32, any::<u32>()];
    let one = prop_oneof![
        (at.clone(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip { at, bit }),
        (at.clone(), 1..600_usize, any::<u8>()).prop_map(|(at, len, with)| Mutation::Fill {
            at,
            len,
            with
        }),
        (at.clone(), number).prop_map(|(at, value)| Mutation::Number { at, value }),
        (at.clone(), at.clone(), 1..2000_usize).prop_map(|(from, to, len)| Mutation::Copy {
            from,
            to,
            len
        }),
        (8..HEADER - 4, any::<u32>()).prop_map(|(at, value)| Mutation::Header { at, value }),
        Just(Mutation::SwapChunks),
        at.prop_map(|len| Mutation::Truncate { len }),
    ];
    prop::collection::vec(one, 1..8)
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    let end = bytes.len();
    // Logs of one chunk take the mutations of the second in their first, cut ones all in what is
    // left of it.
    let place = |at: usize| HEADER + (at - HEADER) % (end - HEADER);
    match *mutation {
        Mutation::Header { at, value } => bytes[at..at + 4].copy_from_slice(&value.to_le_bytes()),
        Mutation::SwapChunks => {
            if let Some((first, second)) = bytes[HEADER..].split_at_mut_checked(CHUNK)
                && second.len() == CHUNK
            {
                first.swap_with_slice(second);
            }
        }
        Mutation::Truncate { len } => bytes.truncate(len.max(HEADER + 600)),
        Mutation::Flip { at, bit } => bytes[place(at)] ^= 1 << bit,
        Mutation::Fill { at, len, with } => {
            let at = place(at);
            bytes[at..(at + len).min(end)].fill(with);
        }
        Mutation::Number { at, value } => {
            let at = place(at);
            let to = (at + 4).min(end);
            bytes[at..to].copy_from_slice(&value.to_le_bytes()[..to - at]);
        }
        Mutation::Copy { from, to, len } => {
            let (from, to) = (place(from), place(to));
            let len = len.min(end - from).min(end - to);
            bytes.copy_within(from..from + len, to);
        }
    }
}

/// Every log, cut to two chunks at most.
fn short_logs(reference: &Reference) -> Vec<Log> {
    let mut logs = logs::all(reference);
    for log in &mut logs {
        log.bytes.truncate(HEADER + 2 * CHUNK);
    }
    logs
}

#[test]
fn mutated_logs_are_accounted_for_and_lose_no_more_than_they_must() {
    let reference = testkit::reference!("logs");
    let logs = short_logs(&reference);
    // `PROPTEST_CASES=10000` asks for more of them than a test run has time for.
    let config = ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    };
    proptest!(config, |(log in any::<prop::sample::Index>(), mutations in mutations())| {
        let mut bytes = log.get(&logs).bytes.clone();
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        let mut collected = collect::Collected::default();
        let summary = evtx_arrow::read(bytes.as_slice(), &[request()], &mut collected).unwrap();
        collect::check(&summary, &collected, &request());
        // Whatever the `evtx` crate recovers is recovered.
        let mut ids: HashMap<String, usize> = HashMap::new();
        for row in collected.rows() {
            *ids.entry(row[0].clone().unwrap()).or_default() += 1;
        }
        for record in oracle::records(&bytes).iter().filter(|record| record.has_content()) {
            let id = record.id();
            let count = ids.get_mut(&id).filter(|count| **count > 0);
            prop_assert!(count.is_some(), "record {id:?} is lost: {:?}", collected.damages);
            *count.unwrap() -= 1;
        }
    });
}
