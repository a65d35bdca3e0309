//! Windows binary XML as EVTX chunks hold it.
//!
//! In: the bytes of one chunk and an offset in it. Out: the nodes of a stream, the templates that
//! chunks define, the values of an instance of one, text as the Event Viewer's XML has it, or the
//! whole tree of an event.
//! Knows nothing of records, requests or Arrow.
//!
//! Source: libyal, "Windows XML Event Log (EVTX) format"; Microsoft, MS-EVEN6, section 2.2.12 and
//! 3.1.4.7.

pub(crate) mod budget;
pub(crate) mod build;
pub(crate) mod cursor;
pub(crate) mod instance;
pub(crate) mod name;
pub(crate) mod node;
pub(crate) mod parse;
pub(crate) mod templates;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod value;
