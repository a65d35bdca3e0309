//! Parquet: native tables column by column, and events as the JSON objects that their rows could be.
//!
//! Row groups that hold nothing that is wanted are not read, and of the others only the columns
//! asked for, the tested ones first.

use super::{Format, Head, json};
use crate::{
    content::Content,
    parquet::{file::ParquetFile, lines::JsonLines, partition},
    problem::Reason,
    request::EVENTS,
    scan::Scan,
    sink::Origin,
    summary::MemberSummary,
};
use kql_types::schema::TableSchema;

/// The name of the format.
const NAME: &str = "Parquet";
/// Bytes of a file that comes as a stream and so has to be held in memory.
const MAX_HELD_BYTES: u64 = 256 << 20;

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    head.bytes.starts_with(b"PAR1")
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    let chunks = match content.into_chunks(MAX_HELD_BYTES) {
        Ok(Some(chunks)) => chunks,
        Ok(None) => return scan.problem(None, None, Reason::Nested { kind: NAME }),
        Err(error) => return scan.problem(None, None, Reason::of_io(error)),
    };
    let path = scan.path().to_owned();
    let file = match ParquetFile::open(chunks, &path) {
        Ok(file) => file,
        Err(error) => return scan.problem(None, None, Reason::Parquet(error)),
    };
    let names = scan.stems().into_iter().chain(partition::names(&path)).collect::<Vec<_>>();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match scan.known.identify(&file.columns(), &names) {
        Ok(table) if table.name != EVENTS => read_table(&file, table, scan),
        // Events, exported or flattened by whatever else, have the shapes that JSON has.
        _ => match file.read_all() {
            Ok(reader) => json::read_lines(Box::new(JsonLines::new(reader)), scan),
            Err(error) => scan.problem(None, None, Reason::Parquet(error)),
        },
    }
}

fn read_table(file: &ParquetFile, table: &TableSchema, scan: &mut Scan<'_>) {
    let mut summary = MemberSummary {
        format: NAME,
        table: Some(table.name.clone()),
        newest: file.newest(),
        ..scan.empty_summary()
    };
    summary.ignored_columns = file
        .columns()
        .into_iter()
        .filter(|name| !scan.known.has_column(table, name))
        .map(str::to_owned)
        .collect();
    let outcome = match scan.request.tables.get(&table.name) {
        Some(request) => {
            let reader = file.read(table, request, scan.known);
            reader.map_err(Reason::Parquet).and_then(|reader| emit(reader, &mut summary, scan))
        }
        None => Ok(()),
    };
    match outcome {
        // What was left unread was not wanted.
        Ok(()) => {
            summary.read = file.rows();
            summary.filtered = summary.read.saturating_sub(summary.emitted);
        }
        Err(reason) => {
            summary.read = summary.emitted;
            scan.problem(None, None, reason);
        }
    }
    scan.summaries.push(summary);
}

fn emit(
    mut reader: crate::parquet::file::TableReader,
    summary: &mut MemberSummary,
    scan: &mut Scan<'_>,
) -> Result<(), Reason> {
    let origin = Origin {
        file: summary.file.clone(),
        member: summary.member.clone(),
        format: NAME,
        table: summary.table.clone().unwrap_or_default(),
        request: 0,
    };
    for batch in reader.by_ref() {
        let batch = batch?;
        let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
        if rows == 0 {
            continue;
        }
        summary.emitted = summary.emitted.saturating_add(rows);
        scan.tell_progress();
        if scan.batch(&origin, batch).is_break() {
            break;
        }
    }
    summary.not_converted.extend(reader.not_converted());
    Ok(())
}
