//! The tables of Defender and Sentinel as data: their columns, and the views that fill them.
//!
//! In: nothing; out: [`catalog`] with one [`TableDefinition`] per table that Windows events or Quarry
//! itself fill, [`documented`], the columns of every other table of the cloud, [`event_table`], the table
//! that the readers of Windows event logs fill, and [`functions`], saved functions over the tables.
//! A schema is a CSV file under `schemas/`, a view a KQL query under `views/<Table>/`, a function a
//! file under `functions/`; adding one is a file and a line in `builtin.rs` or `functions.rs`. Of the
//! documented tables, `cargo xtask schemas` makes one text.
//! Nothing here parses, binds or runs KQL.

mod builtin;
mod definition;
mod documented;
mod environment;
mod functions;
mod renamed;
mod schema_file;

pub use crate::{
    builtin::{catalog, event_table},
    definition::{TableDefinition, View},
    documented::{documented, documented_names, is_of_states},
    environment::Environment,
    functions::{SavedFunction, functions},
    renamed::{renamed_column, renamed_table},
    schema_file::{SchemaError, parse_schema},
};
