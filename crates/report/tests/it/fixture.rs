//! Results to write: one of every type, one that means harm, one with more columns than fit.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringViewArray,
};
use kql_types::{KqlType, datetime, schema::ColumnSchema, timespan};
use report::{Format, Options, begin};

/// A result: its columns and its batches.
pub(crate) struct Fixture {
    pub(crate) columns: Vec<ColumnSchema>,
    pub(crate) batches: Vec<RecordBatch>,
}

impl Fixture {
    pub(crate) fn new(columns: Vec<(&str, KqlType, ArrayRef)>) -> Self {
        let schema = columns
            .iter()
            .map(|(name, ty, _)| ColumnSchema { name: (*name).to_owned(), ty: *ty })
            .collect();
        let arrays = columns.into_iter().map(|(name, _, array)| (name, array, true));
        let batch = RecordBatch::try_from_iter_with_nullable(arrays).unwrap();
        Self { columns: schema, batches: vec![batch] }
    }

    /// Writes everything, each batch twice when `repeat` is 2.
    pub(crate) fn write(&self, format: Format, options: &Options, repeat: usize) -> String {
        let mut out = Vec::new();
        let mut writer = begin(format, &self.columns, options, &mut out).unwrap();
        for _ in 0..repeat {
            for batch in &self.batches {
                writer.batch(batch).unwrap();
            }
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(values.iter().copied().collect::<StringViewArray>())
}

/// One column of each type; the second row is null throughout.
pub(crate) fn every_type() -> Fixture {
    let time = datetime::parse("2020-01-02T03:04:05.6Z");
    let guid = "74be27de-1e4e-49d9-b579-fe0b331d3642";
    Fixture::new(vec![
        ("b", KqlType::Bool, Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("i", KqlType::Int, Arc::new(Int32Array::from(vec![Some(-7), None, Some(i32::MAX)]))),
        ("l", KqlType::Long, Arc::new(Int64Array::from(vec![Some(42), None, Some(i64::MIN)]))),
        ("r", KqlType::Real, Arc::new(Float64Array::from(vec![Some(1.5), None, Some(f64::NAN)]))),
        ("m", KqlType::Decimal, text(&[Some("123.45678"), None, Some("-0.005")])),
        ("t", KqlType::Datetime, Arc::new(Int64Array::from(vec![time, None, Some(datetime::MAX)]))),
        (
            "s",
            KqlType::Timespan,
            Arc::new(Int64Array::from(vec![Some(timespan::DAY), None, Some(-timespan::HOUR)])),
        ),
        ("x", KqlType::String, text(&[Some("ADMIN$"), Some(""), Some("say \"hi\"")])),
        ("g", KqlType::Guid, text(&[Some(guid), None, Some(guid)])),
        ("d", KqlType::Dynamic, text(&[Some(r#"{"a":[1,null]}"#), None, Some("\"x\"")])),
    ])
}

/// Text that attacks terminals, spreadsheets and layouts.
pub(crate) fn hostile() -> Fixture {
    let long = "A".repeat(10_000);
    let marks = format!("e{}", "\u{301}".repeat(50));
    let command_lines = [
        "\u{1b}[2J\u{1b}[31mred\u{1b}]0;title\u{7}",
        "two\r\nlines\tand a tab",
        "invoice\u{202e}fdp.exe",
        "\u{9b}31m zero\u{200b}width",
        "艺术🦀.com",
        marks.as_str(),
        long.as_str(),
        "=HYPERLINK(\"http://evil\",\"x\")",
        "@SUM(1)",
        "+1",
        "-2",
        "\tcmd",
        "plain, with comma",
        "",
    ];
    let numbers: Int64Array = (-13..=0).rev().map(Some).collect();
    let json: Vec<_> = command_lines
        .iter()
        .map(|line| {
            let mut json = String::new();
            kql_types::dynamic::quote(line, &mut json);
            json
        })
        .collect();
    Fixture::new(vec![
        ("n", KqlType::Long, Arc::new(numbers)),
        (
            "CommandLine",
            KqlType::String,
            Arc::new(StringViewArray::from_iter_values(command_lines)),
        ),
        ("=Evil\u{1b}[0m", KqlType::Dynamic, Arc::new(StringViewArray::from_iter_values(json))),
    ])
}

/// As many columns as a Defender table has, most of them empty.
pub(crate) fn wide() -> Fixture {
    let names: Vec<String> = (1..=40).map(|n| format!("AdditionalColumn{n}")).collect();
    let long = "\\\\server\\ADMIN$\\".repeat(40);
    let time = datetime::parse("2024-05-06T07:08:09.123Z");
    let mut columns: Vec<(&str, KqlType, ArrayRef)> = vec![
        ("Timestamp", KqlType::Datetime, Arc::new(Int64Array::from(vec![time, None]))),
        ("DeviceName", KqlType::String, text(&[Some("pc01"), Some("pc02")])),
        ("ProcessCommandLine", KqlType::String, text(&[Some(&long), Some("net use Z: \\\\a\\c$")])),
        ("ProcessId", KqlType::Long, Arc::new(Int64Array::from(vec![Some(4711), Some(8)]))),
    ];
    for name in &names {
        columns.push((name, KqlType::String, text(&[Some(""), Some("")])));
    }
    Fixture::new(columns)
}
