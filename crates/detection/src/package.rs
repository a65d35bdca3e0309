//! A package: a folder with `package.yaml` and the rules under `rules/`.
//!
//! A rule `rules/name.yaml` is Sentinel's own form and deploys there as it is. What Quarry knows of
//! it besides, such as the behaviours it sees, stands beside it in `rules/name.quarry.yaml`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

use crate::{
    alert::RuleRef,
    builtin,
    rule::{Rule, RuleError},
};

/// The ending of a file that stands beside a rule.
const COMPANION: &str = ".quarry.yaml";

/// Rules that belong together.
#[derive(Clone, Debug)]
pub struct Package {
    /// The id: `t1021.002`.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The version.
    pub version: String,
    /// The rules, in order of their files.
    pub rules: Vec<PackagedRule>,
}

/// A rule and what the package knows of it.
#[derive(Clone, Debug)]
pub struct PackagedRule {
    /// The rule's file, as found.
    pub path: PathBuf,
    /// The rule.
    pub rule: Rule,
    /// The behaviours that it sees, fully or in part: `B01`.
    pub behaviours: Vec<String>,
}

/// A package that could not be loaded.
#[derive(Debug, Error)]
pub enum PackageError {
    /// A file or folder could not be read.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder has no `package.yaml`.
    #[error("{path}: no detection package: `package.yaml` is missing", path = path.display())]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// A file beside the rules is not what it should be.
    #[error("{path}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with its line.
        source: Box<serde_saphyr::Error>,
    },
    /// A rule could not be loaded.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// Two rules have the same id.
    #[error("{path}: rule id `{id}` is already that of {other}", path = path.display(), other = other.display())]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
        /// The file that has it already.
        other: PathBuf,
    },
}

#[derive(Deserialize)]
struct Manifest {
    id: String,
    name: String,
    version: String,
}

/// What stands beside a rule.
#[derive(Default, Deserialize)]
struct Companion {
    #[serde(default)]
    behaviours: Vec<SeenBehaviour>,
}

#[derive(Deserialize)]
struct SeenBehaviour {
    id: String,
    seen: Seen,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Seen {
    Full,
    Partial,
    None,
}

impl Package {
    /// Returns the T1021.002 package that comes with the binary.
    ///
    /// # Errors
    ///
    /// Never, as long as the package's own tests pass.
    pub fn builtin() -> Result<Self, PackageError> {
        let files = builtin::FILES.iter().map(|(path, text)| (path.into(), (*text).to_owned()));
        Self::parse(Path::new(""), &files.collect())
    }

    /// Loads a package from its folder.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or is not what its place says.
    pub fn load(folder: &Path) -> Result<Self, PackageError> {
        Self::parse(folder, &files(folder)?)
    }

    fn parse(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Self, PackageError> {
        let manifest = files
            .get(&folder.join("package.yaml"))
            .ok_or_else(|| PackageError::NoManifest { path: folder.to_owned() })?;
        let manifest: Manifest = parse(&folder.join("package.yaml"), manifest)?;
        let mut rules: Vec<PackagedRule> = Vec::new();
        for (path, yaml) in files.iter().filter(|(path, _)| is_rule(folder, path)) {
            let rule = Rule::parse(path, yaml)?;
            if let Some(other) = rules.iter().find(|other| other.rule.id == rule.id) {
                let (id, other) = (rule.id, other.path.clone());
                return Err(PackageError::DuplicateId { path: path.clone(), id, other });
            }
            let companion = companion_path(path);
            let known: Companion = match files.get(&companion) {
                Some(yaml) => parse(&companion, yaml)?,
                None => Companion::default(),
            };
            let seen = known.behaviours.into_iter().filter(|seen| seen.seen != Seen::None);
            let behaviours = seen.map(|seen| seen.id).collect();
            rules.push(PackagedRule { path: path.clone(), rule, behaviours });
        }
        Ok(Self { id: manifest.id, name: manifest.name, version: manifest.version, rules })
    }
}

impl PackagedRule {
    /// Loads a single rule file, which need not belong to a package.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or holds no rule.
    pub fn load(path: &Path) -> Result<Self, RuleError> {
        Ok(Self { path: path.to_owned(), rule: Rule::load(path)?, behaviours: Vec::new() })
    }

