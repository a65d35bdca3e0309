//! The reference material: real logs and recorded answers, which the project cannot carry.
//!
//! It lies in a folder `shared` beside the workspace, or where `QUARRY_SHARED` says, and has parts:
//! `logs`, `kql`, `telemetry`, `detection` and `cases`. Without its part a test is left out, and
//! `xtask`'s tests say in one line how many were.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// The variable that names the folder; set and empty it says that there is none.
pub const SHARED_VARIABLE: &str = "QUARRY_SHARED";

/// Takes the reference material, or leaves the test out where the part of that name is missing.
///
/// It returns from the function it stands in, so that a test cannot have a path of the material
/// without being left out for want of it. `cargo xtask tidy` sees to it that there is no other way.
#[macro_export]
macro_rules! reference {
    ($part:literal) => {
        match $crate::Reference::find($part) {
            Some(reference) => reference,
            None => return,
        }
    };
}

/// The folder of the reference material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    folder: PathBuf,
}

impl Reference {
    /// Returns the reference material, or `None` where it lacks the part of that name. Tests use
    /// [`reference!`].
    ///
    /// # Panics
    ///
    /// If `QUARRY_SHARED` names a folder that does not exist.
    #[track_caller]
    pub fn find(part: &str) -> Option<Self> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        Self::at(env_folder().as_deref(), &beside).filter(|it| it.folder.join(part).is_dir())
    }

    /// Returns the material in the folder that was named, or else in the one beside the workspace.
    #[track_caller]
    fn at(named: Option<&OsStr>, beside: &Path) -> Option<Self> {
        let folder = match named {
            Some(named) if named.is_empty() => return None,
            Some(named) => {
                let folder = Path::new(named);
                assert!(
                    folder.is_dir(),
                    "{SHARED_VARIABLE} names {}, which is not a folder",
                    folder.display()
                );
                folder
            }
            None if beside.is_dir() => beside,
            None => return None,
        };
        Some(Self { folder: folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf()) })
    }

    /// Returns the folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of a file or folder of the material, such as `logs/sysmon.evtx`.
    ///
    /// # Panics
    ///
    /// If there is no such file or folder: a part is there as a whole or not at all.
    #[track_caller]
    pub fn path(&self, relative: &str) -> PathBuf {
        let path = self.folder.join(relative);
        assert!(
            path.exists(),
            "no `{relative}` in the reference material; `cargo xtask reference` says what is \
             missing (looked for {})",
            path.display()
        );
        path
    }

    /// Returns the text of a file.
    ///
    /// # Panics
    ///
    /// If there is no such file or it is not UTF-8.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test without its input has failed")]
    pub fn text(&self, relative: &str) -> String {
        let path = self.path(relative);
        std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }

    /// Returns the bytes of a file.
    ///
    /// # Panics
    ///
    /// If there is no such file.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test without its input has failed")]
    pub fn bytes(&self, relative: &str) -> Vec<u8> {
        let path = self.path(relative);
        std::fs::read(&path)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are told by it where their material is")]
fn env_folder() -> Option<std::ffi::OsString> {
    env::var_os(SHARED_VARIABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Folder;

    fn material(folder: &Folder) -> Option<Reference> {
        Reference::at(Some(folder.path().as_os_str()), Path::new("nowhere"))
    }

    #[test]
    fn what_is_named_comes_before_what_lies_beside() {
        let named = Folder::with(&[("logs/a.evtx", "a")]);
        let beside = Folder::with(&[("logs/a.evtx", "b")]);
        let at = |named| Reference::at(named, beside.path()).map(|it| it.bytes("logs/a.evtx"));
        assert_eq!(at(Some(named.path().as_os_str())), Some(b"a".to_vec()));
        assert_eq!(at(None), Some(b"b".to_vec()));
    }

    #[test]
    fn there_may_be_none() {
        let beside = Folder::empty();
        assert_eq!(Reference::at(Some(OsStr::new("")), beside.path()), None);
        assert_eq!(Reference::at(None, &beside.path().join("gone")), None);
    }

    #[test]
    fn a_folder_that_is_named_has_to_exist() {
        let gone = Folder::empty().path().join("gone");
        let panic = std::panic::catch_unwind(|| Reference::at(Some(gone.as_os_str()), &gone))
            .expect_err("it is missing");
        let message = panic.downcast_ref::<String>().expect("the message is formatted");
        assert!(message.contains("QUARRY_SHARED names"), "{message}");
    }

    #[test]
    fn a_missing_file_fails_with_what_to_do() {
        let folder = Folder::with(&[("README.md", "")]);
        let reference = material(&folder).expect("the folder exists");
        let panic =
            std::panic::catch_unwind(|| reference.path("no/such/file")).expect_err("it is missing");
        let message = panic.downcast_ref::<String>().expect("the message is formatted");
        assert!(message.contains("`no/such/file`"), "{message}");
        assert!(message.contains("cargo xtask reference"), "{message}");
    }
}
