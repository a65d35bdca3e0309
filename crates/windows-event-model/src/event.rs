//! One event as a batch builder sees it: something to be asked for single values.

use std::borrow::Cow;

use crate::system_field::SystemField;

/// An event that answers for its values one by one.
///
/// An implementation decodes on demand, so that an event of which two values are wanted costs two
/// values. It need not care for a field's encoding: the builder turns numbers into text and text
/// into numbers where the field's type asks for it, and derives [`SystemField::LevelName`],
/// [`SystemField::RecordIdText`] and [`SystemField::RecordId`] from the fields they restate.
pub trait Event {
    /// Returns a header field, `None` if the event lacks it.
    ///
    /// [`SystemField::TimeCreated`] has to be a number: ticks since 0001-01-01 UTC.
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>>;

    /// Returns the value at a path below the event's data, `None` if there is none.
    ///
    /// The rules are those of the event's XML: a leaf is the text that the XML holds, an empty
    /// element is `""`. A `Data` element is known by its name; those without one are gathered in
    /// the array `Data`; elements that share a name are an array of their values. Without
    /// `EventData` what the element within `UserData` holds takes its place.
    ///
    /// An attribute is a field called `@` and its name; one that is empty counts as missing, and a
    /// declaration of a namespace is no attribute. An element that has attributes or elements is an
    /// object, its text the field `#text`: `<W lifetime="{…}">on</W>` within `UserData` is
    /// `{"@lifetime":"{…}","#text":"on"}`. KQL's `parse_xml` has the same names.
    fn data(&self, path: &[String]) -> Option<DataValue<'_>>;
}

/// A header field in the form the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemValue<'a> {
    /// Text, decoded.
    Text(Cow<'a, str>),
    /// A number.
    Number(i64),
}

/// A value below an event's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataValue<'a> {
    /// A leaf: its text, decoded.
    Text(Cow<'a, str>),
    /// An object or an array: its compact JSON text.
    Json(Cow<'a, str>),
}
