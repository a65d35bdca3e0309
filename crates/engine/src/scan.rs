//! The one pass over the input: what leaves want of it goes to the store, and every record is accounted
//! for.

pub(crate) mod balance;
pub(crate) mod clock;
pub(crate) mod conditions;
pub(crate) mod early_stop;
pub(crate) mod examined;
pub(crate) mod failures;
pub(crate) mod kept;
mod lines;
mod members;
pub(crate) mod pass;
pub(crate) mod progress;
mod seen;
mod shares;
pub(crate) mod workers;
