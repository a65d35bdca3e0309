//! Puts the package that comes with the binary into a list: every file of its folder that a package is read from.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment")]

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The package's folder, from this one.
const PACKAGE: &str = "../../detections/t1021.002";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(PACKAGE).canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());
    let mut list = String::from("&[\n");
    for folder in ["", "rules", "tests", "watchlists"] {
        let mut paths: Vec<PathBuf> = fs::read_dir(root.join(folder))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| is_read(path));
        paths.sort();
        for path in paths {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .ok_or("a file name is not UTF-8")?;
            let within =
                if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let path = path.to_str().ok_or("a path is not UTF-8")?;
            writeln!(list, "    ({within:?}, include_str!({path:?})),")?;
        }
    }
    list.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("builtin.rs"), list)?;
    Ok(())
}

/// Tells whether a package is read from this file: the others are for people.
fn is_read(path: &Path) -> bool {
    let endings = ["yaml", "csv", "kql"];
    path.extension().is_some_and(|ending| endings.iter().any(|it| ending == *it))
}
