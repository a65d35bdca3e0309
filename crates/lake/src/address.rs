//! Where a lake is: a folder, or the address of an object store.

use std::{fmt, fs, path::Path as FilePath};

use object_store::{ObjectStore, parse_url_opts, path::Path};
use std::sync::Arc;
use url::Url;

use crate::error::LakeError;

/// Where a lake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeAddress {
    text: String,
    url: Url,
}

impl LakeAddress {
    /// Reads a folder's path, or an address such as `s3://bucket/lake`.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, LakeError> {
        let wrong = |reason: String| LakeError::Address { address: text.to_owned(), reason };
        let url = if sources::is_object_url(text) {
            let mut url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
            if !url.path().ends_with('/') {
                url.set_path(&format!("{}/", url.path()));
            }
            url
        } else if text.contains("://") {
            return Err(wrong("no object store has such an address".to_owned()));
        } else {
            let path = std::path::absolute(text).map_err(|error| wrong(error.to_string()))?;
            Url::from_directory_path(&path)
                .map_err(|()| wrong("not the path of a folder".to_owned()))?
        };
        Ok(Self { text: text.to_owned(), url })
    }

    /// Returns the store, and the lake's place in it.
    ///
    /// - `options`: settings of the store, credentials above all, under the names of the environment
    ///   variables of its own client.
    pub(crate) fn store(
        &self,
        options: &[(String, String)],
    ) -> Result<(Arc<dyn ObjectStore>, Path), LakeError> {
        let options = options.iter().map(|(key, value)| (key.to_ascii_lowercase(), value.as_str()));
        let (store, root) = parse_url_opts(&self.url, options)?;
        Ok((Arc::from(store), root))
    }

    /// Makes the folder, if it is one.
    pub(crate) fn make_folder(&self) -> Result<(), LakeError> {
        if let Some(path) = self.folder() {
            fs::create_dir_all(path)?;
        }
        Ok(())
    }

    /// Returns the folder, if it is one.
    pub fn folder(&self) -> Option<std::path::PathBuf> {
        if self.url.scheme() == "file" { self.url.to_file_path().ok() } else { None }
    }

    /// Returns the address as it is said to other processes: a folder by its whole path.
    pub fn absolute(&self) -> String {
        self.folder().map_or_else(|| self.text.clone(), |folder| folder.display().to_string())
    }

    /// Returns the place of a file of the lake, relative to it, by what people call the file.
    pub fn place_of(&self, path: &FilePath) -> Option<String> {
        path.strip_prefix(&self.text).ok()?.to_str().map(str::to_owned)
    }

    /// Returns the address of what is below.
    pub(crate) fn join(&self, name: &str) -> Result<Url, LakeError> {
        let joined = self.url.join(&format!("{name}/"));
        joined.map_err(|error| LakeError::Address {
            address: self.text.clone(),
            reason: error.to_string(),
        })
    }

    /// Returns what people call a file of the lake.
    pub(crate) fn path_of(&self, relative: &str) -> std::path::PathBuf {
        FilePath::new(&self.text).join(relative)
    }
}

impl fmt::Display for LakeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
