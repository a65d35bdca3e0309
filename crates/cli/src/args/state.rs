//! Where a service keeps what it remembers.

use std::path::PathBuf;

use clap::Args;
use state::State;

use crate::error::CommandError;

/// The state of a service.
#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// Where the service keeps what it remembers besides telemetry, such as tokens
    #[arg(long, value_name = "DIR", default_value = "quarry-state")]
    pub(crate) state: PathBuf,
}

impl StateArgs {
    /// Opens the state; it is made if there is none.
    pub(crate) fn open_or_create(&self) -> Result<State, CommandError> {
        Ok(State::open(&self.state)?)
    }

    /// Opens the state, if there is one.
    pub(crate) fn open(&self) -> Result<Option<State>, CommandError> {
        if self.state.is_dir() { self.open_or_create().map(Some) } else { Ok(None) }
    }
}
