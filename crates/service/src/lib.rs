//! The service: one process that takes telemetry in and answers Kusto's, Log Analytics' and Graph's clients.
//!
//! In: an [`Environment`](engine::Environment) of tables, the [`Data`] that is there when a question comes,
//! and requests by HTTP. Out: a lake that is filled by an [`Intake`], and answers in the form of the protocol that was asked in. Asks neither the clock
//! nor the environment: the binary passes both in.

mod access;
mod answer;
mod chart;
mod clients;
mod data;
mod http;
mod inputs;
mod intake;
mod metrics;
mod queries;
mod query_error;
mod tls;
pub mod untrusted;
mod wire;

pub use crate::{
    access::{Access, NoRole, Role, Secret, Token, TokenError, TokenHash, TokenTable},
    clients::{Clients, EXPLORER},
    data::{Data, DataError, LakeData, Now},
    http::{
        ConnectionLimits, Listening, Service, ServiceError, Watched, may_listen, serve_connections,
    },
    intake::{InputState, Inputs, Intake},
    queries::{Limits, Queries},
    tls::{Tls, TlsError},
};
