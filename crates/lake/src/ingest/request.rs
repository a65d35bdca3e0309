//! What ingestion asks of readers: everything.

use std::{collections::BTreeMap, sync::Arc};

use evtx_arrow::{EventColumn, EventRequest};
use kql_types::{KqlType, schema::ColumnSchema};
use sources::{EVENTS, ScanRequest, TableRequest, event_column, event_column_type};
use windows_event_model::SystemField;

use super::Ingest;
use crate::{error::LakeError, layout::Layout};

/// The longest name of a field that has a column of its own.
const MOST_NAME: usize = 100;

/// The request for all there is, and how it lies in the lake.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) scan: ScanRequest,
    /// By table.
    pub(crate) layouts: BTreeMap<String, Arc<Layout>>,
}

impl Request {
    /// Asks for all columns of all tables.
    ///
    /// # Errors
    ///
    /// If a table has a column that the lake cannot have.
    pub(crate) fn new(ingest: &Ingest<'_>) -> Result<Self, LakeError> {
        let fields: Vec<String> = ingest.fields.iter().filter(|it| is_name(it)).cloned().collect();
        let header = SystemField::ALL.map(EventColumn::System);
        let whole = EventColumn::Dynamic(Vec::new());
        let of_field = |field: &String| EventColumn::Text(vec![field.clone()]);
        let columns = header.into_iter().chain([whole]).chain(fields.iter().map(of_field));
        let events = EventRequest { columns: columns.collect(), filters: Vec::new() };
        let mut layouts = BTreeMap::new();
        let layout = Layout::of_events(header_columns(), &fields)?;
        layouts.insert(EVENTS.to_owned(), Arc::new(layout));
        let mut tables = BTreeMap::new();
        // A table that nobody asks for would be left out without a word.
        for table in ingest.known.all().filter(|table| table.name != EVENTS) {
            let columns = table.columns.clone();
            tables.insert(table.name.clone(), TableRequest { columns, ..TableRequest::default() });
            layouts.insert(table.name.clone(), Arc::new(Layout::of_table(table)?));
        }
        let scan = ScanRequest { events: vec![events], tables, ..ingest.reading.clone() };
        Ok(Self { scan, layouts })
    }
}

/// Returns the columns of events but for those of single fields.
fn header_columns() -> Vec<ColumnSchema> {
    let column = |field: SystemField| ColumnSchema {
        name: event_column(field).to_owned(),
        ty: event_column_type(field),
    };
    let data = ColumnSchema { name: "EventData".to_owned(), ty: KqlType::Dynamic };
    SystemField::ALL.into_iter().map(column).chain([data]).collect()
}

/// Tells whether a field can have a column: its name has to be found again in the column's.
fn is_name(field: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !field.is_empty() && field.len() <= MOST_NAME && field.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that had none would keep everything else out, too.
    #[test]
    fn every_documented_table_can_lie_in_a_lake() {
        let of = tables::Environment::Both;
        let mut count = 0;
        for name in tables::documented_names(of) {
            let schema = tables::documented(of, name).unwrap();
            let layout = Layout::of_table(&schema);
            assert!(layout.is_ok(), "{name}: {layout:?}");
            count += 1;
        }
        assert!(count > 500, "{count} tables");
    }
}
