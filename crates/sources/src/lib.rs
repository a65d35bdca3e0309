//! Input formats: recognised by content, read in a stream, handed on as Arrow batches of raw tables.
//!
//! In: files, folders, streams and objects of a store, plain or in archives; a [`ScanRequest`] that
//! says which columns and rows of which raw tables are wanted. Out: record batches with the place they come from,
//! every problem with its place, and an account of every record. Knows no KQL and prints nothing.
//!
//! A new format is a file in `formats`, a new shape of JSON one in `shapes`, a new kind of archive
//! one in `containers`, each with a line in the list beside it.

mod containers;
mod csv;
mod dates;
mod events;
mod formats;
mod input;
mod json;
mod kept_rows;
mod known;
mod lane;
mod lanes;
mod lines;
pub mod list;
mod losses;
mod ordered;
mod parquet;
mod passwords;
mod problem;
mod recognition;
mod refused;
mod request;
mod rows;
mod scan;
mod shapes;
mod sink;
mod summary;
mod text;
mod tree;
mod xml;

pub use evtx_arrow::{ChunkIndex, RecordTimes, TimeSpan};

pub use crate::{
    dates::DateOrder,
    events::columns::{event_column, event_column_type, header_field},
    input::{
        Input,
        discover::{Discovery, discover},
        kept,
        objects::{StoredEntry, discover_objects, is_object_url, list_objects, object_inputs},
        path_text,
        remote::RemoteFile,
    },
    known::{
        ExportedTable, KnownTables,
        user_shape::{ShapeError, UserShape},
    },
    losses::{Cause, Loss, Losses},
    passwords::Passwords,
    problem::{Place, Problem, Reason},
    recognition::{is_json_lines, scan, scan_examined, scan_stream},
    request::{Allowed, ColumnTest, EVENTS, First, LINE, Limits, Piece, ScanRequest, TableRequest},
    rows::batch::row_schema,
    sink::{Examine, Found, Origin, Sink},
    summary::MemberSummary,
};
