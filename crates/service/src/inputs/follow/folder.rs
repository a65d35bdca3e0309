//! Files of a folder, and of those below it.

use std::path::{Path, PathBuf};

use sources::{Input, Reason};

use super::{Entry, Listing};

/// A folder that is watched.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    excluded: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, excluded: None }
    }
}

impl Listing for Folder {
    fn list(&self) -> Result<(Vec<Entry>, Vec<String>), String> {
        if !self.path.is_dir() {
            return Err(format!("{}: no such folder", self.path.display()));
        }
        let found = sources::discover(std::slice::from_ref(&self.path));
        let problems = found.problems.iter().filter(|it| !matches!(it.reason, Reason::NoFiles));
        let problems = problems.map(ToString::to_string).collect();
        let entries = found.inputs.into_iter().filter_map(|input| match input {
            // One that is gone by now is gone.
            Input::File(path) if self.is_excluded(&path) => None,
            Input::File(path) => {
                path.metadata().ok().map(|metadata| Entry::on_disk(path, &metadata))
            }
            _ => None,
        });
        Ok((entries.collect(), problems))
    }

    fn exclude(&mut self, folder: &Path) {
        let (Ok(own), Ok(other)) = (self.path.canonicalize(), folder.canonicalize()) else {
            return;
        };
        // Paths are found as they are given.
        let below = other.strip_prefix(&own).ok();
        self.excluded = below.map(|below| self.path.join(below));
    }
}

impl Folder {
    fn is_excluded(&self, path: &Path) -> bool {
        self.excluded.as_ref().is_some_and(|excluded| path.starts_with(excluded))
    }
}
