//! The subcommands, one by one.

mod check;
mod explain;
mod export;
mod fmt;
mod help;
mod hunt;
mod package;
mod pages;
mod query;
#[cfg(unix)]
mod serve;
mod simulate;
mod simulate_against;
mod simulate_timeline;
mod token;
mod validate;
