//! The log of one Delta table: opened, made, widened, committed to.

use deltalake::{
    DeltaTable, DeltaTableError,
    kernel::{
        Action, LogicalFileView, MetadataExt, Transaction,
        transaction::{CommitBuilder, CommitProperties, TransactionError},
    },
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
    table::state::DeltaTableState,
};

use crate::{error::LakeError, layout::Layout, store::Store};

/// How often something is tried that others come before.
const ATTEMPTS: usize = 20;

/// The property that has the columns of which a log says in what range their values lie: all of them are
/// read with every change of the log.
const STATISTICS: &str = "delta.dataSkippingStatsColumns";

/// The log of a table, as it was when it was last read.
#[derive(Debug)]
pub(crate) struct Log {
    name: String,
    table: DeltaTable,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It is in, as this version.
    Yes(u64),
    /// Another commit since the log was read is in its way: nothing was committed.
    Conflict,
}

impl Log {
    /// Reads the log of a table; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(crate) fn open(store: &Store, name: &str) -> Result<Option<Self>, LakeError> {
        if !store.has_any(&format!("{name}/_delta_log"))? {
            return Ok(None);
        }
        let mut log = Self { name: name.to_owned(), table: store.table(name)? };
        log.update(store)?;
        Ok(Some(log))
    }

    /// Reads the log of a table, which is made if there is none and widened if it lacks columns.
    ///
    /// # Errors
    ///
    /// If the table has a column with another type.
    pub(crate) fn for_rows(store: &Store, layout: &Layout) -> Result<Self, LakeError> {
        let mut log = match Self::open(store, &layout.table)? {
            Some(log) => log,
            None => Self::create(store, layout)?,
        };
        log.widen(store, layout)?;
        Ok(log)
    }

    fn create(store: &Store, layout: &Layout) -> Result<Self, LakeError> {
        let table = store.table(&layout.table)?;
        // Without retries: the second of two processes would make the table anew.
        let once = CommitProperties::default().with_max_retries(0);
        let created = CreateBuilder::new()
            .with_log_store(table.log_store())
            .with_table_name(&layout.table)
            .with_columns(layout.delta())
            .with_partition_columns(layout.partitions())
            .with_configuration([(STATISTICS, Some(layout.said_of().join(",")))])
            .with_save_mode(SaveMode::ErrorIfExists)
            .with_commit_properties(once);
        match store.wait(async { created.await }) {
            Ok(table) => Ok(Self { name: layout.table.clone(), table }),
            Err(error) => match Self::open(store, &layout.table)? {
                Some(log) => Ok(log),
                None => Err(LakeError::table(&layout.table)(error)),
            },
        }
    }

    /// Adds the columns that the table lacks.
    pub(crate) fn widen(&mut self, store: &Store, layout: &Layout) -> Result<(), LakeError> {
        let error = LakeError::table(&self.name);
        for _ in 0..ATTEMPTS {
            let Some(schema) = layout.widened(&self.state()?.schema())? else { return Ok(()) };
            let metadata = self.state()?.metadata().clone();
            let metadata = metadata.with_schema(&schema).map_err(|it| error(it.into()))?;
            let fields = Box::new(schema);
            let operation =
                DeltaOperation::AddColumn { fields: fields.fields().cloned().collect() };
            let actions = vec![Action::Metadata(metadata)];
            match self.commit(store, actions, Vec::new(), operation)? {
                Committed::Yes(_) => return Ok(()),
                Committed::Conflict => self.update(store)?,
            }
        }
        Err(self.contended())
    }

    /// Returns the error that others were always first.
    pub(crate) fn contended(&self) -> LakeError {
        LakeError::Contended { table: self.name.clone(), attempts: ATTEMPTS }
    }

    /// Returns the table's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads what has been committed since.
    pub(crate) fn update(&mut self, store: &Store) -> Result<(), LakeError> {
        let updated = store.wait(self.table.update_state());
        updated.map_err(LakeError::table(&self.name))
    }

    /// Goes back to an earlier version.
    pub(crate) fn go_back(&mut self, store: &Store, version: u64) -> Result<(), LakeError> {
        let loaded = store.wait(self.table.load_version(version));
        loaded.map_err(LakeError::table(&self.name))
    }

    /// Returns how many commits the log has, less one.
    pub(crate) fn version(&self) -> Result<u64, LakeError> {
        let invariant = "a table that is open has a version";
        self.table.version().ok_or(LakeError::Internal { invariant })
    }

    /// Returns what the log says.
    pub(crate) fn state(&self) -> Result<&DeltaTableState, LakeError> {
        self.table.snapshot().map_err(LakeError::table(&self.name))
    }

    /// Returns the files that the table consists of.
    ///
    /// # Errors
    ///
    /// If one has rows that are deleted without the file: they would come back.
    pub(crate) fn files(&self) -> Result<Vec<LogicalFileView>, LakeError> {
        let files: Vec<LogicalFileView> = self.state()?.log_data().iter().collect();
        match files.iter().find(|file| file.deletion_vector_descriptor().is_some()) {
            Some(file) => Err(LakeError::Damaged {
                file: format!("{}/{}", self.name, file.path()),
                reason: "it has a deletion vector, which is not read".to_owned(),
            }),
            None => Ok(files),
        }
    }

    /// Returns the table, to have something done to it.
    pub(crate) fn into_table(self) -> DeltaTable {
        self.table
    }

    /// Tells whether a transaction is in.
    pub(crate) fn has(&self, store: &Store, transaction: &str) -> Result<bool, LakeError> {
        Ok(self.transaction(store, transaction)?.is_some())
    }

    /// Returns the last version of an application's transactions.
    pub(crate) fn transaction(
        &self,
        store: &Store,
        transaction: &str,
    ) -> Result<Option<i64>, LakeError> {
        let log = self.table.log_store();
        let version = store.wait(self.state()?.transaction_version(&*log, transaction));
        version.map_err(LakeError::table(&self.name))
    }

    /// Commits, based on what was last read.
    ///
    /// # Errors
    ///
    /// Those of the store; that others have committed what stands in the way is not one.
    pub(crate) fn commit(
        &mut self,
        store: &Store,
        actions: Vec<Action>,
        transactions: Vec<Transaction>,
        operation: DeltaOperation,
    ) -> Result<Committed, LakeError> {
        // Old entries of the log go when files are put together: to look for them takes a list of all.
        let properties = CommitProperties::default()
            .with_application_transactions(transactions)
            .with_cleanup_expired_logs(Some(matches!(operation, DeltaOperation::Optimize { .. })));
        let state = self.state()?;
        let log = self.table.log_store();
        let commit = CommitBuilder::from(properties).with_actions(actions).build(
            Some(state),
            log,
            operation,
        );
        match store.wait(async { commit.await }) {
            Ok(committed) => {
                let version = committed.version();
                self.table.state = Some(committed.snapshot());
                store.flush(&format!("{}/_delta_log/{version:020}.json", self.name))?;
                Ok(Committed::Yes(version))
            }
            Err(error) if is_conflict(&error) => Ok(Committed::Conflict),
            Err(error) => Err(LakeError::table(&self.name)(error)),
        }
    }

    /// Commits files unless the transaction is in, however often others come before.
    ///
    /// The log has to have been read before anybody else could know of the transaction.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) fn append(
        &mut self,
        store: &Store,
        actions: &[Action],
        transaction: &str,
    ) -> Result<(), LakeError> {
        for _ in 0..ATTEMPTS {
            let transactions = vec![Transaction::new(transaction, 1)];
            match self.commit(store, actions.to_vec(), transactions, append())? {
                Committed::Yes(_) => return Ok(()),
                Committed::Conflict => {
                    self.update(store)?;
                    if self.has(store, transaction)? {
                        return Ok(());
                    }
                }
            }
        }
        Err(self.contended())
    }
}

/// Returns what a log calls an append.
pub(crate) fn append() -> DeltaOperation {
    DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None }
}

fn is_conflict(error: &DeltaTableError) -> bool {
    matches!(
        error,
        DeltaTableError::Transaction {
            source: TransactionError::CommitConflict(_) | TransactionError::MaxCommitAttempts(_)
        } | DeltaTableError::VersionAlreadyExists(_)
    )
}