    /// Returns how alerts name the rule.
    pub fn reference(&self) -> RuleRef {
        RuleRef {
            id: self.rule.id.clone(),
            name: self.rule.name.clone(),
            behaviours: self.behaviours.clone(),
        }
    }
}

/// Returns the YAML files that a package is read from: `package.yaml` and those under `rules`.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<PathBuf, String>, PackageError> {
    let mut files = BTreeMap::new();
    let mut take = |path: PathBuf| -> Result<(), PackageError> {
        let text = std::fs::read_to_string(&path)
            .map_err(|source| PackageError::Read { path: path.clone(), source })?;
        files.insert(path, text);
        Ok(())
    };
    let manifest = folder.join("package.yaml");
    if manifest.is_file() {
        take(manifest)?;
    }
    let rules = folder.join("rules");
    if rules.is_dir() {
        let unreadable = |source| PackageError::Read { path: rules.clone(), source };
        for entry in std::fs::read_dir(&rules).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if has_yaml_ending(&path) {
                take(path)?;
            }
        }
    }
    Ok(files)
}

fn is_rule(folder: &Path, path: &Path) -> bool {
    path.starts_with(folder.join("rules")) && !path.to_string_lossy().ends_with(COMPANION)
}

fn companion_path(rule: &Path) -> PathBuf {
    let name = rule.file_stem().unwrap_or_default().to_string_lossy();
    rule.with_file_name(format!("{name}{COMPANION}"))
}

fn has_yaml_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, yaml: &str) -> Result<T, PackageError> {
    serde_saphyr::from_str(yaml)
        .map_err(|source| PackageError::Parse { path: path.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "id: p\nname: P\nversion: 1.0.0\n";
    const RULE: &str = "id: r1\nname: R\nseverity: Low\nquery: print 1\n";

    fn package(files: &[(&str, &str)]) -> Result<Package, PackageError> {
        let files = files.iter().map(|(path, text)| (path.into(), (*text).to_owned()));
        Package::parse(Path::new(""), &files.collect())
    }

    #[test]
    fn the_built_in_package_loads_and_its_rule_sees_something() {
        let package = Package::builtin().unwrap();
        assert_eq!(package.id, "t1021.002");
        assert!(package.rules.iter().all(|rule| !rule.behaviours.is_empty()));
    }

    #[test]
    fn the_published_query_is_verbatim() {
        let reference =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/detection/reference.kql");
        let published = std::fs::read_to_string(&reference)
            .unwrap_or_else(|error| panic!("../shared/detection/reference.kql: {error}"));
        let package = Package::builtin().unwrap();
        let name = Path::new("rules/published_reference.yaml");
        let rule = package.rules.iter().find(|rule| rule.path == name).unwrap();
        assert_eq!(rule.rule.query.value, published);
    }

    #[test]
    fn behaviours_come_from_the_file_beside_the_rule() {
        let beside =
            "behaviours:\n  - {id: B01, seen: full, why: x}\n  - {id: B02, seen: none, why: x}\n";
        let files =
            [("package.yaml", MANIFEST), ("rules/a.yaml", RULE), ("rules/a.quarry.yaml", beside)];
        let package = package(&files).unwrap();
        assert_eq!(package.rules.len(), 1);
        assert_eq!(package.rules[0].behaviours, ["B01"]);
    }

    #[test]
    fn an_id_stands_for_one_rule() {
        let files = [("package.yaml", MANIFEST), ("rules/a.yaml", RULE), ("rules/b.yaml", RULE)];
        let error = package(&files).unwrap_err().to_string();
        assert_eq!(error, "rules/b.yaml: rule id `r1` is already that of rules/a.yaml");
    }

    #[test]
    fn a_folder_without_a_manifest_is_no_package() {
        assert!(matches!(package(&[("rules/a.yaml", RULE)]), Err(PackageError::NoManifest { .. })));
    }
}
