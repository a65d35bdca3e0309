//! What a scan reads: inputs as plain data, where they are found, and their bytes.

use std::{
    cmp::Ordering,
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::input::{
    kept::KeptFile,
    remote::{Held, RemoteFile, RemoteReader},
};

pub(crate) mod chunks;
pub(crate) mod content;
pub(crate) mod discover;
pub mod kept;
pub(crate) mod objects;
pub(crate) mod remote;

/// One input of a scan; ordered, and told apart, by what it is called.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// The standard input of the process.
    Stdin,
    /// A file that is somewhere else, and what places and origins call it.
    Remote(PathBuf, Arc<dyn RemoteFile>),
    /// Rows that were read before and kept.
    Kept(Arc<KeptFile>),
}

impl Input {
    /// Returns an input of bytes in memory, which places and origins call by a name.
    pub fn of_bytes(name: PathBuf, bytes: Vec<u8>) -> Self {
        Self::Remote(name, Arc::new(Held(bytes.into())))
    }

    /// Returns the path as places and origins name it; `-` for the standard input.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Remote(path, _) => path,
            Self::Kept(file) => &file.path,
            Self::Stdin => Path::new("-"),
        }
    }

    /// Opens it from its start; `None` for the standard input, which is there but once.
    ///
    /// # Errors
    ///
    /// Those of opening it.
    pub fn reader(&self) -> io::Result<Option<Box<dyn Read>>> {
        Ok(match self {
            Self::File(path) => Some(Box::new(File::open(path)?)),
            Self::Remote(_, file) => Some(Box::new(RemoteReader::new(Arc::clone(file)))),
            Self::Kept(file) => Some(file.reader()?),
            Self::Stdin => None,
        })
    }

    /// Returns the number of bytes that are stored, 0 if that is not known.
    pub fn stored_bytes(&self) -> u64 {
        match self {
            Self::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Self::Remote(_, file) => file.len(),
            Self::Kept(file) => file.stored_bytes(),
            Self::Stdin => 0,
        }
    }
}

impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path()
    }
}

impl Eq for Input {}

impl PartialOrd for Input {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Input {
    fn cmp(&self, other: &Self) -> Ordering {
        self.path().cmp(other.path())
    }
}

/// Returns a path as text that no other path has: bytes that are no text stand as `\\xFF`.
///
/// Whoever cites a record names its file in this way, so that the record can be found again.
pub fn path_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let written = write!(text, "\\x{byte:02X}");
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn paths_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let text = |bytes: &[u8]| path_text(Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(text("logs/Zürich.evtx".as_bytes()), "logs/Zürich.evtx");
        assert_eq!(text(b"logs/Z\xFCrich.evtx"), "logs/Z\\xFCrich.evtx");
        assert_ne!(text(b"a\xFE"), text(b"a\xFF"));
    }
}
