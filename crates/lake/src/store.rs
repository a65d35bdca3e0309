//! The store that a lake is in, spoken to from threads that wait for it.

use std::{
    fs::{File, OpenOptions},
    future::Future,
    sync::Arc,
};

use bytes::Bytes;
use deltalake::{
    DeltaResult, DeltaTable, DeltaTableBuilder,
    logstore::{
        LogStore, LogStoreFactory, ObjectStoreRef, StorageConfig, default_logstore,
        logstore_factories,
    },
};
use futures::TryStreamExt;
use object_store::{
    Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, path::Path,
};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::{address::LakeAddress, error::LakeError};

/// Schemes for which the library has no log without its features, which bring clients of their own.
const SCHEMES: [&str; 8] = ["s3", "s3a", "az", "azure", "adl", "abfs", "abfss", "gs"];

/// A lake's store.
#[derive(Debug)]
pub(crate) struct Store {
    runtime: Runtime,
    objects: Arc<dyn ObjectStore>,
    root: Path,
    address: LakeAddress,
}

impl Store {
    /// Opens the store at an address.
    ///
    /// # Errors
    ///
    /// If the address is of no store, or no thread can be started.
    pub(crate) fn open(
        address: &LakeAddress,
        options: &[(String, String)],
    ) -> Result<Self, LakeError> {
        let (objects, root) = address.store(options)?;
        Self::over(address, objects, root)
    }

    /// Opens a store that is there.
    ///
    /// # Errors
    ///
    /// If no thread can be started.
    pub(crate) fn over(
        address: &LakeAddress,
        objects: Arc<dyn ObjectStore>,
        root: Path,
    ) -> Result<Self, LakeError> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { runtime, objects, root, address: address.clone() })
    }

    /// Returns where the lake is.
    pub(crate) fn address(&self) -> &LakeAddress {
        &self.address
    }

    /// Returns the objects, from the root of the store.
    pub(crate) fn objects(&self) -> &dyn ObjectStore {
        &*self.objects
    }

    /// Waits for what the store does.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Returns the Delta table in a folder of the lake, its log not read.
    pub(crate) fn table(&self, name: &str) -> Result<DeltaTable, LakeError> {
        let url = self.address.join(name)?;
        for scheme in SCHEMES {
            if let Ok(scheme) = Url::parse(&format!("{scheme}://")) {
                logstore_factories().insert(scheme, Arc::new(PlainLog));
            }
        }
        let error = LakeError::table(name);
        let builder = DeltaTableBuilder::from_url(url.clone()).map_err(&error)?;
        builder.with_storage_backend(Arc::clone(&self.objects), url).build().map_err(&error)
    }

    /// Returns the place of a file in the store.
    pub(crate) fn path(&self, relative: &str) -> Path {
        relative.split('/').fold(self.root.clone(), Path::join)
    }

    /// Writes a file.
    pub(crate) fn put(&self, relative: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let payload = PutPayload::from(bytes);
        self.wait(self.objects.put(&self.path(relative), payload))?;
        self.flush(relative)
    }

    /// Returns when a file of a folder is on the disk, whatever happens to the machine. A store that is
    /// somewhere else has it then anyway.
    pub(crate) fn flush(&self, relative: &str) -> Result<(), LakeError> {
        let Some(folder) = self.address.folder() else { return Ok(()) };
        let path = folder.join(relative);
        // Windows flushes what is open for writing only.
        OpenOptions::new().write(true).open(&path)?.sync_all()?;
        // A file's name is its folder's. Not every system opens folders.
        if cfg!(unix)
            && let Some(folder) = path.parent()
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Writes a file unless it is there.
    pub(crate) fn put_new(&self, relative: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let options = PutOptions::from(PutMode::Create);
        let path = self.path(relative);
        match self.wait(self.objects.put_opts(&path, PutPayload::from(bytes), options)) {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a file; `None` if it is not there.
    pub(crate) fn get(&self, relative: &str) -> Result<Option<Bytes>, LakeError> {
        let path = self.path(relative);
        let read = self.wait(async { self.objects.get(&path).await?.bytes().await });
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes a file; one that is not there is deleted.
    pub(crate) fn delete(&self, relative: &str) -> Result<(), LakeError> {
        match self.wait(self.objects.delete(&self.path(relative))) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Lists the files directly in a folder of the lake, by name.
    pub(crate) fn list(&self, folder: &str) -> Result<Vec<String>, LakeError> {
        let prefix = self.path(folder);
        let found = self.wait(self.objects.list_with_delimiter(Some(&prefix)))?;
        let name = |object: ObjectMeta| object.location.filename().map(str::to_owned);
        let mut names: Vec<String> = found.objects.into_iter().filter_map(name).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Lists the folders directly in the lake, by name.
    pub(crate) fn folders(&self) -> Result<Vec<String>, LakeError> {
        let found = self.wait(self.objects.list_with_delimiter(Some(&self.root)))?;
        let name = |folder: Path| folder.filename().map(str::to_owned);
        let mut names: Vec<String> = found.common_prefixes.into_iter().filter_map(name).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Tells whether there is any file in a folder.
    pub(crate) fn has_any(&self, folder: &str) -> Result<bool, LakeError> {
        let prefix = self.path(folder);
        let first = self.wait(async { self.objects.list(Some(&prefix)).try_next().await });
        Ok(first?.is_some())
    }
}

/// A log as the library keeps it in any store that can refuse to write a file twice.
#[derive(Debug)]
struct PlainLog;

impl LogStoreFactory for PlainLog {
    fn with_options(
        &self,
        prefixed_store: ObjectStoreRef,
        root_store: ObjectStoreRef,
        location: &Url,
        options: &StorageConfig,
    ) -> DeltaResult<Arc<dyn LogStore>> {
        Ok(default_logstore(prefixed_store, root_store, location, options))
    }
}
