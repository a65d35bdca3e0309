//! Records that show a signal.

use kql_types::Ticks;

use crate::alert::Evidence;

use super::binding::Bindings;

/// Test, signal and event, by number.
pub(super) type Place = (usize, usize, usize);

/// A record that shows a signal.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) time: Ticks,
    pub(super) bindings: Bindings,
    pub(super) record: Evidence,
}
