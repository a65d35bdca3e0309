//! Ids in the form of GUIDs, made of what they stand for.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Makes an id of its parts, in order.
#[derive(Default)]
pub(crate) struct Id(Sha256);

impl Id {
    /// Starts the id of a kind of thing.
    pub(crate) fn of(kind: &str) -> Self {
        Self::default().and(kind.as_bytes())
    }

    /// Adds a part. Its length goes before it, so that two parts do not read as one.
    pub(crate) fn and(mut self, part: &[u8]) -> Self {
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
        self
    }

    /// Returns the id: `8-4-4-4-12` hexadecimal digits.
    pub(crate) fn guid(self) -> String {
        let digest = self.0.finalize();
        let mut id = String::with_capacity(36);
        for (at, byte) in digest.iter().take(16).enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                id.push('-');
            }
            // Writing to a string cannot fail.
            let _infallible = write!(id, "{byte:02x}");
        }
        id
    }
}

/// Returns bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_that_of_its_parts() {
        let id = |parts: &[&str]| {
            parts.iter().fold(Id::of("alert"), |id, part| id.and(part.as_bytes())).guid()
        };
        assert_eq!(id(&["a", "b"]), id(&["a", "b"]));
        assert_ne!(id(&["a", "b"]), id(&["ab"]));
        assert_eq!(id(&[]).len(), 36);
    }
}
