//! The lake: telemetry that lasts, as Delta Lake tables in a folder or an object store.
//!
//! In: inputs that `sources` reads, or record batches with the place of each row. Out: one Delta table for
//! each table of telemetry, partitioned by day, which other engines read as it is, and a table with the
//! account of every file that was ingested. What is offered twice is in once, however often a process is
//! killed in between. Knows no queries: it says which files hold which rows, and the engine reads them.

mod address;
mod error;
mod file;
mod files;
mod ingest;
mod journal;
mod layout;
mod ledger;
mod log;
mod maintain;
mod open;
mod rows;
mod snapshot;
mod store;
#[cfg(test)]
mod unreliable;

pub use crate::{
    address::LakeAddress,
    error::LakeError,
    files::LakeFile,
    ingest::{Answer, Ingest, Ingested, Lease, Observe, Turn, Turns, spooled},
    layout::{DAY, INGESTED, LEDGER},
    ledger::{
        LedgerRow, Reason,
        offer::{Cursor, Identity, Offer, digest_of, hexadecimal},
    },
    maintain::{Checked, Compacted, Finding, Retained, TableSize, Vacuumed},
    open::{Arrived, Lake},
    snapshot::{AsOf, LakeFiles},
};
