//! What the pass over the input leaves for each branch, in memory and, above a budget, on disk.
//!
//! In: batches from several threads, each with its place in the input. Out: a table for each
//! branch whose rows come in input order, whatever thread read them.

mod runs;
mod spill;
mod store;
mod table;

pub(crate) use self::{
    runs::{RUN, Runs, run_field},
    spill::{SpillFile, SpillWriter},
    store::{StagedBatch, Staging},
    table::{StagedTable, Window},
};
