//! Rules, watchlists and hunting queries in the forms that Azure takes them in: a deployment template, Bicep, the YAML of
//! the public repository, and Graph's custom detections.
//!
//! In: [`Fields`](crate::Fields), [`Watchlist`]s and [`HuntingQuery`]s. Out: texts, and for each rule that a form cannot
//! say, what it has no place for ([`Loss`]). The same input gives the same bytes, and what is written
//! reads back to the same rule.

mod arm;
mod bicep;
mod defender;
mod hunting;
mod sentinel;
mod template;
mod watchlist;

pub(crate) use self::template::{METADATA, techniques_of};
pub use self::{
    arm::write as arm,
    bicep::write as bicep,
    defender::{Detection, write as detections},
    hunting::HuntingQuery,
    sentinel::write as sentinel,
    template::{API_VERSION, Template, WORKSPACES_API_VERSION},
    watchlist::Watchlist,
};

use thiserror::Error;

/// What of a rule another form has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The field: `suppressionEnabled`.
    pub field: &'static str,
    /// Why there is no place for it.
    pub why: String,
    /// Tells whether the same alerts are raised without it, only with less in them or put together
    /// otherwise.
    pub is_detail: bool,
}

impl Loss {
    fn of_alerts(field: &'static str, why: impl Into<String>) -> Self {
        Self { field, why: why.into(), is_detail: false }
    }

    fn of_detail(field: &'static str, why: impl Into<String>) -> Self {
        Self { field, why: why.into(), is_detail: true }
    }
}

/// A text that would not read back to what it was written from: a rule's, or a watchlist's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{rule}` does not read back from what was written: {invariant}")]
pub struct WriteError {
    /// The name of the rule or the watchlist.
    pub rule: String,
    /// What did not hold.
    pub invariant: String,
}
