//! The shapes of JSON records that are read: one file each, and the list of them.

pub(crate) mod dress;
mod event_xml;
mod evtxecmd;
mod flat_time_created;
mod get_winevent;
mod native;
mod nxlog;
mod otel;
mod other_tools;
mod positional;
mod splunk;
mod sysmon_message;
mod velociraptor_hunt;
mod wazuh;
mod windows_event;
mod winlogbeat;

use std::{collections::BTreeMap, sync::Arc};

use kql_types::schema::TableSchema;

use crate::dates::order::Settled;
use crate::{
    events::shape::EventShape, json::probe::Probe, known::KnownTables, problem::Reason,
    request::EVENTS, rows::lane::RowShape, tree::lane::TreeReader,
};

/// Every shape. The first one that recognises a record has it.
pub(crate) const ALL: &[JsonShape] = &[
    other_tools::SHAPE,
    event_xml::evtx_dump::SHAPE,
    evtxecmd::SHAPE,
    nxlog::SHAPE,
    flat_time_created::SHAPE,
    winlogbeat::six::SHAPE,
    winlogbeat::ecs::SHAPE,
    event_xml::system_tree::SHAPE,
    event_xml::xml_json::SHAPE,
    velociraptor_hunt::SHAPE,
    get_winevent::SHAPE,
    otel::SHAPE,
    positional::SHAPE,
    wazuh::SHAPE,
    native::defender_stream::SHAPE,
    windows_event::SHAPE,
    native::table_row::SHAPE,
    splunk::SHAPE,
    event_xml::xml_text::SHAPE,
];

/// A shape of JSON records.
pub(crate) struct JsonShape {
    /// Tells what a record is, `None` if it is not of this shape.
    ///
    /// An error is for a record that is of this shape and still cannot be read.
    pub(crate) recognise: for<'s> fn(Probe<'_>, &Context<'s>) -> Option<Result<Found<'s>, Reason>>,
}

/// What a recognised record is.
pub(crate) enum Found<'s> {
    /// A Windows event.
    Event(&'static EventShape),
    /// A Windows event that has to be read whole.
    Tree(TreeReader<'s>),
    /// A row of a native table.
    Row(RowShape, &'s TableSchema),
}

/// What shapes may ask about the input.
#[derive(Clone, Debug)]
pub(crate) struct Context<'s> {
    /// The native tables.
    pub(crate) known: &'s KnownTables,
    /// The names of the member and the file without extension, the innermost first.
    pub(crate) stems: Vec<String>,
    /// What is known of the order of day and month in the input's times, by key.
    pub(crate) dates: Arc<BTreeMap<String, Settled>>,
}

impl Found<'_> {
    /// Returns the name of the format, and the table.
    pub(crate) fn name(&self) -> (&'static str, &str) {
        match self {
            Self::Event(shape) => (shape.name, EVENTS),
            Self::Tree(shape) => (shape.name(), EVENTS),
            Self::Row(shape, table) => (shape.name, &table.name),
        }
    }
}

/// Returns the columns that a CSV file of a shape may have, by the name of its format; `None` if any
/// other column is data.
pub(crate) fn columns_of(format: &str) -> Option<&'static [&'static str]> {
    match format {
        evtxecmd::NAME => Some(evtxecmd::COLUMNS),
        get_winevent::NAME => Some(get_winevent::COLUMNS),
        _ => None,
    }
}

/// Yields what a record may be, the likeliest first.
///
/// An error is a shape that the record is of and that cannot be read.
pub(crate) fn candidates<'s>(
    record: Probe<'_>,
    context: &Context<'s>,
) -> impl Iterator<Item = Result<Found<'s>, Reason>> {
    let known = context.known.shapes().iter().filter(move |shape| shape.is_of(record));
    let of_users = known.map(|shape| Ok(Found::Tree(TreeReader::User(shape))));
    of_users.chain(ALL.iter().filter_map(move |shape| (shape.recognise)(record, context)))
}
