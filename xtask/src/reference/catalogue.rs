//! The list of what the reference material is made of.

use std::{fmt, fs, io, path::Path};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::ReferenceError;

/// The whole list.
#[derive(Debug, Deserialize)]
pub(super) struct Catalogue {
    /// Where the logs are from.
    pub(super) repositories: Vec<Repository>,
    /// Where the real queries are from, and how many of them.
    pub(super) queries: Vec<QuerySource>,
    /// What was recorded from programs of Microsoft's or after their documentation.
    pub(super) recorded: Vec<Recorded>,
}

/// A public repository with logs.
#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    /// `owner/name`.
    #[serde(rename = "repository")]
    pub(super) name: String,
    pub(super) licence: String,
    pub(super) logs: Vec<Log>,
}

/// A log of a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Log {
    /// Its path in the repository.
    pub(super) path: String,
    /// A commit that has it.
    pub(super) commit: String,
    /// Of the file, in hexadecimal digits.
    pub(super) sha256: String,
    /// Its name in the folder `logs`.
    pub(super) file: String,
    /// What it holds.
    pub(super) label: Label,
}

/// What a log holds; records are 1-based places in it.
#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) dataset: String,
    pub(super) grade: String,
    /// The member of the archive.
    pub(super) member: Option<String>,
    pub(super) records: u64,
    /// Records of the attack.
    pub(super) evidence: Vec<u64>,
    /// Records that only look like it.
    pub(super) benign_lookalikes: Vec<u64>,
}

/// A repository with queries.
#[derive(Debug, Deserialize)]
pub(super) struct QuerySource {
    #[serde(rename = "repository")]
    pub(super) name: String,
    pub(super) queries: usize,
}

/// A file that cannot be taken from a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Recorded {
    /// Its path in the material.
    pub(super) file: String,
    pub(super) sha256: String,
    /// What it is and where from.
    pub(super) what: String,
}

/// Whether a file is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    There,
    Missing,
    /// There is a file with other contents.
    Differs,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::There => "there",
            Self::Missing => "missing",
            Self::Differs => "differs",
        })
    }
}

impl Catalogue {
    /// Returns the list that the project keeps.
    pub(super) fn built_in() -> Result<Self, ReferenceError> {
        serde_json::from_str(include_str!("../../data/reference.json"))
            .map_err(|source| ReferenceError::Catalogue { source })
    }
}

impl Repository {
    /// Returns the commits that have the logs, each once.
    pub(super) fn commits(&self) -> Vec<String> {
        let mut commits: Vec<String> = self.logs.iter().map(|log| log.commit.clone()).collect();
        commits.sort_unstable();
        commits.dedup();
        commits
    }
}

impl Log {
    /// Tells whether the log is in the material.
    pub(super) fn state(&self, folder: &Path) -> Result<State, ReferenceError> {
        state(&folder.join("logs").join(&self.file), &self.sha256)
    }
}

/// Tells whether a file is there with the contents that have this hash.
pub(super) fn state(path: &Path, sha256: &str) -> Result<State, ReferenceError> {
    match fs::read(path) {
        Ok(bytes) if hash(&bytes) == sha256 => Ok(State::There),
        Ok(_) => Ok(State::Differs),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::Missing),
        Err(source) => Err(ReferenceError::File { path: path.to_owned(), source }),
    }
}

/// Returns the SHA-256 in hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_is_read_and_names_each_file_once() {
        let catalogue = Catalogue::built_in().expect("the list is well formed");
        let logs: Vec<&Log> = catalogue.repositories.iter().flat_map(|it| &it.logs).collect();
        let mut names: Vec<&str> = logs.iter().map(|log| &*log.file).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), logs.len()), (58, 58));
        for log in logs {
            assert_eq!((log.commit.len(), log.sha256.len()), (40, 64), "{}", log.path);
            let is_attack = ["core", "companion"].contains(&&*log.label.grade);
            assert_eq!(is_attack, !log.label.evidence.is_empty(), "{}", log.path);
        }
    }
}
