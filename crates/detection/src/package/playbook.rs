//! `playbook.yaml`: what is to be done about an incident, in order.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{PackageError, parse};

/// The file in a package.
pub(super) const FILE: &str = "playbook.yaml";

/// A step of a playbook.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PlaybookStep {
    /// Its id, under which an incident remembers that it was done; never used for another step.
    pub id: String,
    /// The part of the response that it is of: `Contain`.
    pub phase: String,
    /// What to do.
    pub step: String,
    /// What to mind, or nothing.
    #[serde(default)]
    pub note: String,
}

/// Reads the steps of a package; none if the package has no such file.
pub(super) fn read(
    folder: &Path,
    files: &BTreeMap<PathBuf, String>,
) -> Result<Vec<PlaybookStep>, PackageError> {
    let path = folder.join(FILE);
    files.get(&path).map_or(Ok(Vec::new()), |yaml| parse(&path, yaml))
}
