//! The columns of a CSV file: their names, and their times brought to UTC.

use std::{borrow::Cow, sync::Arc};

use evtx_arrow::write_json_string;
use kql_types::{Ticks, datetime};

use super::{
    fields::Fields,
    header::{HeaderColumn, Zone},
};
use crate::{json::probe::Probe, rows::column::time};

/// The columns of a CSV file.
#[derive(Clone, Debug)]
pub(crate) struct Columns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Names, and how far the column's times are from UTC.
    columns: Vec<(String, Ticks)>,
    assumed_utc: Vec<String>,
}

impl Columns {
    /// Makes the columns of a header; `local` is how far the exporter's local time is from UTC, if
    /// anybody knows.
    pub(crate) fn new(header: Vec<HeaderColumn>, local: Option<Ticks>) -> Self {
        let is_assumed = |column: &&HeaderColumn| column.zone == Zone::Local && local.is_none();
        let assumed_utc = header.iter().filter(is_assumed).map(|c| c.name.clone()).collect();
        let offset = |zone| match zone {
            Zone::Offset(offset) => offset,
            Zone::Local => local.unwrap_or(0),
        };
        let columns = header.into_iter().map(|column| (column.name, offset(column.zone))).collect();
        Self(Arc::new(Inner { columns, assumed_utc }))
    }

    /// Returns the number of columns.
    pub(crate) fn len(&self) -> usize {
        self.0.columns.len()
    }

    /// Yields the names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the place of the column of that name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.0.columns.iter().position(|(column, _)| column == name)
    }

    /// Returns the columns whose local times are taken for UTC, as nobody knows better.
    pub(crate) fn assumed_utc(&self) -> &[String] {
        &self.0.assumed_utc
    }

    /// Returns the text of a field of the row that was split; a time in another zone is in UTC.
    pub(crate) fn text<'r>(&self, row: &'r str, fields: &Fields, place: usize) -> Cow<'r, str> {
        let text = fields.text(row, place);
        match self.0.columns.get(place) {
            Some((_, offset)) if *offset != 0 => in_utc(&text, *offset).map_or(text, Cow::Owned),
            _ => text,
        }
    }

    /// Returns the row that was split as a JSON object: texts, and JSON where a field holds it.
    pub(crate) fn json(&self, row: &str, fields: &Fields) -> String {
        let mut json = String::with_capacity(row.len().saturating_mul(2));
        for (place, (name, offset)) in self.0.columns.iter().enumerate() {
            let text = fields.text(row, place);
            if text.is_empty() {
                continue;
            }
            json.push(if json.is_empty() { '{' } else { ',' });
            write_json_string(name, &mut json);
            json.push(':');
            let is_time = name == "TimeGenerated" || name == "Timestamp" || *offset != 0;
            match in_utc(&text, *offset).filter(|_| is_time) {
                Some(time) => write_json_string(&time, &mut json),
                None if Probe::new(&text).is_some() => json.push_str(&text),
                None => write_json_string(&text, &mut json),
            }
        }
        json.push_str(if json.is_empty() { "{}" } else { "}" });
        json
    }
}

fn in_utc(text: &str, offset: Ticks) -> Option<String> {
    let ticks = datetime::add(time(text.trim())?, offset.checked_neg()?)?;
    Some(datetime::format(ticks).to_string())
}
