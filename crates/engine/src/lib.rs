//! Runs bound queries over files: one pass over the input, however many queries.
//!
//! In: query texts, an [`Environment`] of tables, inputs. Out: rows as Arrow batches, and the
//! [`Balance`] of records. The only crate on all of DataFusion. Prints nothing, and asks neither the
//! clock nor the environment: the caller passes in the time and the limits.

mod account;
mod balance;
mod branch;
mod cell;
mod clock;
mod compile;
mod conditions;
mod early_stop;
mod environment;
mod error;
mod event_requests;
mod evidence;
mod failures;
mod given;
mod layout;
mod lines;
mod members;
mod needs;
mod parallel;
mod pass;
mod planning;
mod progress;
mod pushdown;
mod raw_table;
mod rows;
mod run;
mod shares;
mod stages;
mod store;
mod table_pushdown;
mod time_use;
mod times;
mod unfilled;

pub use crate::{
    account::Reservation,
    balance::{Balance, MemberBalance},
    cell::value,
    clock::WrongTime,
    compile::{
        CheckedQuery, CompiledQuery, CompiledResult, check, compile, compile_all, explanations,
    },
    environment::Environment,
    error::EngineError,
    evidence::{MemberId, RecordRef, records},
    given::{FileProfiles, GivenError, Room, Watchlist},
    needs::Need,
    parallel::map as map_in_parallel,
    progress::{NoProgress, Progress},
    rows::Rows,
    run::{Clock, Engine, Look, LookRows, ReplayPlan, Run, Settings},
    stages::{Stage, stages},
    times::RowTimes,
    unfilled::{UnfilledColumn, unfilled},
};
pub use kql_syntax::Diagnostic;
pub use sources::{
    Cause, DateOrder, Discovery, Input, Loss, Losses, Passwords, Place, Problem, ShapeError,
    UserShape, discover, discover_objects, is_object_url, list, path_text,
};
