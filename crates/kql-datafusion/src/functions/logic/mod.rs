//! Choices, and tests for what is missing. All are expressions of DataFusion's own.

mod case;
mod coalesce;
mod iff;
mod isempty;
mod isnull;

use super::{Arg, Call, Example, ScalarFunction};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    case::CASE,
    coalesce::COALESCE,
    iff::IFF,
    isempty::ISEMPTY,
    isempty::ISNOTEMPTY,
    isnull::ISNOTNULL,
    isnull::ISNULL,
];
