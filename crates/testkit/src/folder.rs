//! A folder of files that is gone when the test is over.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder of its own below the system's temporary folder; dropping it deletes it.
#[derive(Debug)]
pub struct Folder {
    directory: TempDir,
}

impl Folder {
    /// Returns an empty folder.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test without its folder has failed")]
    pub fn empty() -> Self {
        match tempfile::tempdir() {
            Ok(directory) => Self { directory },
            Err(error) => panic!("cannot make a temporary folder: {error}"),
        }
    }

    /// Returns a folder with these files: path relative to the folder, and contents.
    ///
    /// # Panics
    ///
    /// If the folder or a file cannot be made.
    #[track_caller]
    pub fn with<C: AsRef<[u8]>>(files: &[(&str, C)]) -> Self {
        let folder = Self::empty();
        for (path, contents) in files {
            folder.write(path, contents);
        }
        folder
    }

    /// Writes a file, and the folders on the way to it, and returns its path.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test without its file has failed")]
    pub fn write(&self, relative: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(relative);
        let parent = path.parent().unwrap_or(self.path());
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, contents))
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
        path
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_and_deleted_with_the_folder() {
        let folder = Folder::with(&[("a/b.txt", "text")]);
        let path = folder.path().join("a/b.txt");
        assert_eq!(std::fs::read_to_string(&path).expect("it was written"), "text");
        drop(folder);
        assert!(!path.exists());
    }
}
