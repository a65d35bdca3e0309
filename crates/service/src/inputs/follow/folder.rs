//! Files of a folder, and of those below it.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use sources::{Input, Reason, RemoteFile};

use super::{Entry, Listing};

/// A folder that is watched.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    excluded: Option<PathBuf>,
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, excluded: None }
    }
}

impl Listing for Folder {
    fn list(&self) -> Result<(Vec<Entry>, Vec<String>), String> {
        if !self.path.is_dir() {
            return Err(format!("{}: no such folder", self.path.display()));
        }
        let found = sources::discover(std::slice::from_ref(&self.path));
        let problems = found.problems.iter().filter(|it| !matches!(it.reason, Reason::NoFiles));
        let problems = problems.map(ToString::to_string).collect();
        let entries = found.inputs.into_iter().filter_map(|input| match input {
            // One that is gone by now is gone.
            Input::File(path) if self.is_excluded(&path) => None,
            Input::File(path) => path.metadata().ok().map(|metadata| entry(path, &metadata)),
            _ => None,
        });
        Ok((entries.collect(), problems))
    }

    fn exclude(&mut self, folder: &Path) {
        let (Ok(own), Ok(other)) = (self.path.canonicalize(), folder.canonicalize()) else {
            return;
        };
        // Paths are found as they are given.
        let below = other.strip_prefix(&own).ok();
        self.excluded = below.map(|below| self.path.join(below));
    }
}

impl Folder {
    fn is_excluded(&self, path: &Path) -> bool {
        self.excluded.as_ref().is_some_and(|excluded| path.starts_with(excluded))
    }
}

pub(super) fn entry(path: PathBuf, metadata: &Metadata) -> Entry {
    let written = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Entry {
        len: metadata.len(),
        stamp: format!("{written:?}"),
        node: node(metadata),
        file: Arc::new(OnDisk { path: path.clone(), len: metadata.len() }),
        whole: Input::File(path.clone()),
        is_local: true,
        path,
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems do not say")]
fn node(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn node(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// A file on the disk, which is opened for each range: thousands of them may be followed.
#[derive(Debug)]
struct OnDisk {
    path: PathBuf,
    len: u64,
}

impl RemoteFile for OnDisk {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let len = range.end.checked_sub(range.start).and_then(|len| usize::try_from(len).ok());
        let mut bytes = vec![0; len.ok_or(io::ErrorKind::InvalidInput)?];
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(range.start))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
