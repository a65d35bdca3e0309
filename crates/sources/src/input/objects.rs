//! Objects of a store as inputs: S3, Azure Blob Storage, Google Cloud Storage.
//!
//! The one place that speaks to a network, and only to the store that a path names. Credentials are
//! passed in, under the names that the store's own clients give them.

use std::{io, ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, parse_url_opts, path::Path};
use tokio::runtime::Runtime;
use url::Url;

use crate::{
    input::{Input, discover::Discovery, remote::RemoteFile},
    problem::{Place, Problem, Reason},
};

/// The beginnings of addresses that are those of an object store.
const SCHEMES: [&str; 9] = ["s3", "s3a", "az", "azure", "adl", "abfs", "abfss", "gs", "memory"];

/// Tells whether a path is the address of an object store: `s3://bucket/folder` for example.
pub fn is_object_url(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| SCHEMES.contains(&scheme))
}

/// Finds the objects at an address: the one of that name, or all below it, by name.
///
/// `options` are settings of the store, credentials above all, under the names of the environment
/// variables of its own client; those of other stores are passed over.
pub fn discover_objects(address: &str, options: &[(String, String)]) -> Discovery {
    let found = open(address, options).and_then(|(store, prefix, base)| {
        let store: Arc<dyn ObjectStore> = Arc::from(store);
        object_inputs(&store, &prefix, &base)
    });
    match found {
        Ok(inputs) if inputs.is_empty() => failure(address, Reason::NoFiles),
        Ok(inputs) => Discovery { inputs, problems: Vec::new() },
        Err(error) => failure(address, reason(error)),
    }
}

/// An object, as it was listed.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// What places and origins call it.
    pub path: PathBuf,
    /// Changes when it is written to.
    pub stamp: String,
    /// The object.
    pub file: Arc<dyn RemoteFile>,
}

/// Lists the objects at an address, by name, the empty ones left out; `options` as for [`discover_objects`].
///
/// # Errors
///
/// Those of the store, and of starting what speaks to it.
pub fn list_objects(
    address: &str,
    options: &[(String, String)],
) -> object_store::Result<Vec<StoredEntry>> {
    let (store, prefix, base) = open(address, options)?;
    let store: Arc<dyn ObjectStore> = Arc::from(store);
    stored(&store, &prefix, &base)
}

/// Finds the objects of a store below a prefix; `base` is what stands before their names.
///
/// # Errors
///
/// Those of the store, and of starting what speaks to it.
pub fn object_inputs(
    store: &Arc<dyn ObjectStore>,
    prefix: &Path,
    base: &str,
) -> object_store::Result<Vec<Input>> {
    let stored = stored(store, prefix, base)?.into_iter();
    Ok(stored.map(|StoredEntry { path, file, .. }| Input::Remote(path, file)).collect())
}

fn stored(
    store: &Arc<dyn ObjectStore>,
    prefix: &Path,
    base: &str,
) -> object_store::Result<Vec<StoredEntry>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| object_store::Error::Generic {
        store: "runtime",
        source: Box::new(error),
    })?;
    let runtime = Arc::new(runtime);
    let mut objects = runtime.block_on(list(store, prefix))?;
    objects.sort_by(|left, right| left.location.cmp(&right.location));
    let entry = |object: ObjectMeta| {
        let stamp = format!("{:?} {:?}", object.e_tag, object.last_modified);
        let path = PathBuf::from(format!("{base}{}", object.location));
        let file = StoredObject {
            store: Arc::clone(store),
            location: object.location,
            len: object.size,
            runtime: Arc::clone(&runtime),
        };
        StoredEntry { path, stamp, file: Arc::new(file) }
    };
    Ok(objects.into_iter().filter(|object| object.size > 0).map(entry).collect())
}

async fn list(
    store: &Arc<dyn ObjectStore>,
    prefix: &Path,
) -> object_store::Result<Vec<ObjectMeta>> {
    if !prefix.as_ref().is_empty()
        && let Ok(object) = store.head(prefix).await
    {
        return Ok(vec![object]);
    }
    store.list(Some(prefix)).try_collect().await
}

fn open(
    address: &str,
    options: &[(String, String)],
) -> object_store::Result<(Box<dyn ObjectStore>, Path, String)> {
    let wrong = |error| object_store::Error::Generic { store: "address", source: Box::new(error) };
    let url = Url::parse(address).map_err(wrong)?;
    let options = options.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let (store, prefix) = parse_url_opts(&url, options)?;
    let host = url.host_str().unwrap_or_default();
    Ok((store, prefix, format!("{}://{host}/", url.scheme())))
}

fn failure(address: &str, reason: Reason) -> Discovery {
    let place = Place { file: PathBuf::from(address), ..Place::default() };
    Discovery { inputs: Vec::new(), problems: vec![Problem { place, reason }] }
}

fn reason(error: object_store::Error) -> Reason {
    match error {
        object_store::Error::NotFound { .. } => Reason::NotFound,
        error => Reason::Unreadable(io::Error::other(error)),
    }
}

/// One object.
#[derive(Debug)]
struct StoredObject {
    store: Arc<dyn ObjectStore>,
    location: Path,
    len: u64,
    runtime: Arc<Runtime>,
}

impl RemoteFile for StoredObject {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let reading = self.store.get_range(&self.location, range);
        self.runtime.block_on(reading).map_err(io::Error::other)
    }
}
