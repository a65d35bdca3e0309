//! What a Windows event is made of, whatever it was read from.
//!
//! A reader of events, of binary logs as of XML, gives each as an [`Event`]: something that answers for its
//! [header fields](SystemField) and for the values at paths below its data. Everything behind the reader then
//! speaks one vocabulary. [`EventTree`] is an event of which the XML is known; [`header`] brings the values of
//! header fields into one form, however the source writes them. Depends on nothing, not even on a format.

mod element;
mod event;
pub mod header;
mod json;
mod system_field;
mod ticks;
mod tree;

pub use crate::{
    element::Element,
    event::{DataValue, Event, SystemValue},
    json::{escape_json, write_json_string},
    system_field::{SystemField, SystemType},
    ticks::{Ticks, filetime_to_ticks, parse_xml_time},
    tree::{ATTRIBUTE, EventTree, data_attribute, may_have_name},
};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
