//! The service over HTTP, as clients see it.

#![cfg(test)]

mod access;
mod agents;
mod api;
mod client;
mod follow;
mod guard;
mod intake;
#[cfg(feature = "kafka")]
mod kafka;
mod kusto;
mod limits;
mod other_protocols;
mod syslog;
