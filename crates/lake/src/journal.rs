//! What a group of files is about to put into the lake, written before it does.
//!
//! A group has rows in several tables, each with a log of its own. Once its journal is written, the group is
//! finished by whoever finds it: this process, or after a crash the next one. The ledger's commit decides
//! whether it counts; the other tables follow, each by the group's transaction at most once.

use std::collections::BTreeMap;

use deltalake::kernel::Add;
use serde::{Deserialize, Serialize};

use crate::{error::LakeError, store::Store};

/// The folder of journals.
const FOLDER: &str = "_journal";

/// A group of files, whose rows are written and not committed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// The group.
    pub(crate) id: String,
    /// The digests of the files.
    pub(crate) digests: Vec<String>,
    /// The file of the ledger.
    pub(crate) ledger: Add,
    /// The files of each table.
    pub(crate) tables: BTreeMap<String, Vec<Add>>,
}

impl Journal {
    fn path(id: &str) -> String {
        format!("{FOLDER}/{id}.json")
    }

    /// Writes the journal; from now on the group is finished, whatever happens to this process.
    pub(crate) fn write(&self, store: &Store) -> Result<(), LakeError> {
        let bytes = serde_json::to_vec(self).map_err(std::io::Error::from)?;
        store.put(&Self::path(&self.id), bytes)
    }

    /// Deletes the journal of a group that is finished.
    pub(crate) fn remove(&self, store: &Store) -> Result<(), LakeError> {
        store.delete(&Self::path(&self.id))
    }

    /// Reads the journals of groups that are not finished.
    ///
    /// # Errors
    ///
    /// If one cannot be read, which a crash does not do: a file is there whole or not at all.
    pub(crate) fn all(store: &Store) -> Result<Vec<Self>, LakeError> {
        let mut journals = Vec::new();
        for name in store.list(FOLDER)? {
            let path = format!("{FOLDER}/{name}");
            // One that is gone has been finished by another process.
            let Some(bytes) = store.get(&path)? else { continue };
            let journal = serde_json::from_slice(&bytes);
            let damaged = |error: serde_json::Error| LakeError::Damaged {
                file: path.clone(),
                reason: error.to_string(),
            };
            journals.push(journal.map_err(damaged)?);
        }
        Ok(journals)
    }
}
