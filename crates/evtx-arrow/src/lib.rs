//! Windows event logs to Arrow: EVTX files, and batches of whatever else yields events.
//!
//! In: bytes of an EVTX file and an [`EventRequest`], which says what columns and what events are
//! wanted. Out: record batches of exactly those, pushed into an [`EventSink`], together with every
//! damage met on the way. Readers of other renderings of the same events put their [`Event`]s into
//! the same batches ([`EventBatchBuilder`]). Does not open files, decompress or print.

mod batch;
mod binxml;
mod bytes;
mod chunk;
mod damage;
mod decode;
mod error;
mod json;
mod program;
mod read;
mod request;
mod sink;
mod utf8;

pub use crate::{
    batch::EventBatchBuilder,
    chunk::CHUNK_SIGNATURE,
    damage::{Damage, DamageReason, RecordError},
    error::ReadError,
    read::{ChunkIndex, FileReader, RecordPlace, carve, read, read_after},
    request::{DataCondition, EventColumn, EventFilter, EventRequest, needles::Needles},
    sink::{
        EventSink, ReadSummary,
        times::{RecordTimes, TimeSpan},
    },
};

pub use windows_event_model::{DataValue, Event, SystemField, SystemType, SystemValue, Ticks};

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
