//! Rows of several inputs, stored and read back leaf by leaf.

use std::ops::RangeInclusive;

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, Int64Array, StringViewArray},
    datatypes::{DataType, Field, Schema},
    record_batch::RecordBatch,
};
use kql_datafusion::ScanColumn;
use kql_types::{
    KqlType, Ticks,
    schema::{ColumnSchema, TableSchema},
};
use proptest::prelude::*;

use std::num::NonZeroUsize;

use super::*;
use crate::{
    account::Reservation,
    evidence::MemberId,
    plan::{
        branch::Branch,
        layout::{Layout, ReadOptions, RequestLayout, SharedColumns},
    },
    schemas::Schemas,
};

const LONG: &str = "a text longer than a view holds inline";

/// A row: its time, its text, and which of two leaves want it.
type Row = (Option<Ticks>, &'static str, [bool; 2]);

/// Returns the layout of two leaves that want the texts of a table, also by time.
fn layout() -> Arc<RequestLayout> {
    let schema = Arc::new(Schema::new(vec![Field::new("t", DataType::Utf8View, false)]));
    let branch = || Branch {
        table: "T".into(),
        columns: vec![ScanColumn::Column { name: "t".into(), ty: KqlType::String }],
        projection: vec![0],
        conjuncts: Vec::new(),
        input: Arc::clone(&schema),
        fetch: None,
        first: None,
        is_timed: true,
        schema: Arc::clone(&schema),
        raw_schema: Arc::clone(&schema),
    };
    let time = ColumnSchema { name: "TimeGenerated".into(), ty: KqlType::Datetime };
    let table = TableSchema { name: "T".into(), columns: vec![time] };
    let tables = Schemas::new([Arc::new(table)].iter(), None);
    let layout = Layout::new(&[branch(), branch()], &tables, ReadOptions::default()).unwrap();
    Arc::clone(layout.of("T", 0).unwrap())
}

/// Stores rows of one input in batches of two, each batch in a block of its own if it is to be.
fn push(store: &Store, input: usize, rows: &[Row], is_apart: bool) -> Result<(), EngineError> {
    let layout = layout();
    let mut filling = Filling::default();
    for (number, rows) in (0..).zip(rows.chunks(2)) {
        let columns: [(_, ArrayRef); 3] = [
            ("TimeGenerated", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>())),
            ("t", Arc::new(StringViewArray::from_iter_values(rows.iter().map(|row| row.1)))),
            ("line", Arc::new(Int64Array::from(vec![1; rows.len()]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let shared = SharedColumns::new(&layout, batch);
        let (place, member) = ((input, number), MemberId::new(input, 0));
        let batch = Batch { place, members: Members::One(member), shared: &shared };
        let of_leaf = |leaf: usize| -> BooleanArray {
            rows.iter().map(|row| Some(row.2.get(leaf) == Some(&true))).collect()
        };
        let wanted = [(0, of_leaf(0)), (1, of_leaf(1))];
        let any: BooleanArray = rows.iter().map(|row| Some(row.2.contains(&true))).collect();
        if any.true_count() > 0 {
            filling.push(store, &batch, &any, &wanted)?;
        }
        if is_apart {
            filling.finish(store)?;
        }
    }
    filling.finish(store)
}

/// Returns what each leaf has of a window.
fn texts(blocks: Vec<Block>, window: Option<&RangeInclusive<Ticks>>) -> Vec<Vec<String>> {
    let of_block = |block: &LeafBlock| {
        let rows = block.read(window).unwrap();
        if window.is_none() {
            assert_eq!(rows.as_ref().map(RecordBatch::num_rows), Some(block.rows()));
        }
        let texts = |rows: RecordBatch| rows.column(0).as_string_view().clone();
        let texts = rows.map(texts).into_iter().collect::<Vec<_>>();
        texts.iter().flatten().flatten().map(str::to_owned).collect::<Vec<_>>()
    };
    let leaves = by_leaf(blocks, 2).unwrap();
    leaves.iter().map(|blocks| blocks.iter().flat_map(of_block).collect()).collect()
}

fn store(budget_bytes: usize) -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Store::new(budget_bytes, folder.path().to_owned()), folder)
}

const INPUTS: [&[Row]; 3] = [
    &[
        (Some(3), "first", [true, false]),
        (Some(1), LONG, [true, true]),
        (None, "third", [false, true]),
    ],
    &[(Some(2), "fourth", [false, true])],
    &[(Some(1), "fifth", [true, true])],
];

#[test]
fn each_leaf_has_its_rows_in_input_order_whatever_thread_read_them() {
    for budget in [usize::MAX, 0] {
        let (store, folder) = store(budget);
        for input in [2, 0, 1] {
            push(&store, input, INPUTS[input], false).unwrap();
        }
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), if budget == 0 { 3 } else { 0 });
        assert_eq!(
            texts(store.finish(None), None),
            [vec!["first", LONG, "fifth"], vec![LONG, "third", "fourth", "fifth"]]
        );
        assert_eq!(files(), 0);
    }
}

