//! Arguments that name a lake beside files.

use clap::Args;
use engine::Environment;
use lake::{AsOf, Lake, LakeAddress};
use tables::TableDefinition;

use crate::{clock, error::CommandError, stores};

/// The lake that a command reads.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LakeArgs {
    /// Read this lake beside the paths: a folder, or the address of an object store, that `quarry ingest`
    /// has filled
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) lake: Option<String>,

    /// Read the lake as it was after the commit of its ledger with this number, or at this time
    ///
    /// What was ingested later is as if it were not there; what has been removed since stays removed.
    #[arg(long, value_name = "VERSION|TIME", value_parser = as_of, requires = "lake")]
    pub(crate) as_of: Option<AsOf>,
}

impl LakeArgs {
    /// Opens the lake, if one is named.
    pub(crate) fn open(&self) -> Result<Option<Lake>, CommandError> {
        let Some(address) = &self.lake else { return Ok(None) };
        let address = LakeAddress::parse(address)?;
        Ok(Some(Lake::open(&address, &stores::settings())?))
    }

    /// Opens the lake, if one is named; it is made if there is none.
    pub(crate) fn open_or_create(&self) -> Result<Option<Lake>, CommandError> {
        let Some(address) = &self.lake else { return Ok(None) };
        let address = LakeAddress::parse(address)?;
        Ok(Some(Lake::open_or_create(&address, &stores::settings())?))
    }

    /// Adds the table with the account of what was ingested, if a lake is named.
    pub(crate) fn add_ledger(&self, environment: &mut Environment) {
        if self.lake.is_some() {
            let schema = Lake::ledger_schema();
            environment.add(TableDefinition { schema, views: Vec::new() });
        }
    }
}

fn as_of(text: &str) -> Result<AsOf, String> {
    if let Ok(version) = text.parse() {
        return Ok(AsOf::Version(version));
    }
    let time = clock::parse(text).map(AsOf::Time);
    time.map_err(|_| {
        "expected the number of a version, or a UTC time such as `2024-05-01T12:00:00Z`".to_owned()
    })
}
