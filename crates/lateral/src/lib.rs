//! From alerts to the way an intruder took: hops from host to host, and the paths they make.
//!
//! In: [`detection::alert::Alert`]s, and what the same logs say of addresses and logons
//! ([`Observations`]). Out: [`Movement`]: hops with the records they rest on, the forest of which hop
//! led to which, where it may have begun, who reached how many. Decides nothing about rules, writes
//! no format. The same alerts in any order give the same result.

mod account;
mod artefacts;
mod assemble;
mod columns;
mod confidence;
mod ends;
mod fan_out;
mod forest;
mod hop;
mod host_names;
mod logons;
mod method;
mod movement;
mod names;
mod nearest;
mod observe;
mod paths;
mod place;
mod presence;
mod reach;
mod same_account;
mod sighting;
mod unc;

pub use crate::{
    account::Account,
    artefacts::Artefacts,
    confidence::Confidence,
    fan_out::{FanOut, fan_outs},
    forest::{Forest, Link},
    hop::{Ends, Hop},
    logons::Logon,
    method::{Family, Method},
    movement::{Movement, trace},
    names::{AddressNote, NamedBy},
    observe::{Observations, ObserveError, Observers},
    paths::{Origin, Path, origins, paths, places},
    place::Place,
    presence::Presence,
    reach::{Arrival, Start, places_of, reach},
};
