//! The manifest: which file is what, and which of its records are the attack.

use std::{collections::BTreeSet, path::Path};

use serde::Deserialize;

use super::ScoreError;

/// A labelled log file.
#[derive(Debug, Deserialize)]
pub(super) struct Dataset {
    #[serde(rename = "dataset")]
    pub(super) name: String,
    pub(super) grade: Grade,
    pub(super) file: String,
    #[serde(default)]
    pub(super) evidence: Vec<Label>,
    #[serde(default)]
    pub(super) benign_lookalikes: Vec<Label>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Grade {
    /// The technique.
    Core,
    /// What goes with it.
    Companion,
    /// What only looks like it.
    Lookalike,
    /// Everyday.
    Benign,
}

impl Grade {
    /// Returns the name as the manifest writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Companion => "companion",
            Self::Lookalike => "lookalike",
            Self::Benign => "benign",
        }
    }

    /// Tells whether the file holds an attack.
    pub(super) const fn is_attack(self) -> bool {
        matches!(self, Self::Core | Self::Companion)
    }
}

/// A labelled record, by its 1-based place in the file.
#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) line: u64,
}

/// Returns the places of labelled records.
pub(super) fn lines(labels: &[Label]) -> BTreeSet<u64> {
    labels.iter().map(|label| label.line).collect()
}

/// Reads a manifest.
pub(super) fn load(path: &Path) -> Result<Vec<Dataset>, ScoreError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ScoreError::Read { path: path.to_owned(), source })?;
    serde_json::from_str(&text)
        .map_err(|source| ScoreError::Manifest { path: path.to_owned(), source })
}
