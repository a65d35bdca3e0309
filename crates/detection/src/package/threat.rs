//! `threats.yaml`: who used a technique, when, and who says so.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{PackageError, parse};

/// The file in a package.
pub(super) const FILE: &str = "threats.yaml";

/// A group, a campaign, a family of malware or a tool that used the technique.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threat {
    /// Its name.
    pub name: String,
    /// Its id in ATT&CK.
    pub id: String,
    /// The year, or years, in which it was seen to do so.
    pub seen: String,
    /// What it did.
    pub used: String,
    /// The behaviours of the package that this shows, by their ids.
    pub behaviours: Vec<String>,
    /// Where that is written.
    pub source: String,
}

/// Reads the list of a package; none if the package has no such file.
pub(super) fn read(
    folder: &Path,
    files: &BTreeMap<PathBuf, String>,
) -> Result<Vec<Threat>, PackageError> {
    let path = folder.join(FILE);
    files.get(&path).map_or(Ok(Vec::new()), |yaml| parse(&path, yaml))
}
