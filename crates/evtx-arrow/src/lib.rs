//! Windows event logs to Arrow: EVTX files, and the event vocabulary that other readers share.
//!
//! In: bytes of an EVTX file and an [`EventRequest`], which says what columns and what events are
//! wanted. Out: record batches of exactly those, pushed into an [`EventSink`], together with every
//! damage met on the way. Knows nothing of KQL; does not open files, decompress or print.

mod batch;
mod binxml;
mod bytes;
mod chunk;
mod damage;
mod decode;
mod error;
mod event;
mod json;
mod program;
mod read;
mod request;
mod sink;
mod ticks;
mod utf8;

pub use crate::{
    batch::EventBatchBuilder,
    chunk::CHUNK_SIGNATURE,
    damage::{Damage, DamageReason, RecordError},
    error::ReadError,
    event::{
        DataValue, Event, SystemValue,
        element::Element,
        system_field::{SystemField, SystemType},
        system_value::int as header_int,
        tree::EventTree,
    },
    json::write_json_string,
    read::{ChunkIndex, FileReader, RecordPlace, carve, read, read_after},
    request::{DataCondition, EventColumn, EventFilter, EventRequest, needles::Needles},
    sink::{
        EventSink, ReadSummary,
        times::{RecordTimes, TimeSpan},
    },
    ticks::filetime_to_ticks,
};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
