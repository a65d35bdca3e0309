//! What is offered twice is in once.

use std::{collections::BTreeSet, fs, path::Path, sync::Barrier, thread};

use arrow::{array::Array, record_batch::RecordBatch};
use lake::{Cursor, Identity, Offer};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use sources::{Input, Piece};

use crate::made::{Made, ingest, ingest_offers, rows, samples};

#[test]
fn the_samples_are_in_once_however_often_they_are_offered() {
    let made = Made::new();
    let first = made.ingest(&[samples()]);
    assert!(first.known.is_empty() && !first.rows.is_empty());
    for row in &first.rows {
        assert_eq!(row.read, row.stored + row.rejected, "{row:?}");
    }
    let tables: Vec<String> = first.tables.keys().cloned().collect();
    let before: Vec<_> = tables.iter().map(|table| made.places(table)).collect();
    let counts: Vec<u64> = before.iter().map(|it| u64::try_from(it.len()).unwrap()).collect();
    assert_eq!(first.tables.values().copied().collect::<Vec<_>>(), counts);
    let again = made.ingest(&[samples()]);
    assert!(again.rows.is_empty() && again.tables.is_empty());
    assert!(again.known.len() >= first.rows.iter().filter(|row| row.place == 0).count());
    assert_eq!(tables.iter().map(|table| made.places(table)).collect::<Vec<_>>(), before);
    assert_eq!(made.open().tables().unwrap(), tables);
    assert_eq!(made.open().account().len(), first.rows.len());
}

#[test]
fn a_file_is_what_it_holds() {
    let made = Made::new();
    let one = made.file("one.json", &rows(3, "a"));
    let copy = made.file("copies/two.json", &rows(3, "a"));
    let other = made.file("other.json", &rows(4, "a"));
    let found = made.ingest(&[one.clone(), copy.clone(), other]);
    assert_eq!(found.known, [(copy, one.to_str().unwrap().to_owned())]);
    assert_eq!(made.places("DeviceNetworkEvents").len(), 7);
}

#[test]
fn a_batch_is_what_its_sender_calls_it() {
    let made = Made::new();
    let lake = made.open();
    let offer = |identity: &str, count: u32| Offer {
        input: Input::of_bytes("batch".into(), rows(count, "a").into_bytes()),
        identity: Identity::Name(identity.to_owned()),
        piece: Piece::Whole,
    };
    let first = ingest_offers(&lake, &[offer("1", 3), offer("2", 3)], 1).unwrap();
    let stored: Vec<_> = first.answers.iter().map(|it| (it.stored, it.rejected)).collect();
    assert_eq!(stored, [(3, 0), (3, 0)]);
    // The sender has it from its own name, not from what is in it.
    let again = ingest_offers(&lake, &[offer("3", 2), offer("1", 5)], 1).unwrap();
    assert_eq!(again.answers[0].stored, 2);
    assert_eq!((again.answers[1].stored, again.answers[1].known_as.as_deref()), (0, Some("batch")));
    assert_eq!(made.places("DeviceNetworkEvents").len(), 8);
}

/// Of what is offered behind one place of a stream, one comes in: pieces follow one on the other.
#[test]
fn a_stream_has_no_piece_twice_and_no_gap() {
    let made = Made::new();
    let lake = made.open();
    let piece = |text: &str, start: u64, end: u64, before: u64| Offer {
        input: Input::of_bytes("logs/stream.json".into(), text.as_bytes().to_vec()),
        identity: Identity::Behind {
            stream: "s".to_owned(),
            start,
            end: Cursor { position: end, state: format!("{{\"at\":{end}}}") },
        },
        piece: Piece::Lines { before },
    };
    let in_twice = [piece(&rows(2, "a"), 0, 20, 0), piece(&rows(3, "a"), 0, 30, 0)];
    let first = ingest_offers(&lake, &in_twice, 1).unwrap();
    assert_eq!(first.answers.iter().map(|it| it.stored).collect::<Vec<_>>(), [2, 0]);
    // Another process has what the lake had when it started.
    let other = made.open();
    let second = ingest_offers(&lake, &[piece("nothing\nof this\n", 20, 25, 2)], 1).unwrap();
    let answer = &second.answers[0];
    assert_eq!((answer.stored, answer.rejected, answer.rejections.len()), (0, 2, 2));
    assert_eq!(answer.rejections[0].0, 3);
    // What could not be read is passed all the same: it comes in in no other way.
    let late = ingest_offers(&other, &[piece(&rows(9, "a"), 20, 90, 2)], 1).unwrap();
    assert_eq!((late.answers[0].stored, late.answers[0].known_as.is_some()), (0, true));
    let third = ingest_offers(&other, &[piece(&rows(1, "b"), 25, 35, 4)], 1).unwrap();
    assert_eq!(third.answers[0].stored, 1);

    let lake = made.open();
    let pieces = lake.pieces();
    let cursors: Vec<_> =
        pieces["s"].iter().map(|it| (it.cursor.position, &*it.cursor.state)).collect();
    assert_eq!(cursors, [(20, "{\"at\":20}"), (25, "{\"at\":25}"), (35, "{\"at\":35}")]);
    let lines: Vec<i64> =
        made.places("DeviceNetworkEvents").into_iter().map(|place| place.1).collect();
    assert_eq!(BTreeSet::from_iter(lines), BTreeSet::from([1, 2, 5]));
    let order: Vec<i64> = lake.account().iter().map(|row| row.place).collect();
    assert_eq!(order, [0, 20, 25]);
    let checked = lake.check().unwrap();
    assert_eq!((checked.findings.len(), checked.rows), (0, 3));
}

