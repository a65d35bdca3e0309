//! The service: one process that answers Kusto's, Log Analytics' and Graph's clients over telemetry.
//!
//! In: an [`Environment`](engine::Environment) of tables, the [`Data`] that is there when a question comes,
//! and requests by HTTP. Out: answers in the form of the protocol that was asked in. Asks neither the clock
//! nor the environment: the binary passes both in.

mod clients;
mod data;
mod http;
mod metrics;
mod queries;
mod query_error;
mod wire;

pub use crate::{
    clients::Clients,
    data::{Data, DataError, Now},
    http::{Listening, Service, ServiceError},
    queries::{Limits, Queries},
};
