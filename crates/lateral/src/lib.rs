//! From alerts to the way an intruder took: hops from host to host, and the paths they make.
//!
//! In: [`detection::alert::Alert`]s, and what the same logs say of addresses and logons
//! ([`Observations`]). Out: [`Movement`]: hops with the records they rest on, the forest of which hop
//! led to which, where it may have begun, who reached how many. Decides nothing about rules, writes
//! no format. The same alerts in any order give the same result.

mod account;
mod artefacts;
mod assemble;
mod context;
mod forest;
mod hop;
mod logons;
mod movement;
mod names;
mod observe;
mod paths;
mod place;
mod presence;
mod same_account;
mod sighting;

pub use crate::{
    account::Account,
    artefacts::Artefacts,
    context::RemoteLogon,
    forest::{Forest, Link},
    hop::{
        Ends, Hop,
        confidence::Confidence,
        method::{Family, Method},
    },
    logons::Logon,
    movement::{Movement, trace},
    names::{AddressNote, NamedBy},
    observe::{Observations, ObserveError, Observers},
    paths::{
        Origin, Path,
        fan_out::{FanOut, fan_outs},
        origins, paths, places,
        reach::{Arrival, Start, places_of, reach},
    },
    place::Place,
    presence::Presence,
};
