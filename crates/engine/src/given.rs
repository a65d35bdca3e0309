//! What queries take from a service and what the user gives in its place: watchlists, profiles of
//! files, data at addresses.
//!
//! In: text of files. Out: saved functions in KQL, which the binder puts in place where a query calls
//! them; without the data, their bodies say what is missing, and the query is refused.

mod csv;
mod external;
mod profiles;
mod watchlist;

pub(crate) use self::external::read as read_external;
pub use self::{csv::CsvError, profiles::FileProfiles, watchlist::Watchlist};

/// Sentinel's function for lists that people keep.
pub(crate) const WATCHLIST: &str = "_GetWatchlist";

/// Defender's function for what is known of files.
pub(crate) const FILE_PROFILE: &str = "FileProfile";

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
