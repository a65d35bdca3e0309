//! The tables of Defender and Sentinel as data: their columns, and the views that fill them.
//!
//! In: nothing; out: [`catalog`] with one [`TableDefinition`] per table, [`event_table`], the table
//! that the readers of Windows event logs fill, and [`functions`], saved functions over the tables.
//! A schema is a CSV file under `schemas/`, a view a KQL query under `views/<Table>/`, a function a
//! file under `functions/`; adding one is a file and a line in `builtin.rs` or `functions.rs`.
//! Nothing here parses, binds or runs KQL.

mod builtin;
mod definition;
mod environment;
mod functions;
mod schema_file;

pub use crate::{
    builtin::{catalog, event_table},
    definition::{TableDefinition, View},
    environment::Environment,
    functions::{SavedFunction, functions},
    schema_file::{SchemaError, parse_schema},
};
