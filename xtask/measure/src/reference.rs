//! The reference material: where it is, and its queries as data.

use std::{fs, io, path::PathBuf};

use serde::{Deserialize, de::DeserializeOwned};
use testkit::RecordedQuery;
use thiserror::Error;

/// A real query, and what Microsoft's language service says of it.
#[derive(Clone, Debug, Deserialize)]
pub struct RealQuery {
    /// Names it in lists of differences.
    pub id: String,
    /// The public collection that it is from.
    pub repo: String,
    /// Which tables there were: `m365`, `sentinel` or `both`.
    pub env: String,
    /// The text.
    pub query: String,
    /// Whether its syntax is right.
    pub parses: bool,
    /// Whether its names and types are, too.
    pub binds: bool,
    /// Name and type of each column of the result; `None` where they are not known.
    pub columns: Option<Vec<(String, String)>>,
    /// Whether it reads nothing but tables of endpoints.
    #[serde(default)]
    pub endpoint_only: bool,
}

/// Why the reference material cannot be read.
#[derive(Debug, Error)]
pub enum ReferenceError {
    /// There is no reference material.
    #[error(
        "measuring needs the reference material: a folder `shared` beside the workspace, or the one \
         that {variable} names; `cargo xtask reference` says what it is made of",
        variable = testkit::SHARED_VARIABLE
    )]
    Absent,
    /// The file cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A line, or the whole of a file, has another form.
    #[error("{path}:{line}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The cause.
        source: serde_json::Error,
    },
    /// A file has the right form and something in it has no meaning.
    #[error("{path}: {what}", path = path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What has no meaning.
        what: String,
    },
}

/// Returns the path of a file of the reference material, such as `kql/realworld.jsonl`.
///
/// # Errors
///
/// If there is no reference material.
pub fn path(relative: &str) -> Result<PathBuf, ReferenceError> {
    let reference = testkit::Reference::find("kql").ok_or(ReferenceError::Absent)?;
    Ok(reference.folder().join(relative))
}

/// Returns the text of a file of the reference material.
///
/// # Errors
///
/// If it cannot be read.
pub fn text(relative: &str) -> Result<String, ReferenceError> {
    let path = path(relative)?;
    fs::read_to_string(&path).map_err(|source| ReferenceError::Read { path, source })
}

/// Returns the values of a file of one JSON value a line.
///
/// # Errors
///
/// If the file cannot be read, or a line does not have the form of `T`.
pub fn json_lines<T: DeserializeOwned>(relative: &str) -> Result<Vec<T>, ReferenceError> {
    let path = path(relative)?;
    let text = text(relative)?;
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(line, json)| {
            serde_json::from_str(json).map_err(|source| ReferenceError::Parse {
                path: path.clone(),
                line,
                source,
            })
        })
        .collect()
}

/// Returns the real queries.
///
/// # Errors
///
/// If they cannot be read.
pub fn real_queries() -> Result<Vec<RealQuery>, ReferenceError> {
    json_lines("kql/realworld.jsonl")
}

/// Returns the queries with recorded answers.
///
/// # Errors
///
/// If they cannot be read.
pub fn recorded_queries() -> Result<Vec<RecordedQuery>, ReferenceError> {
    json_lines("kql/conformance.jsonl")
}
