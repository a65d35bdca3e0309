//! Rows of a table as the formats write them.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use super::{
    COMPUTER, NUMBER, Record, TEXT, TIME,
    text::{csv, lines, quoted},
};

pub(super) fn table_csv(records: &[Record]) -> Vec<u8> {
    csv(',', "Timestamp,RemotePort,DeviceName,RemoteUrl", records.iter().map(values))
}

pub(super) fn table_tsv(records: &[Record]) -> Vec<u8> {
    csv('\t', "Timestamp\tRemotePort\tDeviceName\tRemoteUrl", records.iter().map(values))
}

fn values(record: &Record) -> Vec<String> {
    let [time, _, _, computer, text, number] = record.clone();
    vec![time, number, computer, text]
}

fn json_row(record: &Record) -> String {
    let [time, _, _, computer, text, number] = record.each_ref().map(|it| quoted(it));
    format!(
        "{{\"Timestamp\":{time},\"DeviceName\":{computer},\"RemoteUrl\":{text},\"RemotePort\":{number}}}"
    )
}

pub(super) fn table_json(records: &[Record]) -> Vec<u8> {
    lines(records, json_row)
}

pub(super) fn table_array(records: &[Record]) -> Vec<u8> {
    let rows: Vec<String> = records.iter().map(json_row).collect();
    format!("[{}]", rows.join(",\n")).into_bytes()
}

pub(super) fn table_parquet(records: &[Record]) -> Vec<u8> {
    let column = |place: usize| {
        let texts: Vec<&str> = records.iter().map(|record| record[place].as_str()).collect();
        Arc::new(StringArray::from(texts)) as ArrayRef
    };
    let batch = RecordBatch::try_from_iter([
        ("Timestamp", column(TIME)),
        ("DeviceName", column(COMPUTER)),
        ("RemoteUrl", column(TEXT)),
        ("RemotePort", column(NUMBER)),
    ])
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Rows as arrays, one behind the other.
fn arrays(records: &[Record]) -> String {
    let row = |record: &Record| {
        let values: Vec<String> = values(record).iter().map(|value| quoted(value)).collect();
        format!("[{}]", values.join(","))
    };
    records.iter().map(row).collect::<Vec<_>>().join(",")
}

/// The answer of the Log Analytics query API.
pub(super) fn log_analytics(records: &[Record]) -> Vec<u8> {
    format!(
        "{{\"tables\":[{{\"name\":\"PrimaryResult\",\"columns\":[\
         {{\"name\":\"Timestamp\",\"type\":\"datetime\"}},{{\"name\":\"RemotePort\",\"type\":\"int\"}},\
         {{\"name\":\"DeviceName\",\"type\":\"string\"}},{{\"name\":\"RemoteUrl\",\"type\":\"string\"}}],\
         \"rows\":[{}]}}]}}",
        arrays(records)
    )
    .into_bytes()
}

const COLUMNS: &str = "[{\"ColumnName\":\"Timestamp\",\"ColumnType\":\"datetime\"},\
    {\"ColumnName\":\"RemotePort\",\"ColumnType\":\"int\"},\
    {\"ColumnName\":\"DeviceName\",\"ColumnType\":\"string\"},\
    {\"ColumnName\":\"RemoteUrl\",\"ColumnType\":\"string\"}]";

/// The answer of Azure Data Explorer in its first version.
pub(super) fn kusto_v1(records: &[Record]) -> Vec<u8> {
    format!(
        "{{\"Tables\":[{{\"TableName\":\"Table_0\",\"Columns\":{COLUMNS},\"Rows\":[{}]}}]}}",
        arrays(records)
    )
    .into_bytes()
}

/// The same in the second version: frames, some of which are not the result.
pub(super) fn kusto_v2(records: &[Record]) -> Vec<u8> {
    format!(
        "[{{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":false,\"Version\":\"v2.0\"}},\n\
         {{\"FrameType\":\"DataTable\",\"TableId\":0,\"TableKind\":\"QueryProperties\",\
         \"TableName\":\"@ExtendedProperties\",\"Columns\":[{{\"ColumnName\":\"TableId\"}},\
         {{\"ColumnName\":\"Key\"}},{{\"ColumnName\":\"Value\"}}],\"Rows\":[[1,\"Visualization\",\"x\"]]}},\n\
         {{\"FrameType\":\"DataTable\",\"TableId\":1,\"TableKind\":\"PrimaryResult\",\
         \"TableName\":\"PrimaryResult\",\"Columns\":{COLUMNS},\"Rows\":[{}]}},\n\
         {{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}}]",
        arrays(records)
    )
    .into_bytes()
}

/// The same in fragments, as progressive queries give them.
pub(super) fn kusto_v2_fragments(records: &[Record]) -> Vec<u8> {
    let fragments: Vec<String> = records
        .iter()
        .map(|record| {
            format!(
                "{{\"FrameType\":\"TableFragment\",\"TableId\":1,\"FieldCount\":4,\
                 \"TableFragmentType\":\"DataAppend\",\"Rows\":[{}]}},\n",
                arrays(std::slice::from_ref(record))
            )
        })
        .collect();
    let fragments = fragments.concat();
    format!(
        "[{{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":true,\"Version\":\"v2.0\"}},\n\
         {{\"FrameType\":\"TableHeader\",\"TableId\":1,\"TableKind\":\"PrimaryResult\",\
         \"TableName\":\"PrimaryResult\",\"Columns\":{COLUMNS}}},\n{fragments}\
         {{\"FrameType\":\"TableCompletion\",\"TableId\":1,\"RowCount\":{}}},\n\
         {{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}}]",
        records.len()
    )
    .into_bytes()
}

/// The answer of Microsoft Graph to a hunting query.
pub(super) fn graph(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let [time, _, _, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"@odata.type\":\"#microsoft.graph.security.huntingRowResult\",\
             \"Timestamp@odata.type\":\"#DateTimeOffset\",\"Timestamp\":{time},\
             \"DeviceName\":{computer},\"RemoteUrl\":{text},\"RemotePort\":{number}}}"
        )
    };
    let rows: Vec<String> = records.iter().map(row).collect();
    format!(
        "{{\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.security.huntingQueryResults\",\
         \"schema\":[{{\"name\":\"Timestamp\",\"type\":\"DateTime\"}},{{\"name\":\"DeviceName\",\
         \"type\":\"String\"}}],\"results\":[{}]}}",
        rows.join(",")
    )
    .into_bytes()
}
