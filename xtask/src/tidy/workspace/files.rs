//! Reads the Rust files below a folder.
//!
//! Every file on disk counts, committed or not: a file that no `mod` names is found before it is
//! lost. Build output and hidden folders do not count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::LoadError;

/// Adds the `.rs` files below `root`/`directory` to `texts`, by their path relative to `root`.
pub(crate) fn read_rust_files(
    root: &Path,
    directory: &Path,
    texts: &mut BTreeMap<PathBuf, String>,
) -> Result<(), LoadError> {
    let absolute = root.join(directory);
    let read_error = |source| LoadError::Read { path: absolute.clone(), source };
    for entry in fs::read_dir(&absolute).map_err(read_error)? {
        let entry = entry.map_err(read_error)?;
        let name = entry.file_name();
        let path = directory.join(&name);
        if entry.file_type().map_err(read_error)?.is_dir() {
            let is_hidden = name.to_string_lossy().starts_with('.');
            if !is_hidden && name != "target" {
                read_rust_files(root, &path, texts)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(entry.path())
                .map_err(|source| LoadError::Read { path: entry.path(), source })?;
            texts.insert(path, text);
        }
    }
    Ok(())
}
