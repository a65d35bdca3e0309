//! A file that is looked at.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::UNIX_EPOCH,
};

use bytes::Bytes;
use sources::{Input, RemoteFile};

/// A file, as it is when it is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) len: u64,
    /// Changes when the file is written to.
    pub(crate) stamp: String,
    /// Tells it from another file of that name, if that can be told.
    pub(crate) node: Option<(u64, u64)>,
    pub(crate) file: Arc<dyn RemoteFile>,
    /// The whole of it.
    pub(crate) whole: Input,
    /// Whether its bytes are at hand, so that event logs are looked at chunk by chunk.
    pub(crate) is_local: bool,
}

impl Entry {
    /// Returns a file on the disk.
    pub(super) fn on_disk(path: PathBuf, metadata: &Metadata) -> Self {
        let written =
            metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            len: metadata.len(),
            stamp: format!("{written:?}"),
            node: node(metadata),
            file: Arc::new(OnDisk { path: path.clone(), len: metadata.len() }),
            whole: Input::File(path.clone()),
            is_local: true,
            path,
        }
    }

    /// Tells whether the file may have been written to since it was looked at: what was read of it meanwhile may
    /// be neither the one nor the other.
    pub(super) fn may_have_changed(&self) -> bool {
        if !self.is_local {
            return false;
        }
        let now = self.path.metadata().map(|metadata| Self::on_disk(self.path.clone(), &metadata));
        now.is_ok_and(|now| {
            (now.len, now.stamp, now.node) != (self.len, self.stamp.clone(), self.node)
        })
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
