//! What queries take from a service and what the user gives in its place: watchlists, profiles of
//! files, data at addresses.
//!
//! In: files. Out: tables, and saved functions in KQL that scan them, which the binder puts in place
//! where a query calls them; without the data, their bodies say what is missing, and the query is
//! refused.

mod external;
mod profiles;
mod room;
mod scan;
mod table;
mod watchlist;

use std::path::PathBuf;

use thiserror::Error;

use crate::error::EngineError;

pub(crate) use self::{external::read as read_external, table::Given};
pub use self::{profiles::FileProfiles, room::Room, watchlist::Watchlist};

/// Sentinel's function for lists that people keep.
pub(crate) const WATCHLIST: &str = "_GetWatchlist";

/// Defender's function for what is known of files.
pub(crate) const FILE_PROFILE: &str = "FileProfile";

/// Why data that the user gives cannot be used.
#[derive(Debug, Error)]
pub enum GivenError {
    /// The list is none.
    #[error(transparent)]
    List(#[from] sources::list::ListFileError),
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// It holds JSON that cannot be read.
    #[error("{path}: line {line}: no JSON object", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// A format, or a property, that does not run.
    #[error("`{0}` of `externaldata` does not run yet")]
    Unsupported(String),
    /// It has more than memory allows and there is no folder for the rest.
    #[error("{path}: more rows than memory allows", path = path.display())]
    NoRoom {
        /// The file.
        path: PathBuf,
    },
    /// Its rows cannot be kept.
    #[error("{path}: the rows cannot be kept", path = path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<EngineError>,
    },
}

/// The functions that need data, and their bodies as long as it is not given.
///
/// Sources: <https://learn.microsoft.com/azure/sentinel/watchlists>,
/// <https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function>,
/// <https://learn.microsoft.com/defender-xdr/advanced-hunting-devicefromip-function>
pub(crate) const FUNCTIONS: [(&str, &str); 3] = [
    (WATCHLIST, "(name: string, keys: dynamic = dynamic(null)) { __missing('watchlist') }"),
    (
        FILE_PROFILE,
        "(source: (*), hash: string = 'SHA1', most: long = 1000) { __missing('file profiles') }",
    ),
    (
        "DeviceFromIP",
        "(source: (*), address: string = 'IP', at: datetime = datetime(null)) {
            __missing('devices')
        }",
    ),
];
