//! Digests.

mod sha1;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[sha1::HASH_SHA1];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[&sha1::SHA1];
