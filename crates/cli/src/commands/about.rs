//! Commands about the command line itself.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod man;
