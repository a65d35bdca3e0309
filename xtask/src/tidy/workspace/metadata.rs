//! Asks Cargo which packages a workspace has.
//!
//! `--no-deps` keeps it to the manifests: nothing is resolved, locked or fetched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::{Dependency, LoadError, Package, Target};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<MetadataDependency>,
    targets: Vec<MetadataTarget>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    /// `null` for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

#[derive(Deserialize)]
struct MetadataTarget {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// Returns the packages of the workspace whose manifest is `manifest`, paths relative to `root`.
pub(super) fn packages(root: &Path, manifest: &Path) -> Result<Vec<Package>, LoadError> {
    // Cargo sets `CARGO` for what it runs, but only the binary's caller may read the environment;
    // the `cargo` on the path is the same one, as `cargo xtask` came through it.
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .map_err(|source| LoadError::CargoMissing { source })?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(LoadError::CargoFailed { stderr });
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .map_err(|source| LoadError::CargoOutput { source })?;
    metadata.packages.into_iter().map(|package| to_package(root, package)).collect()
}

fn to_package(root: &Path, package: MetadataPackage) -> Result<Package, LoadError> {
    let relative = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_path_buf();
    let manifest = fs::read_to_string(&package.manifest_path)
        .map_err(|source| LoadError::Read { path: package.manifest_path.clone(), source })?;
    let directory = package.manifest_path.parent().map(relative).unwrap_or_default();
    let to_dependency = |dependency: MetadataDependency| Dependency {
        dev: dependency.kind.as_deref() == Some("dev"),
        name: dependency.name,
    };
    let to_target = |target: MetadataTarget| Target {
        root: relative(&target.src_path),
        test: target.kind.iter().any(|kind| kind == "test" || kind == "bench"),
    };
    Ok(Package {
        name: package.name,
        directory,
        manifest,
        dependencies: package.dependencies.into_iter().map(to_dependency).collect(),
        targets: package.targets.into_iter().map(to_target).collect(),
    })
}
