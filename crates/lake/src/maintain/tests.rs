//! Two at a time: what the library lets through, and that ours does not.

use std::sync::Arc;

use deltalake::kernel::Add;
use kql_types::{
    KqlType, Ticks,
    datetime::UNIX_EPOCH,
    schema::{ColumnSchema, TableSchema},
};

use super::*;
use crate::{
    address::LakeAddress,
    layout::Layout,
    open::{Lake, millis},
    rows::{Origin, Rows},
};

const NOW: Ticks = UNIX_EPOCH;
const TABLE: &str = "One";

fn lake(folder: &tempfile::TempDir) -> Lake {
    let address = LakeAddress::parse(folder.path().to_str().unwrap()).unwrap();
    Lake::open_or_create(&address, &[]).unwrap()
}

/// Writes a file of one row, which is not committed.
fn file(lake: &Lake, name: &str, line: i64) -> (Arc<Layout>, Add) {
    let columns = vec![ColumnSchema { name: "TimeGenerated".into(), ty: KqlType::Datetime }];
    let schema = TableSchema { name: TABLE.to_owned(), columns: columns.clone() };
    let layout = Arc::new(Layout::of_table(&schema).unwrap());
    let numbers = |number| Arc::new(arrow::array::Int64Array::from(vec![number])) as _;
    let batch = arrow::record_batch::RecordBatch::try_new(
        sources::row_schema(&columns),
        vec![numbers(NOW), numbers(line)],
    );
    let mut rows = Rows::new(&layout);
    let origin = Origin { source: 7, file: "f".into(), member: None, order: 0 };
    rows.push(&batch.unwrap(), &origin, NOW).unwrap();
    let mut adds = rows.write(&lake.store, name, millis(NOW)).unwrap();
    (layout, adds.remove(0))
}

/// Commits so many files of one row each.
fn fill(lake: &Lake, files: i64) -> Log {
    let (layout, _) = file(lake, "shape", 0);
    let mut log = Log::for_rows(&lake.store, &layout).unwrap();
    for number in 1..=files {
        let (_, add) = file(lake, &format!("f{number}"), number);
        log.append(&lake.store, &[Action::Add(add)], &format!("t{number}")).unwrap();
    }
    log
}

fn rows(lake: &Lake) -> u64 {
    lake.files(TABLE).unwrap().iter().map(|file| file.rows).sum()
}

/// Returns what puts all files of a table into one, as one of two does who look at the same time.
fn replacement(lake: &Lake, log: &Log, name: &str) -> Vec<Action> {
    let (_, mut add) = file(lake, name, 0);
    add.data_change = false;
    let files = log.files().unwrap();
    let removed = files.iter().map(|file| Action::Remove(file.remove_action(false)));
    removed.chain([Action::Add(add)]).collect()
}

fn optimize() -> DeltaOperation {
    DeltaOperation::Optimize { predicate: None, target_size: 1 }
}

#[test]
fn of_two_who_put_the_same_files_together_the_second_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let mut first = fill(&lake, 3);
    let mut second = Log::open(&lake.store, TABLE).unwrap().unwrap();
    let actions = [("a", &first), ("b", &second)].map(|(name, log)| replacement(&lake, log, name));
    let [one, other] = actions;
    let committed = commit(&lake.store, &mut first, one, optimize()).unwrap();
    assert!(matches!(committed, Committed::Yes(_)));
    let refused = commit(&lake.store, &mut second, other, optimize()).unwrap();
    assert_eq!(refused, Committed::Conflict);
    assert_eq!(rows(&lake), 1);
}

/// FIXME: deltalake-core 1.1.3 does not see that both remove the same files, since the removals say that they
/// change no data. When this test fails, the library does, and our own guard can go.
#[test]
fn the_library_alone_lets_both_in_and_keeps_the_rows_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let mut first = fill(&lake, 3);
    let mut second = Log::open(&lake.store, TABLE).unwrap().unwrap();
    let actions = [("a", &first), ("b", &second)].map(|(name, log)| replacement(&lake, log, name));
    let [one, other] = actions;
    for (log, actions) in [(&mut first, one), (&mut second, other)] {
        let committed = log.commit(&lake.store, actions, Vec::new(), optimize()).unwrap();
        assert!(matches!(committed, Committed::Yes(_)));
    }
    assert_eq!(rows(&lake), 2, "one row would be right");
}

#[test]
fn many_files_are_put_together_and_few_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    fill(&lake, 20);
    lake.compact_crowded(TABLE, NOW).unwrap();
    assert_eq!(lake.files(TABLE).unwrap().len(), 20);
    for number in 21..=70 {
        let mut log = Log::open(&lake.store, TABLE).unwrap().unwrap();
        let (_, add) = file(&lake, &format!("f{number}"), number);
        log.append(&lake.store, &[Action::Add(add)], &format!("t{number}")).unwrap();
    }
    lake.compact_crowded(TABLE, NOW).unwrap();
    assert_eq!((lake.files(TABLE).unwrap().len(), rows(&lake)), (1, 70));
}

#[test]
fn what_is_appended_while_files_are_put_together_stays() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let mut first = fill(&lake, 3);
    let actions = replacement(&lake, &first, "a");
    let mut other = Log::open(&lake.store, TABLE).unwrap().unwrap();
    let (_, add) = file(&lake, "late", 9);
    other.append(&lake.store, &[Action::Add(add)], "late").unwrap();
    let committed = commit(&lake.store, &mut first, actions, optimize()).unwrap();
    assert!(matches!(committed, Committed::Yes(_)));
    assert_eq!(rows(&lake), 2);
}

#[test]
fn what_is_appended_while_rows_are_removed_comes_in_behind_that() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let mut slow = fill(&lake, 3);
    let retained = lake.retain(NOW + kql_types::timespan::DAY).unwrap();
    assert_eq!((retained[0].files, retained[0].rows), (3, 3));
    let (_, add) = file(&lake, "late", 9);
    slow.append(&lake.store, &[Action::Add(add)], "late").unwrap();
    assert_eq!(rows(&lake), 1);
}
