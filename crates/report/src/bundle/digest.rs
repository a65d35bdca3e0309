//! SHA-256 in hexadecimal, of what is there or passes by.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

/// Returns a SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Returns length and SHA-256 of all that a reader gives.
///
/// # Errors
///
/// If the reader fails.
pub fn digest_of(mut reader: impl Read) -> io::Result<(u64, String)> {
    let mut hashed = Hashed::default();
    let bytes = io::copy(&mut reader, &mut hashed)?;
    Ok((bytes, hashed.finish()))
}

/// Hashes what is written to it.
#[derive(Default)]
pub(super) struct Hashed(Sha256);

impl Hashed {
    /// Returns the SHA-256 of all that was written.
    pub(super) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let written = std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        text
    })
}
