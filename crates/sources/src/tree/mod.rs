//! Events read whole, as the tree that their XML is, and put into batches.
//!
//! For renderings that a plan of paths cannot follow: names that the collector has changed, fields
//! without names, XML itself.

pub(crate) mod draft;
pub(crate) mod event;
pub(crate) mod gather;
pub(crate) mod lane;
mod user;
