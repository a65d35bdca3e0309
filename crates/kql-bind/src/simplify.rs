//! A result's tree made smaller, with the same rows: what is left out here costs no later stage
//! anything, and a package of rules over tables of sixty columns and thirty views has a lot of it.

mod merge;
mod narrow;
mod prune;

pub use self::{merge::merge, narrow::narrow, prune::prune};
use crate::tree::Relation;

/// Leaves out of a result's tree whatever its rows do not depend on. Its columns stay as they are.
pub fn simplify(result: &mut Relation) {
    narrow(result);
    prune(result);
    merge(result);
}
