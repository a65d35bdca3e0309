//! Windows event logs to Arrow: EVTX files, and the event vocabulary that other readers share.
//!
//! In: bytes of an EVTX file and an [`EventRequest`], which says what columns and what events are
//! wanted. Out: record batches of exactly those, pushed into an [`EventSink`], together with every
//! damage met on the way. Knows nothing of KQL; does not open files, decompress or print.

mod batch;
mod binxml;
mod bytes;
mod chunk;
mod column;
mod damage;
mod decode;
mod element;
mod error;
mod event;
mod fields;
mod file_header;
mod json;
mod program;
mod read;
mod record_error;
mod request;
mod row;
mod sink;
mod system_field;
mod system_value;
mod templates;
mod ticks;
mod tree;

pub use crate::{
    batch::EventBatchBuilder,
    damage::{Damage, DamageReason},
    element::Element,
    error::ReadError,
    event::{DataValue, Event, SystemValue},
    json::write_json_string,
    read::{ChunkRange, count_records, read, read_chunks},
    record_error::RecordError,
    request::{EventColumn, EventFilter, EventRequest},
    sink::{EventSink, ReadSummary},
    system_field::{SystemField, SystemType},
    ticks::filetime_to_ticks,
    tree::EventTree,
};
