//! What several operators are made of.

pub(super) mod aggregate;
pub(super) mod build;
pub(super) mod hints;
pub(super) mod item;
pub(super) mod projection;
pub(super) mod wildcard;
pub(super) mod window;
