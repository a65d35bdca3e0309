//! The four formats of a result.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use insta::assert_snapshot;
use kql_types::KqlType;
use report::{CsvOptions, Format, Options, TableOptions, WriteError, begin};
use serde_json::Value as Tree;

use crate::fixture::{Fixture, every_type, hostile, wide};

fn terminal(width: usize) -> Options {
    Options {
        table: TableOptions { width: Some(width), ..TableOptions::default() },
        ..Options::default()
    }
}

/// What a 10,000-character cell adds to a snapshot is its length.
fn shorten(text: &str) -> String {
    text.replace(&"A".repeat(10_000), "<A x 10000>")
}

/// CSV keeps every character; a snapshot had better not.
fn spell_out(text: &str) -> String {
    let is_spelt_out = |char: char| (char != '\n' && char.is_control()) || !char.is_ascii();
    text.chars()
        .map(
            |char| {
                if is_spelt_out(char) { format!("<{:X}>", u32::from(char)) } else { char.into() }
            },
        )
        .collect()
}

#[test]
fn json_of_every_type() {
    let text = every_type().write(Format::Json, &Options::default(), 1);
    let tree: Tree = serde_json::from_str(&text).unwrap();
    assert_eq!(tree["columns"][5], serde_json::json!({"name": "t", "type": "datetime"}));
    assert_eq!(tree["rows"][2][3], "NaN");
    assert_snapshot!(text);
}

#[test]
fn json_of_several_batches_and_of_none() {
    let fixture =
        Fixture::new(vec![("x", KqlType::Long, Arc::new(Int64Array::from(vec![1])) as ArrayRef)]);
    let options = Options::default();
    assert_snapshot!(fixture.write(Format::Json, &options, 2), @r#"
    {"columns":[{"name":"x","type":"long"}],"rows":[
    [1],
    [1]
    ]}
    "#);
    assert_snapshot!(fixture.write(Format::Json, &options, 0), @r#"{"columns":[{"name":"x","type":"long"}],"rows":[]}"#);
}

#[test]
fn json_of_hostile_text() {
    let text = hostile().write(Format::Json, &Options::default(), 1);
    serde_json::from_str::<Tree>(&text).unwrap();
    assert_snapshot!(shorten(&text));
}

#[test]
fn jsonl_of_every_type() {
    let text = every_type().write(Format::Jsonl, &Options::default(), 1);
    assert!(text.lines().all(|line| serde_json::from_str::<Tree>(line).is_ok()));
    assert_snapshot!(text);
}

#[test]
fn jsonl_of_hostile_text_is_one_line_per_row() {
    let text = hostile().write(Format::Jsonl, &Options::default(), 1);
    assert_eq!(text.lines().count(), 14);
    assert!(text.lines().all(|line| serde_json::from_str::<Tree>(line).is_ok()));
    assert_snapshot!(shorten(&text));
}

#[test]
fn csv_of_every_type() {
    assert_snapshot!(every_type().write(Format::Csv, &Options::default(), 1));
}

#[test]
fn csv_guards_against_formulas() {
    let guarded = hostile().write(Format::Csv, &Options::default(), 1);
    assert_snapshot!(spell_out(&shorten(&guarded)));
    let csv = CsvOptions { guards_formulas: false };
    let plain = hostile().write(Format::Csv, &Options { csv, ..Options::default() }, 1);
    assert!(plain.contains(",@SUM(1),@SUM(1)\r\n"));
    assert!(guarded.contains(",\"'\t@SUM(1)\",\"'\t@SUM(1)\"\r\n"), "{guarded}");
}

#[test]
fn csv_keeps_the_empty_row_of_a_single_column() {
    let fixture = Fixture::new(vec![(
        "x",
        KqlType::Long,
        Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef,
    )]);
    assert_eq!(fixture.write(Format::Csv, &Options::default(), 1), "x\r\n1\r\n\"\"\r\n");
}

#[test]
fn table_of_every_type() {
    assert_snapshot!(every_type().write(Format::Table, &terminal(200), 1));
}

#[test]
fn table_of_hostile_text() {
    let text = hostile().write(Format::Table, &terminal(90), 1);
    assert!(text.chars().all(|char| char == '\n' || !char.is_control()));
    assert_snapshot!(text);
}

#[test]
fn table_without_a_limit_cuts_only_what_is_enormous() {
    let options = Options::default();
    let text = every_type().write(Format::Table, &options, 1);
    assert_eq!(text, every_type().write(Format::Table, &terminal(200), 1));
    assert!(
        hostile()
            .write(Format::Table, &options, 1)
            .lines()
            .all(|line| line.chars().count() < 2_100)
    );
}

#[test]
fn table_of_many_columns_becomes_blocks() {
    assert_snapshot!(wide().write(Format::Table, &terminal(80), 1));
}

#[test]
fn table_streams_what_follows_the_sample() {
    let narrow = Fixture::new(vec![
        ("n", KqlType::Long, Arc::new(Int64Array::from(vec![1, 2, 123_456_789])) as ArrayRef),
        (
            "x",
            KqlType::String,
            Arc::new(arrow_array::StringViewArray::from(vec![
                "abc",
                "d",
                "longer than the sample",
            ])),
        ),
    ]);
    let table = TableOptions { width: Some(80), sample_rows: 2, ..TableOptions::default() };
    let options = Options { table, ..Options::default() };
    assert_snapshot!(narrow.write(Format::Table, &options, 1), @r"
    n  x
    ─  ───
    1  abc
    2  d
    123456789  lo…
    (3 rows)
    ");
    assert_snapshot!(narrow.write(Format::Table, &options, 0), @r"
    n  x
    ─  ─
    (0 rows)
    ");
}

#[test]
fn table_in_colour_resets_what_it_sets() {
    let table = TableOptions { width: Some(200), is_coloured: true, ..TableOptions::default() };
    let text = every_type().write(Format::Table, &Options { table, ..Options::default() }, 1);
    assert_eq!(text.matches("\u{1b}[1m").count(), text.matches("\u{1b}[0m").count());
    assert_eq!(text.matches("\u{1b}[1m").count(), 10);
}

#[test]
fn a_batch_that_is_not_the_results_is_refused() {
    let mut fixture = every_type();
    fixture.columns[0].ty = KqlType::String;
    let mut writer =
        begin(Format::Json, &fixture.columns, &Options::default(), Vec::new()).unwrap();
    let error = writer.batch(&fixture.batches[0]).unwrap_err();
    assert_eq!(error.to_string(), "column `b` of type string arrived as Boolean");
    fixture.columns.pop();
    let mut writer = begin(Format::Csv, &fixture.columns, &Options::default(), Vec::new()).unwrap();
    let error = writer.batch(&fixture.batches[0]).unwrap_err();
    assert!(matches!(error, WriteError::ColumnCount { expected: 9, found: 10 }));
}
