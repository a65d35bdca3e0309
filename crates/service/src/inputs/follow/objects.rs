//! Objects of a store: containers of blobs and buckets that fill.

use std::sync::Arc;

use sources::{Input, StoredEntry};

use super::{Entry, Listing};

/// Objects below an address.
#[derive(Debug)]
pub(crate) struct Objects {
    /// `s3://bucket/prefix`, for example.
    pub(crate) address: String,
    /// Settings of the store, credentials above all.
    pub(crate) options: Vec<(String, String)>,
}

impl Listing for Objects {
    fn list(&self) -> Result<(Vec<Entry>, Vec<String>), String> {
        let found = sources::list_objects(&self.address, &self.options);
        let found = found.map_err(|error| format!("{}: {error}", self.address))?;
        let entry = |StoredEntry { path, stamp, file }: StoredEntry| Entry {
            len: file.len(),
            stamp,
            node: None,
            whole: Input::Remote(path.clone(), Arc::clone(&file)),
            file,
            is_local: false,
            path,
        };
        Ok((found.into_iter().map(entry).collect(), Vec::new()))
    }
}
