//! More than one machine: workers that read files of a lake, and the side that has them do it.
//!
//! In: files of a lake, and the leaves of a run as the engine writes them. Out: for each file, once, the rows
//! that some leaf wants. Which conditions there are, and what becomes of the rows, is the engine's affair; here
//! is how tasks are cut, who has which, and what happens when a worker is gone, hangs or is slow. Asks neither
//! the clock nor the environment.

mod board;
mod client;
mod handshake;
mod protocol;
mod worker;

pub use crate::{
    client::{Cluster, ClusterError, Connect, TaskReport},
    handshake::catalogue,
    worker::{Worker, WorkerError},
};
