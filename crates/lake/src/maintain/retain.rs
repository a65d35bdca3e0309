//! Rows of old days removed.

use deltalake::{kernel::Action, protocol::DeltaOperation};
use kql_types::Ticks;

use super::{ATTEMPTS, commit};
use crate::{
    error::LakeError,
    file::{day_of, day_text},
    files::of_log,
    log::{Committed, Log},
    open::Lake,
};

/// What was removed from a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// The table.
    pub table: String,
    /// Files that were removed.
    pub files: usize,
    /// Their rows.
    pub rows: u64,
}

impl Lake {
    /// Removes the rows of all days that ended at a time or before it. Rows without a time stay.
    ///
    /// Their account stays in the ledger, and files that were ingested count as in.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn retain(&self, from: Ticks) -> Result<Vec<Retained>, LakeError> {
        let first = day_text(day_of(from));
        let first = first.ok_or(LakeError::Internal { invariant: "a time has a day" })?;
        let mut all = Vec::new();
        for table in self.tables()? {
            all.push(self.retain_of(&table, &first)?);
        }
        Ok(all)
    }

    fn retain_of(&self, table: &str, first: &str) -> Result<Retained, LakeError> {
        for _ in 0..ATTEMPTS {
            let mut retained = Retained { table: table.to_owned(), ..Retained::default() };
            let Some(mut log) = Log::open(&self.store, table)? else { return Ok(retained) };
            let mut actions = Vec::new();
            for file in log.files()? {
                let said = of_log(table, &file)?;
                if said.day.is_some_and(|day| day.as_str() < first) {
                    retained.files = retained.files.saturating_add(1);
                    retained.rows = retained.rows.saturating_add(said.rows);
                    actions.push(Action::Remove(file.remove_action(true)));
                }
            }
            if actions.is_empty() {
                return Ok(retained);
            }
            let predicate = Some(format!("{} < '{first}'", crate::layout::DAY));
            let operation = DeltaOperation::Delete { predicate };
            if let Committed::Yes(_) = commit(&self.store, &mut log, actions, operation)? {
                return Ok(retained);
            }
        }
        Err(LakeError::Contended { table: table.to_owned(), attempts: ATTEMPTS })
    }
}
