//! The workspace as data: packages with their dependencies and targets, and every Rust file.
//!
//! [`load`] reads it from disk; tests build it from text. Holds no rule.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::module_tree::{self, Reach};
use super::problem::Problem;
use super::source_file::SourceFile;

pub(crate) mod files;
mod metadata;

/// Everything the checks look at.
pub(crate) struct Workspace {
    /// In order of name.
    pub(crate) packages: Vec<Package>,
    /// Every `.rs` file below a package's folder that parses, in order of path.
    pub(crate) files: Vec<SourceFile>,
    /// One problem for every `.rs` file that does not.
    pub(crate) unparsable: Vec<Problem>,
    /// How the compiler gets to a file; a path that is missing is reached by no `mod`.
    pub(crate) reach: BTreeMap<PathBuf, Reach>,
}

/// One package of the workspace.
pub(crate) struct Package {
    /// As other manifests name it.
    pub(crate) name: String,
    /// Its folder, relative to the workspace root.
    pub(crate) directory: PathBuf,
    /// The text of its `Cargo.toml`.
    pub(crate) manifest: String,
    /// Everything it names as a dependency.
    pub(crate) dependencies: Vec<Dependency>,
    /// The root file of every target, relative to the workspace root.
    pub(crate) targets: Vec<Target>,
}

/// One dependency of a package.
pub(crate) struct Dependency {
    /// The package depended on.
    pub(crate) name: String,
    /// Whether only tests, benches and examples see it.
    pub(crate) dev: bool,
}

/// One thing Cargo builds from a package.
pub(crate) struct Target {
    /// Its root file, relative to the workspace root.
    pub(crate) root: PathBuf,
    /// Whether it is a test or a bench.
    pub(crate) test: bool,
}

/// Why the workspace could not be read.
#[derive(Debug, Error)]
pub(crate) enum LoadError {
    #[error("cannot run `cargo metadata`: {source}")]
    CargoMissing { source: std::io::Error },
    #[error("`cargo metadata` failed: {stderr}")]
    CargoFailed { stderr: String },
    #[error("cannot understand the output of `cargo metadata`: {source}")]
    CargoOutput { source: serde_json::Error },
    #[error("cannot read {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
}

impl Package {
    /// Returns the path of its `Cargo.toml`, relative to the workspace root.
    pub(crate) fn manifest_path(&self) -> PathBuf {
        self.directory.join("Cargo.toml")
    }

    /// Returns the 1-based line of the manifest that names the dependency, or 1.
    pub(crate) fn line_of_dependency(&self, name: &str) -> usize {
        let names_it = |line: &str| {
            let rest = line.trim_start().strip_prefix(name);
            rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
        };
        self.manifest.lines().position(names_it).map_or(1, |index| index.saturating_add(1))
    }
}

impl Workspace {
    /// Parses the files and follows the `mod` declarations from the packages' targets.
    ///
    /// - `texts`: path relative to the workspace root, and contents, of every `.rs` file.
    pub(crate) fn new(packages: Vec<Package>, texts: BTreeMap<PathBuf, String>) -> Self {
        let mut files = Vec::new();
        let mut unparsable = Vec::new();
        for (path, text) in texts {
            match SourceFile::parse(&path, text) {
                Ok(file) => files.push(file),
                Err(error) => unparsable.push(Problem::new(
                    &path,
                    error.span().start().line,
                    format!("not valid Rust: {error}; mend it so that it can be checked"),
                )),
            }
        }
        let targets = packages.iter().flat_map(|package| &package.targets);
        let roots = targets.map(|target| {
            let reach = if target.test { Reach::TestsOnly } else { Reach::Shipped };
            (target.root.as_path(), reach)
        });
        let reach = module_tree::reach(roots, &files);
        Self { packages, files, unparsable, reach }
    }

    /// Returns whether the file is compiled only for tests or benches.
    pub(crate) fn is_test_file(&self, path: &Path) -> bool {
        self.reach.get(path) == Some(&Reach::TestsOnly)
    }
}

/// Reads the workspace at `root`.
///
/// # Errors
///
/// If `cargo metadata` fails, or a folder or file cannot be read.
pub(crate) fn load(root: &Path) -> Result<Workspace, LoadError> {
    let mut packages = metadata::packages(root, &root.join("Cargo.toml"))?;
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    let mut texts = BTreeMap::new();
    for package in &packages {
        files::read_rust_files(root, &package.directory, &mut texts)?;
    }
    Ok(Workspace::new(packages, texts))
}
