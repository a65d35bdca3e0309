//! A shape of Windows events in JSON, as data.

use windows_event_model::{SystemField, SystemValue};

/// Keys that lead to a value, [`crate::json::plan::ANY`] for any one.
pub(crate) type Path = &'static [&'static str];

/// Where a JSON shape keeps what an event consists of.
#[derive(Debug)]
pub(crate) struct EventShape {
    /// The name of the format.
    pub(crate) name: &'static str,
    /// A value that every record of this shape has, in one of these places.
    pub(crate) marker: &'static [Path],
    /// The header fields.
    pub(crate) fields: &'static [FieldSource],
    /// The event's data.
    pub(crate) data: DataPlace,
}

/// Where a header field is and how it is read.
#[derive(Debug)]
pub(crate) struct FieldSource {
    /// The field.
    pub(crate) field: SystemField,
    /// The values it is made of, each with the places where it may be.
    pub(crate) values: &'static [&'static [Path]],
    /// Makes the field of the values: their JSON text, `None` where there is none.
    pub(crate) read: ReadField,
}

/// Makes a header field of JSON values.
pub(crate) type ReadField = for<'r> fn(&[Option<&'r str>]) -> Option<SystemValue<'r>>;

/// Where an event's data are.
#[derive(Debug)]
pub(crate) enum DataPlace {
    /// In an object of their own, at one of these places.
    Below(&'static [Path]),
    /// At the top level, among the header fields.
    Beside {
        /// Keys that are no data.
        envelope: &'static [&'static str],
        /// Tells of any other key, its value and the provider whether it is data.
        is_data: fn(&str, &str, &str) -> bool,
    },
}

/// Returns the source of a field that is one value, read as it is.
pub(crate) const fn plain(field: SystemField, values: &'static [&'static [Path]]) -> FieldSource {
    FieldSource { field, values, read: super::field::scalar }
}
