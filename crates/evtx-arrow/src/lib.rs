//! Windows event logs to Arrow: EVTX files, and the event vocabulary that other readers share.
//!
//! In: bytes of an EVTX file and an [`EventRequest`], which says what columns and what events are
//! wanted. Out: record batches of exactly those, pushed into an [`EventSink`], together with every
//! damage met on the way. Knows nothing of KQL; does not open files, decompress or print.

mod batch;
mod binxml;
mod bytes;
mod carve;
mod chunk;
mod chunk_reader;
mod column;
mod damage;
mod decode;
mod dispatch;
mod element;
mod error;
mod event;
mod fields;
mod file_header;
mod found;
mod json;
mod needles;
mod program;
mod read;
mod record_error;
mod request;
mod row;
mod sink;
mod system_field;
mod system_value;
mod templates;
mod texts;
mod ticks;
mod times;
mod tree;

pub use crate::{
    batch::EventBatchBuilder,
    carve::{CHUNK_SIGNATURE, carve},
    damage::{Damage, DamageReason},
    element::Element,
    error::ReadError,
    event::{DataValue, Event, SystemValue},
    json::write_json_string,
    needles::Needles,
    read::{FileReader, read},
    record_error::RecordError,
    request::{DataCondition, EventColumn, EventFilter, EventRequest},
    sink::{EventSink, ReadSummary},
    system_field::{SystemField, SystemType},
    system_value::int as header_int,
    ticks::filetime_to_ticks,
    times::{RecordTimes, TimeSpan},
    tree::EventTree,
};
