//! `parquet`: one row per alert, for tables of one's own.

use std::{io, sync::Arc};

use arrow_array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    builder::{ListBuilder, StringBuilder},
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use detection::alert::Alert;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

use crate::{
    WriteError,
    alert::{facts::Facts, json_value::unix_ms, object::write_alert, summary},
    findings::Findings,
};

/// Rows of one batch: what is held in memory besides the alerts.
const BATCH: usize = 4_096;

/// Writes the file.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let schema = Arc::new(schema());
    // No file of ours names the program that wrote it with the time or the machine.
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("quarry {}", findings.versions.quarry))
        .build();
    // The writer asks for a writer that can be sent to another thread, which `out` need not be.
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, Arc::clone(&schema), Some(properties))?;
    let hops = findings.hop_of_alert();
    let rows: Vec<(&Alert, Facts)> = findings
        .alerts
        .iter()
        .enumerate()
        .map(|(position, alert)| (alert, Facts::new(alert, hops.get(&position).copied())))
        .collect();
    for rows in rows.chunks(BATCH) {
        writer.write(&batch(&schema, rows)?)?;
    }
    writer.close()?;
    Ok(out.write_all(&bytes)?)
}

fn schema() -> Schema {
    let text = |name: &str| Field::new(name, DataType::Utf8, false);
    let list = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Schema::new(vec![
        text("Id"),
        Field::new("Time", time, true),
        text("Severity"),
        text("RuleId"),
        text("Rule"),
        Field::new("Behaviours", list, false),
        text("Host"),
        text("Account"),
        text("SourceHost"),
        text("SourceIP"),
        text("TargetHost"),
        text("TargetIP"),
        text("Activity"),
        Field::new("EvidenceCount", DataType::Int64, false),
        text("Details"),
    ])
}

fn batch(schema: &Arc<Schema>, rows: &[(&Alert, Facts)]) -> Result<RecordBatch, WriteError> {
    let text = |of: &dyn Fn(&Alert, &Facts) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(alert, facts)| of(alert, facts))))
    };
    let times =
        rows.iter().map(|(alert, _)| alert.time.map(|time| unix_ms(time).saturating_mul(1_000)));
    let count = |alert: &Alert| i64::try_from(alert.evidence.len()).unwrap_or(i64::MAX);
    let mut behaviours = ListBuilder::new(StringBuilder::new());
    for (alert, _) in rows {
        for behaviour in &alert.rule.behaviours {
            behaviours.values().append_value(behaviour);
        }
        behaviours.append(true);
    }
    let columns: Vec<ArrayRef> = vec![
        text(&|alert, _| alert.id.clone()),
        Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
        text(&|alert, _| alert.severity.name().to_owned()),
        text(&|alert, _| alert.rule.id.clone()),
        text(&|alert, _| alert.rule.name.clone()),
        Arc::new(behaviours.finish()),
        text(&|_, facts| facts.host.clone()),
        text(&|alert, _| summary::account(alert).into_owned()),
        text(&|_, facts| facts.source_host.clone()),
        text(&|_, facts| facts.source_ip.clone()),
        text(&|_, facts| facts.target_host.clone()),
        text(&|_, facts| facts.target_ip.clone()),
        text(&|alert, _| summary::activity(alert).into_owned()),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|(alert, _)| count(alert)))),
        text(&|alert, _| {
            let mut details = String::new();
            write_alert(alert, &mut details);
            details
        }),
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
