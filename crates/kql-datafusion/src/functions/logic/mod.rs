//! Choices, and tests for what is missing.

mod around;
mod assertion;
mod case;
mod coalesce;
mod iff;
mod isempty;
mod isnull;

use super::{Arg, Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    around::AROUND,
    assertion::ASSERT,
    case::CASE,
    coalesce::COALESCE,
    iff::IFF,
    isempty::ISEMPTY,
    isempty::ISNOTEMPTY,
    isnull::ISNOTNULL,
    isnull::ISNULL,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[&around::REALS, &around::TICKS, &assertion::CHECK];
