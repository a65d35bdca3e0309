//! `behaviours.yaml`: what there is to see of a technique, and what each of it means.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::alert::Severity;

use super::{PackageError, parse};

/// The list of what there is to see of a technique.
pub(super) const FILE: &str = "behaviours.yaml";

/// Something that there is to see of a technique.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// Its id: `B01`.
    pub id: String,
    /// What happens.
    pub name: String,
    /// The way to move that it shows, by the name that hops have; none if it is no movement by itself.
    #[serde(default)]
    pub method: Option<String>,
    /// The ATT&CK techniques that it is of, by their ids.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// How bad it usually is; a rule's row says how bad it was.
    #[serde(default)]
    pub severity: Option<Severity>,
}

/// Reads the list of a package; none if the package has no such file.
pub(super) fn read(
    folder: &Path,
    files: &BTreeMap<PathBuf, String>,
) -> Result<BTreeMap<String, Behaviour>, PackageError> {
    let path = folder.join(FILE);
    let Some(yaml) = files.get(&path) else { return Ok(BTreeMap::new()) };
    let known: Vec<Behaviour> = parse(&path, yaml)?;
    Ok(known.into_iter().map(|behaviour| (behaviour.id.clone(), behaviour)).collect())
}

/// Returns the methods of some behaviours, by their ids.
pub(super) fn methods_of(
    ids: &[String],
    known: &BTreeMap<String, Behaviour>,
) -> BTreeMap<String, String> {
    let method = |id: &String| Some((id.clone(), known.get(id)?.method.clone()?));
    ids.iter().filter_map(method).collect()
}
