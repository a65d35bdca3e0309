//! Windows event logs to Arrow: EVTX files, and the event vocabulary that other readers share.
//!
//! In: bytes of an EVTX file and an [`EventRequest`], which says what columns and what events are
//! wanted. Out: record batches of exactly those, pushed into an [`EventSink`], together with every
//! damage met on the way. Knows nothing of KQL; does not open files, decompress or print.

mod batch;
mod bytes;
mod chunk;
mod column;
mod damage;
mod error;
mod event;
mod evtx_records;
mod file_header;
mod json;
mod read;
mod request;
mod sink;
mod system_field;
mod system_value;
mod ticks;
mod tree;
mod xml;

pub use crate::{
    batch::EventBatchBuilder,
    damage::{Damage, DamageReason, RecordError},
    error::ReadError,
    event::{DataValue, Event, SystemValue},
    json::write_json_string,
    read::{ChunkRange, count_records, read, read_chunks},
    request::{EventColumn, EventFilter, EventRequest},
    sink::{EventSink, ReadSummary},
    system_field::{SystemField, SystemType},
    ticks::filetime_to_ticks,
};
