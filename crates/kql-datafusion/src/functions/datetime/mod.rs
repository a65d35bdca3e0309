//! Points and spans of time.

use super::{Kernel, ScalarFunction};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[];
