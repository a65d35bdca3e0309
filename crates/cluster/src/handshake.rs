//! What two processes compare before one reads for the other.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a worker says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Greeting {
    /// Its version.
    pub(crate) version: String,
    /// The digest of its functions.
    pub(crate) catalogue: String,
    /// Tasks that it does at a time.
    pub(crate) threads: usize,
}

/// Returns the digest of the functions by which conditions travel: where it differs, a condition may mean
/// something else on the other side.
pub fn catalogue() -> String {
    let mut digest = Sha256::new();
    for function in engine::functions_by_name() {
        digest.update(function.as_bytes());
        digest.update([0]);
    }
    let bytes = digest.finalize();
    lake::hexadecimal(bytes.get(..8).unwrap_or(&bytes))
}