#[test]
fn two_at_a_time_put_in_each_file_once() {
    let made = Made::new();
    let files: Vec<_> =
        (0..6).map(|n| made.file(&format!("{n}.json"), &rows(40, &format!("host{n}")))).collect();
    let start = Barrier::new(4);
    let counts: Vec<usize> = thread::scope(|scope| {
        let work = |at: usize| {
            let (made, start, mut files) = (&made, &start, files.clone());
            files.rotate_left(at);
            move || {
                let lake = made.open();
                start.wait();
                ingest(&lake, &files, 2).unwrap().rows.len()
            }
        };
        let workers: Vec<_> = (0..4).map(|at| scope.spawn(work(at))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(counts.iter().sum::<usize>(), 6, "{counts:?}");
    assert_eq!(made.places("DeviceNetworkEvents").len(), 240);
}

#[test]
fn rows_are_divided_by_day_and_what_the_log_says_of_them_holds() {
    let made = Made::new();
    let file = made.file("days.json", &rows(3 * 24 * 60, "a"));
    made.ingest(&[file]);
    let files = made.open().files("DeviceNetworkEvents").unwrap();
    let days: Vec<_> = files.iter().map(|file| file.day.clone().unwrap()).collect();
    assert_eq!(days, ["2024-05-01", "2024-05-02", "2024-05-03"]);
    for (file, day) in files.iter().zip(&days) {
        let time = |text: &str| kql_types::datetime::parse(&format!("{day}{text}")).unwrap();
        let (column, times) = file.times.clone().unwrap();
        assert_eq!(column, "TimeGenerated");
        assert_eq!(*times.start(), time("T00:00:00Z"));
        assert!(*times.end() >= time("T23:59:00.0000003Z") && *times.end() < time("T23:59:01Z"));
        assert_eq!(file.rows, 24 * 60);
    }
}

/// Others answer from what the log says, without reading the file.
#[test]
fn what_a_log_says_of_missing_values_is_so() {
    let made = Made::new();
    made.ingest(&[samples()]);
    let mut compared: usize = 0;
    for table in made.open().tables().unwrap().into_iter().chain(["LakeInput".to_owned()]) {
        let folder = made.path().join(&table);
        for add in adds(&folder.join("_delta_log")) {
            let stats: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
            let path = folder.join(add["path"].as_str().unwrap());
            let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap());
            let batches: Vec<_> = reader.unwrap().build().unwrap().map(Result::unwrap).collect();
            for (column, nulls) in stats["nullCount"].as_object().unwrap() {
                let nulls_of =
                    |batch: &RecordBatch| batch.column_by_name(column).unwrap().null_count();
                let found: usize = batches.iter().map(nulls_of).sum();
                assert_eq!(nulls.as_u64(), u64::try_from(found).ok(), "{table}.{column}");
                compared = compared.checked_add(1).unwrap();
            }
        }
    }
    assert!(compared > 5, "{compared} columns");
}

/// Returns what a log says of files that were added.
fn adds(log: &Path) -> Vec<Value> {
    let files = fs::read_dir(log).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|it| it == "json"));
    let lines = files.flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let actions = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    actions.filter_map(|action| action.get("add").cloned()).collect()
}
