//! Where a service keeps what it remembers.

use std::path::PathBuf;

use clap::Args;
use lake::LakeAddress;
use state::State;

use crate::{args::lake::LakeArgs, error::CommandError};

/// The state of a service.
#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// Where the service keeps what it remembers besides telemetry, such as alerts and tokens; without it, in
    /// `_state` in the lake's folder, or in `quarry-state` if the lake is in no folder
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// The state that belongs to a lake in a folder.
const IN_LAKE: &str = "_state";

/// The state of a lake elsewhere.
const ELSEWHERE: &str = "quarry-state";

impl StateArgs {
    /// Returns the folder.
    pub(crate) fn folder(&self, lake: &LakeArgs) -> Result<PathBuf, CommandError> {
        if let Some(folder) = &self.state {
            return Ok(folder.clone());
        }
        let Some(lake) = &lake.lake else { return Ok(PathBuf::from(ELSEWHERE)) };
        let address = LakeAddress::parse(lake)?;
        let in_lake = address.folder().map(|folder| folder.join(IN_LAKE));
        Ok(in_lake.unwrap_or_else(|| PathBuf::from(ELSEWHERE)))
    }

    /// Opens the state of a lake; it is made if there is none.
    pub(crate) fn open_or_create(&self, lake: &LakeArgs) -> Result<State, CommandError> {
        Ok(State::open(&self.folder(lake)?)?)
    }

    /// Opens the state of a lake, if there is one.
    pub(crate) fn open(&self, lake: &LakeArgs) -> Result<Option<State>, CommandError> {
        if self.folder(lake)?.is_dir() { self.open_or_create(lake).map(Some) } else { Ok(None) }
    }
}
