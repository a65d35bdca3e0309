//! Rendered text, which is kept as bytes while it grows, as a string.

use std::str;

/// Returns rendered text as a string.
pub(crate) fn as_str(rendered: &[u8]) -> &str {
    // What is rendered is UTF-8, so that this takes all of it.
    match str::from_utf8(rendered) {
        Ok(text) => text,
        Err(error) => {
            let valid = rendered.get(..error.valid_up_to()).unwrap_or_default();
            str::from_utf8(valid).unwrap_or_default()
        }
    }
}