#[test]
fn a_window_holds_the_rows_whose_time_it_holds() {
    for budget in [usize::MAX, 0] {
        let (store, _folder) = store(budget);
        for (input, rows) in INPUTS.iter().enumerate() {
            push(&store, input, rows, false).unwrap();
        }
        let found = texts(store.finish(None), Some(&(1..=2)));
        assert_eq!(found, [vec![LONG, "fifth"], vec![LONG, "fourth", "fifth"]]);
    }
}

#[test]
fn inputs_that_do_not_count_leave_nothing() {
    let (store, _folder) = store(usize::MAX);
    for (input, rows) in INPUTS.iter().enumerate() {
        push(&store, input, rows, false).unwrap();
    }
    assert_eq!(texts(store.finish(Some(0)), None), [vec!["first", LONG], vec![LONG, "third"]]);
}

#[test]
fn a_folder_that_is_gone_is_an_error_that_names_it() {
    let (store, folder) = store(0);
    let path = folder.path().to_owned();
    drop(folder);
    let error = push(&store, 0, INPUTS[0], false).unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
}

fn row() -> impl Strategy<Value = Row> {
    let text =
        proptest::sample::select(vec!["a", "b", LONG, "another that is too long for a view"]);
    (proptest::option::weighted(0.9, 0..20_i64), text, any::<[bool; 2]>())
}

/// Rows of several inputs.
fn inputs() -> impl Strategy<Value = Vec<Vec<Row>>> {
    proptest::collection::vec(proptest::collection::vec(row(), 1..20), 1..4)
}

/// Stores inputs, with so much memory for their rows.
fn stored(inputs: &[Vec<Row>], budget_bytes: usize) -> (Vec<Block>, tempfile::TempDir) {
    let (store, folder) = store(budget_bytes);
    for (input, rows) in inputs.iter().enumerate() {
        push(&store, input, rows, true).unwrap();
    }
    (store.finish(None), folder)
}

fn in_order(inputs: &[Vec<Row>], budget_bytes: usize) -> (Vec<Block>, tempfile::TempDir) {
    let (blocks, folder) = stored(inputs, budget_bytes);
    let account = Reservation::with_limit(8 << 20);
    let threads = NonZeroUsize::MIN;
    let blocks = by_time(blocks, false, &account, budget_bytes, folder.path(), threads).unwrap();
    assert_eq!(account.bytes(), 0);
    (blocks, folder)
}

proptest! {
    /// In order of time, the leaves have the same rows, and each window holds the same.
    #[test]
    fn rows_in_order_of_time_are_the_same_rows(inputs in inputs()) {
        let in_order = || in_order(&inputs, usize::MAX).0;
        for window in [None, Some(0..=19), Some(3..=7), Some(20..=30)] {
            let sorted = |mut leaves: Vec<Vec<String>>| {
                for texts in &mut leaves {
                    texts.sort();
                }
                leaves
            };
            let stored = stored(&inputs, usize::MAX).0;
            let (found, expected) = (texts(in_order(), window.as_ref()), texts(stored, window.as_ref()));
            prop_assert_eq!(sorted(found), sorted(expected));
        }
        let times = |leaf: usize| -> Vec<Ticks> {
            let leaves = by_leaf(in_order(), 2).unwrap();
            leaves[leaf].iter().flat_map(|block| block.times().unwrap()).collect()
        };
        prop_assert!(times(0).is_sorted() && times(1).is_sorted());
    }

    /// Rows that are on disk are put in the same order as those in memory.
    #[test]
    fn the_order_of_time_is_the_same_on_disk(inputs in inputs(), room in 1_usize..2_000) {
        for window in [None, Some(3..=7)] {
            let (in_memory, _folder) = in_order(&inputs, usize::MAX);
            let expected = texts(in_memory, window.as_ref());
            let (spilled, folder) = stored(&inputs, 0);
            let on_disk = by_time::in_ranges(spilled, false, room, folder.path()).unwrap();
            prop_assert_eq!(texts(on_disk, window.as_ref()), expected.clone());
            let (on_disk, _folder) = in_order(&inputs, 0);
            prop_assert_eq!(texts(on_disk, window.as_ref()), expected);
        }
    }
}
