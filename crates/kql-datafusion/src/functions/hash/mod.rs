//! Digests.

mod md5;
mod sha1;
mod sha256;
mod xxhash;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] =
    &[md5::HASH_MD5, sha1::HASH_SHA1, sha256::HASH_SHA256, xxhash::HASH];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] =
    &[&md5::MD5, &sha1::SHA1, &sha256::SHA256, &xxhash::OF_TEXT, &xxhash::OF_TICKS];
