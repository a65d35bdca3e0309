//! The service over HTTP, as clients see it.

#![cfg(test)]

mod access;
mod api;
mod client;
mod guard;
mod intake;
mod kusto;
mod limits;
mod other_protocols;
