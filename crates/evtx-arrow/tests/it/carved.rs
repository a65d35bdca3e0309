//! Chunks without a file around them.

use evtx_arrow::{DamageReason, EventColumn, EventRequest, carve};
use windows_event_model::SystemField;

use testkit::Reference;

use crate::{
    collect::{Collected, read},
    logs,
};

const HEADER: usize = 4096;
const CHUNK: usize = 65536;

fn request() -> EventRequest {
    let columns = vec![EventColumn::System(SystemField::RecordId), EventColumn::Dynamic(vec![])];
    EventRequest { columns, filters: vec![] }
}

/// Two chunks of records, and their rows without the lines.
fn chunks(reference: &Reference) -> (Vec<u8>, Vec<Vec<Option<String>>>) {
    let log = logs::named(reference, "ID5145-4624-DonPAPI full extraction.evtx");
    let mut rows = read(&log.bytes[..HEADER + 2 * CHUNK], &request()).unwrap().1.rows();
    for row in &mut rows {
        row.pop();
    }
    (log.bytes[HEADER..HEADER + 2 * CHUNK].to_vec(), rows)
}

/// Returns what is found: the rows without their lines, and the number of chunks.
fn found(image: &[u8]) -> (Vec<Vec<Option<String>>>, u64, Collected) {
    let mut collected = Collected::default();
    let summary = carve(image, &[request()], &mut collected).unwrap();
    crate::collect::check(&summary, &collected, &request());
    let mut rows = collected.rows();
    for row in &mut rows {
        row.pop();
    }
    (rows, summary.chunks, collected)
}

#[test]
fn chunks_at_any_offset_are_found() {
    let reference = testkit::reference!("logs");
    let (chunks, expected) = chunks(&reference);
    // On and off the sectors of a disk, and across the end of what is searched at a time.
    for before in [0, 512, 777, 4096, (1 << 20) - 4, (1 << 20) - 60_000, (1 << 21) + 1] {
        let mut image = vec![0x5a; before];
        image.extend(&chunks[..CHUNK]);
        image.extend([7; 999]);
        image.extend(&chunks[CHUNK..]);
        image.extend([0; 5000]);
        let (rows, count, collected) = found(&image);
        assert_eq!((rows == expected, count), (true, 2), "{before}");
        assert!(collected.damages.is_empty(), "{before}: {:?}", collected.damages);
    }
}

#[test]
fn what_lies_behind_the_end_of_a_file_is_found() {
    let reference = testkit::reference!("logs");
    let (chunks, expected) = chunks(&reference);
    let mut image = logs::named(&reference, "ID5140-Failed ADMIN$ share access.evtx").bytes;
    let in_file = read(&image, &request()).unwrap().0.emitted;
    image.extend([0; 100]);
    image.extend(&chunks);
    let (rows, count, collected) = found(&image);
    assert_eq!(rows[usize::try_from(in_file).unwrap()..], expected);
    assert_eq!(count, 3);
    assert!(collected.damages.is_empty(), "{:?}", collected.damages);
}

#[test]
fn the_first_piece_of_a_chunk_gives_its_records() {
    let reference = testkit::reference!("logs");
    let (chunks, expected) = chunks(&reference);
    // The second chunk starts where the first one's other clusters should be.
    let mut image = chunks[..4 * 4096].to_vec();
    image.extend(&chunks[CHUNK..]);
    let (rows, count, collected) = found(&image);
    assert_eq!(count, 2);
    assert!(rows.len() > 10 && rows.len() < expected.len(), "{}", rows.len());
    assert!(rows.ends_with(&expected[expected.len() - 10..]));
    assert!(expected.starts_with(&rows[..4]));
    let is_cut =
        |reason: &DamageReason| matches!(reason, DamageReason::TruncatedChunk { have: 16384, .. });
    assert!(collected.damages.iter().any(|damage| is_cut(&damage.reason)));
}

#[test]
fn a_signature_is_no_chunk() {
    let mut image = vec![0; 3000];
    image.extend(b"looks for ElfChnk\0 and ElfFile\0 in files");
    image.resize(200_000, 1);
    let (rows, count, collected) = found(&image);
    assert_eq!((rows.len(), count, collected.damages.len()), (0, 0, 0));
}

#[test]
fn nothing_is_found_in_nothing() {
    assert_eq!(found(&[]).1, 0);
}
