//! Runs bound queries over files: one pass over the input, however many queries.
//!
//! In: query texts, an [`Environment`] of tables, inputs. Out: rows as Arrow batches, and the
//! [`Balance`] of records. The only crate on all of DataFusion. Prints nothing, and asks neither the
//! clock nor the environment: the caller passes in the time and the limits.

mod account;
mod arrival;
mod cancel;
mod error;
mod evidence;
mod keys;
mod parallel;
mod pipeline;
mod plan;
mod query;
mod run;
mod scan;
mod schemas;
mod settings;
mod store;

pub use crate::{
    account::Reservation,
    arrival::{Arrivals, Arrived, Delays},
    cancel::Cancel,
    error::EngineError,
    evidence::{MemberId, RecordRef, records},
    parallel::map as map_in_parallel,
    query::{
        compile::{
            CheckedQuery, CompiledQuery, CompiledResult, NO_RESULT, asks_for_columns, check,
            compile, compile_all, explanations,
        },
        environment::Environment,
        event_fields::event_fields,
        given::{FileProfiles, GivenError, Room, Watchlist},
        stages::{Stage, stages},
        unfilled::{Filled, UnfilledColumn},
    },
    run::{
        Clock, Engine, Look, LookRows, Need, PartLook, Parts, ReplayPlan, RowTimes, Rows, Run,
        value,
    },
    scan::{
        balance::{Balance, MemberBalance},
        clock::WrongTime,
        progress::{NoProgress, Progress},
        workers::{
            FileRead, LeafReader, Part, ReadHere, Split, Taker, Workers, WorkersError,
            functions as functions_by_name,
        },
    },
    settings::Settings,
    store::PartId,
};
pub use kql_syntax::Diagnostic;
pub use sources::{
    Cause, DateOrder, Discovery, Input, Loss, Losses, Passwords, Place, Problem, ShapeError,
    UserShape, discover, discover_objects, is_object_url, list, path_text,
};
