//! How large values may get. A few calls within each other make texts that no machine has the memory for, of a
//! query that is a line long, and memory that is not there ends the process and not the query.
//!
//! Kusto ends such queries too, at limits that it does not name; texts that it ingests have 1 MB.

use datafusion_common::{DataFusionError, Result, exec_datafusion_err};

/// Bytes of one text.
const MOST_OF_VALUE: usize = 64 << 20;

/// Bytes of the texts that one call makes for the rows of a batch.
const MOST_OF_COLUMN: usize = 512 << 20;

/// Elements of the lists that one call makes for the rows of a batch.
const MOST_ELEMENTS: usize = 16 << 20;

/// The size of a column that is being made.
#[derive(Debug, Default)]
pub(crate) struct Size {
    bytes: usize,
}

impl Size {
    /// Counts a text.
    ///
    /// # Errors
    ///
    /// If it is too large, or all of them together are.
    pub(crate) fn add(&mut self, text: &str) -> Result<()> {
        self.bytes = self.bytes.saturating_add(text.len());
        if text.len() > MOST_OF_VALUE {
            return Err(too_large());
        }
        if self.bytes > MOST_OF_COLUMN {
            let most = MOST_OF_COLUMN >> 20;
            return Err(exec_datafusion_err!(
                "texts of more than {most} MB for a few thousand rows"
            ));
        }
        Ok(())
    }
}

/// Appends to a text.
///
/// # Errors
///
/// If it gets too large.
pub(crate) fn push(out: &mut String, text: &str) -> Result<()> {
    if out.len().saturating_add(text.len()) > MOST_OF_VALUE {
        return Err(too_large());
    }
    out.push_str(text);
    Ok(())
}

/// Checks how many elements lists have together.
///
/// # Errors
///
/// If they are too many.
pub(crate) fn check_elements(count: usize) -> Result<()> {
    if count > MOST_ELEMENTS {
        return Err(exec_datafusion_err!(
            "lists of more than {MOST_ELEMENTS} elements for a few thousand rows"
        ));
    }
    Ok(())
}

fn too_large() -> DataFusionError {
    exec_datafusion_err!("a text of more than {} MB", MOST_OF_VALUE >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_has_room_for_is_an_error_before_it_is_made() {
        let mut out = "a".repeat(MOST_OF_VALUE - 1);
        push(&mut out, "b").unwrap();
        assert!(push(&mut out, "c").unwrap_err().to_string().contains("a text of more than 64 MB"));
        assert_eq!(out.len(), MOST_OF_VALUE);
        let mut size = Size::default();
        for _ in 0..MOST_OF_COLUMN / MOST_OF_VALUE {
            size.add(&out).unwrap();
        }
        assert!(size.add("a").unwrap_err().to_string().contains("more than 512 MB"));
        assert!(
            check_elements(MOST_ELEMENTS).is_ok() && check_elements(MOST_ELEMENTS + 1).is_err()
        );
    }
}
