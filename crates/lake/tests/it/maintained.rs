//! Files put together, rows removed, files deleted, and what a check says of it.

use std::{fs, thread};

use kql_types::{datetime, timespan};
use lake::{Lake, Offer};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sources::{
    EVENTS,
    kept::{FIELD_PREFIX, empty_columns},
};

use crate::made::{Made, ingest, ingest_with_fields, now, rows};

const TABLE: &str = "DeviceNetworkEvents";

#[test]
fn many_small_batches_become_few_files_with_the_same_rows() {
    let made = Made::new();
    let lake = made.open();
    for number in 0..40 {
        let file = made.file(&format!("{number}.json"), &rows(30, &format!("host{number}")));
        ingest(&lake, &[file], 1).unwrap();
    }
    let before = made.places(TABLE);
    assert_eq!((before.len(), lake.files(TABLE).unwrap().len()), (1200, 40));
    let account = lake.account();
    let compacted = lake.compact(now()).unwrap();
    let files: Vec<_> = compacted.iter().map(|it| (&*it.table, it.before, it.after)).collect();
    assert_eq!(files, [(TABLE, 40, 1), ("LakeInput", 40, 1)]);
    assert_eq!(made.places(TABLE), before);
    lake.update().unwrap();
    let sorted = |mut rows: Vec<lake::LedgerRow>| {
        rows.sort_by_key(|row| row.source);
        rows
    };
    assert_eq!(sorted(lake.account()), sorted(account));
    // What is in stays in, for who has not looked since.
    let again = made.file("again.json", &rows(30, "host7"));
    assert_eq!(ingest(&lake, &[again], 1).unwrap().known.len(), 1);
    let checked = lake.check().unwrap();
    assert!(checked.findings.is_empty() && checked.absent == 0, "{checked:?}");
    assert_eq!((checked.rows, checked.unfinished), (1200, 0));
}

/// Returns the columns of fields that the only file of events has, and those that it says have no values.
fn columns(made: &Made, lake: &Lake) -> (Vec<String>, Vec<String>) {
    let files = lake.files(EVENTS).unwrap();
    let [file] = &*files else { panic!("{files:?}") };
    let file = fs::File::open(made.path().join(&file.place)).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let is_field = |name: &String| name.starts_with(FIELD_PREFIX);
    let names = reader.schema().fields().iter().map(|field| field.name().clone());
    let empty = empty_columns(reader.metadata().file_metadata());
    (names.filter(is_field).collect(), empty.into_iter().collect())
}

#[test]
fn fields_without_values_are_no_columns_and_what_is_not_known_is_not_said() {
    let made = Made::new();
    let lake = made.open();
    let take = |name: &str, user: &str, fields: &[&str]| {
        let event = format!(
            "<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4624</EventID>\
             <TimeCreated SystemTime='2024-05-01T00:00:00Z'/><Channel>Security</Channel><Computer>a</Computer></System>\
             <EventData><Data Name='TargetUserName'>{user}</Data><Data Name='LogonType'>3</Data></EventData></Event>"
        );
        let found = sources::discover(&[made.file(name, &event)]);
        let offers: Vec<Offer> = found.inputs.into_iter().map(Offer::from).collect();
        let taken = ingest_with_fields(&lake, &offers, 1, fields).unwrap();
        assert_eq!(taken.tables.get(EVENTS), Some(&1), "{taken:?}");
    };
    take("1.xml", "u", &["LogonType", "Image"]);
    let name = |field: &str| format!("{FIELD_PREFIX}{field}");
    assert_eq!(columns(&made, &lake), (vec![name("LogonType")], vec![name("Image")]));
    // The file that is there has the user in the data alone: together they can have no column of it.
    take("2.xml", "v", &["LogonType", "Image", "TargetUserName"]);
    lake.compact(now()).unwrap();
    assert_eq!(columns(&made, &lake), (vec![name("LogonType")], vec![name("Image")]));
}

#[test]
fn two_who_put_files_together_while_a_third_ingests_lose_and_double_nothing() {
    let made = Made::new();
    let file = |number: u32| made.file(&format!("{number}.json"), &rows(20, &format!("h{number}")));
    let files: Vec<_> = (0..24).map(file).collect();
    made.ingest(&files[..8]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..4).for_each(|_| drop(made.open().compact(now()).unwrap())));
        }
        scope.spawn(|| {
            let lake = made.open();
            for file in &files[8..] {
                ingest(&lake, std::slice::from_ref(file), 1).unwrap();
            }
        });
    });
    assert_eq!(made.places(TABLE).len(), 24 * 20);
    let checked = made.open().check().unwrap();
    assert!(checked.findings.is_empty() && checked.absent == 0, "{checked:?}");
}

#[test]
fn old_days_go_and_their_files_are_not_offered_again() {
    let made = Made::new();
    let file = made.file("days.json", &rows(3 * 24 * 60, "a"));
    made.ingest(std::slice::from_ref(&file));
    let lake = made.open();
    let retained = lake.retain(datetime::parse("2024-05-03T12:00:00Z").unwrap()).unwrap();
    assert_eq!((retained[0].files, retained[0].rows), (2, 2 * 24 * 60));
    let days: Vec<_> = lake.files(TABLE).unwrap().iter().map(|it| it.day.clone()).collect();
    assert_eq!(days, [Some("2024-05-03".to_owned())]);
    assert_eq!(made.ingest(&[file]).known.len(), 1);
    assert_eq!(lake.check().unwrap().absent, 2 * 24 * 60);
    // They are there for readers until they are vacuumed.
    let parquet = || {
        let days = fs::read_dir(made.path().join(TABLE)).unwrap();
        let days = days.map(|day| day.unwrap().path()).filter(|day| day.is_dir());
        days.flat_map(|day| fs::read_dir(day).unwrap())
            .filter(|file| {
                file.as_ref().unwrap().path().extension().is_some_and(|it| it == "parquet")
            })
            .count()
    };
    assert_eq!(parquet(), 3);
    assert_eq!(lake.vacuum(timespan::DAY, false).unwrap()[0].files, 0);
    assert_eq!(lake.vacuum(0, true).unwrap()[0].files, 2);
    assert_eq!(parquet(), 3);
    assert_eq!(lake.vacuum(0, false).unwrap()[0].files, 2);
    assert_eq!(parquet(), 1);
    assert_eq!(made.places(TABLE).len(), 24 * 60);
}

#[test]
fn a_file_that_is_gone_or_damaged_is_found() {
    let made = Made::new();
    made.ingest(&[made.file("days.json", &rows(2 * 24 * 60, "a"))]);
    let lake = made.open();
    let files = lake.files(TABLE).unwrap();
    fs::remove_file(lake.path_of(&files[0])).unwrap();
    fs::write(lake.path_of(&files[1]), "nothing").unwrap();
    let checked = lake.check().unwrap();
    let places: Vec<_> = checked.findings.iter().map(|it| it.place.clone()).collect();
    assert_eq!(places, files.iter().map(|it| it.place.clone()).collect::<Vec<_>>());
    assert_eq!(checked.absent, 2 * 24 * 60);
}
