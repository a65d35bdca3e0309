//! Files of our own, written whole or not at all: whoever opens one, at any time and whatever became
//! of the run, finds what stood there before or all of what was to stand there.
//!
//! The bytes go to a file beside it, which takes its place when they are on the disk.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::error::CommandError;

/// How the names of files begin that are to take the place of others.
pub(crate) const PREFIX: &str = ".quarry-";

/// Writes a file through `write`, which gets it empty.
///
/// A device or a pipe, such as `/dev/stdout`, is written to as it is. A link stays one, and a file
/// that is there keeps its permissions.
pub(crate) fn write<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        let pipe = OpenOptions::new().write(true).open(path).map_err(|error| told(path, &error))?;
        let mut out = BufWriter::new(pipe);
        let written = write(&mut out)?;
        out.flush()?;
        return Ok(written);
    }
    // What a link leads to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let told = |error: &io::Error| told(path, error);
    let mut named = tempfile::Builder::new();
    named.prefix(PREFIX);
    // As for any file that a program makes: what the user's mask allows.
    #[cfg(unix)]
    named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = named.tempfile_in(folder_of(&target)).map_err(|error| told(&error))?;
    if let Ok(there) = fs::metadata(&target) {
        file.as_file().set_permissions(there.permissions()).map_err(|error| told(&error))?;
    }
    let mut out = BufWriter::new(file.reopen().map_err(|error| told(&error))?);
    let written = write(&mut out)?;
    out.flush().map_err(|error| told(&error))?;
    out.get_ref().sync_all().map_err(|error| told(&error))?;
    file.persist(&target).map_err(|error| told(&error.error))?;
    sync_folder(folder_of(&target));
    Ok(written)
}

/// Writes bytes that are there already.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    write(path, |out| Ok(out.write_all(bytes)?))
}

/// A folder whose files belong together, and which one run at a time reads and writes.
///
/// The new files are first written beside the old ones, then a list of them, the note, says that all
/// are there. From then on they count, whoever gives them their names: this run, or the next one that
/// opens the folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Held until the end; the system lets go of it for a process that is killed.
    _lock: File,
}

/// The name of the file that is locked; it is empty and stays.
const LOCK: &str = "lock";
/// The name of the note.
const NOTE: &str = "complete";
/// What stands behind the name of a file whose time has not come.
const NEXT: &str = ".next";

impl Folder {
    /// Opens a folder, makes it if it is not there, and puts in place what an earlier run has
    /// completed; `wait` is called before waiting for a run that has it open.
    pub(crate) fn open(path: &Path, wait: impl FnOnce()) -> Result<Self, CommandError> {
        fs::create_dir_all(path).map_err(|error| told(path, &error))?;
        let name = path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .map_err(|error| told(&name, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                wait();
                lock.lock().map_err(|error| told(&name, &error))?;
            }
            Err(fs::TryLockError::Error(error)) => return Err(told(&name, &error)),
        }
        let this = Self { path: path.to_owned(), _lock: lock };
        this.put_in_place()?;
        this.clear_away()?;
        Ok(this)
    }

    /// Returns the path of one of its files.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Begins to replace files.
    pub(crate) fn replace(&self) -> Replacing<'_> {
        Replacing { folder: self, names: Vec::new() }
    }

    /// Gives the files of the note their names, if there is one.
    fn put_in_place(&self) -> Result<(), CommandError> {
        let note = self.file(NOTE);
        let names = match fs::read_to_string(&note) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(told(&note, &error)),
        };
        for name in names.lines() {
            let from = self.file(&format!("{name}{NEXT}"));
            match fs::rename(&from, self.file(name)) {
                // It has its name already.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed.map_err(|error| told(&from, &error))?,
            }
        }
        sync_folder(&self.path);
        fs::remove_file(&note).map_err(|error| told(&note, &error))?;
        sync_folder(&self.path);
        Ok(())
    }

    /// Removes what runs that were ended have left unfinished.
    fn clear_away(&self) -> Result<(), CommandError> {
        for entry in fs::read_dir(&self.path).map_err(|error| told(&self.path, &error))? {
            let entry = entry.map_err(|error| told(&self.path, &error))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(PREFIX) || name.ends_with(NEXT) {
                fs::remove_file(entry.path()).map_err(|error| told(&entry.path(), &error))?;
            }
        }
        Ok(())
    }
}

/// Files that are to take the place of others, all at once.
pub(crate) struct Replacing<'a> {
    folder: &'a Folder,
    names: Vec<&'static str>,
}

impl Replacing<'_> {
    /// Writes one of the files; it is not there under its name yet.
    pub(crate) fn write(
        &mut self,
        name: &'static str,
        content: impl FnOnce(&mut BufWriter<File>) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        write(&self.folder.file(&format!("{name}{NEXT}")), content)?;
        self.names.push(name);
        Ok(())
    }

    /// Puts all files in place.
    pub(crate) fn finish(self) -> Result<(), CommandError> {
        write_bytes(&self.folder.file(NOTE), self.names.join("\n").as_bytes())?;
        self.folder.put_in_place()
    }
}

/// Returns the folder in which a file is.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Asks the system to keep the names of a folder's files; not every system lets a folder be opened.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _not_everywhere = folder.sync_all();
    }
}

fn told(path: &Path, error: &io::Error) -> CommandError {
    CommandError::user(format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use super::*;

    fn numbers(number: u64, out: &mut dyn Write, mut step: impl FnMut()) -> io::Result<()> {
        for _ in 0..LINES {
            writeln!(out, "{number}")?;
            step();
        }
        Ok(())
    }

    /// Returns the number that a file is full of; fails if it is not whole.
    fn number_in(path: &Path) -> Option<u64> {
        let text = fs::read_to_string(path).ok()?;
        let number = text.lines().next().expect("a file is never empty");
        assert!(text.lines().all(|line| line == number), "{}: mixed", path.display());
        assert_eq!(text.lines().count(), LINES, "{}: cut off", path.display());
        Some(number.parse().expect("a number"))
    }

    /// Lines of a file: several times what is written at a time.
    const LINES: usize = 4_000;
    /// The files that belong together.
    const PAIR: [&str; 2] = ["one", "two"];
    const SINGLE: &str = "single";

    #[test]
    fn what_fails_halfway_leaves_the_file_as_it_was() {
        let folder = testkit::Folder::empty();
        let path = folder.write("a.txt", b"before");
        let failed = write(&path, |out| {
            out.write_all(b"half")?;
            Err::<(), _>(CommandError::user("no more"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        write_bytes(&path, b"after").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        let error = write_bytes(&folder.path().join("none/a.txt"), b"").unwrap_err();
        assert!(error.to_string().contains("none"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_permissions_and_pipes_stay_what_they_are() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = testkit::Folder::empty();
        let (path, link) = (folder.write("a.txt", b"before"), folder.path().join("link"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write_bytes(&link, b"after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        write_bytes(Path::new("/dev/null"), b"nothing").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_folder_is_one_runs_at_a_time() {
        let folder = testkit::Folder::empty();
        let first = Folder::open(folder.path(), || panic!("nobody has it")).unwrap();
        let (told, waited) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let second = Folder::open(folder.path(), || told.send(()).unwrap()).unwrap();
                number_in(&second.file("one"))
            });
            waited.recv().unwrap();
            let mut files = first.replace();
            files.write("one", |out| Ok(numbers(7, out, || {})?)).unwrap();
            files.finish().unwrap();
            drop(first);
            assert_eq!(second.join().unwrap(), Some(7), "it saw what the first one left");
        });
    }

    /// This test is also the process that it ends, a thousand times, wherever that is in its work.
    #[cfg(unix)]
    #[test]
    fn a_process_that_is_killed_leaves_whole_files() {
        use std::{
            io::Read,
            process::{Command, Stdio},
        };
        const NAME: &str = "whole::tests::a_process_that_is_killed_leaves_whole_files";
        const VARIABLE: &str = "QUARRY_TEST_WRITES_IN";
        if let Some((_, path)) = std::env::vars_os().find(|(name, _)| name == VARIABLE) {
            write_until_killed(Path::new(&path));
        }
        let folder = testkit::Folder::empty();
        let pair = folder.path().join("pair");
        let mut last = 0;
        for round in 0..1_000_u64 {
            let mut writer = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", NAME, "--nocapture"])
                .env(VARIABLE, folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            // Each of its steps is a byte: it is ended some time after one of them.
            let steps = usize::try_from(1 + round.wrapping_mul(7_919) % 70).unwrap();
            writer.stderr.as_mut().unwrap().read_exact(&mut vec![0; steps]).unwrap();
            writer.kill().unwrap();
            writer.wait().unwrap();
            number_in(&folder.path().join(SINGLE));
            let _whole = PAIR.map(|name| number_in(&pair.join(name)));
            let opened = Folder::open(&pair, || panic!("the lock is gone with the process"));
            let opened = opened.unwrap();
            let [one, two] = PAIR.map(|name| number_in(&opened.file(name)).unwrap_or_default());
            assert_eq!(one, two, "round {round}: files of two runs");
            assert!(one >= last, "round {round}: from {last} back to {one}");
            last = one;
            let names = fs::read_dir(&pair).unwrap().count();
            assert!(names <= 3, "round {round}: {names} files");
        }
        assert!(last > 100, "only {last} were ever completed");
    }

    #[cfg(unix)]
    fn write_until_killed(path: &Path) -> ! {
        let step = |count: &mut u64| {
            *count += 1;
            if count.is_multiple_of(200) {
                io::stderr().write_all(b".").unwrap();
            }
        };
        let mut count = 0;
        loop {
            let folder = Folder::open(&path.join("pair"), || {}).unwrap();
            let number = number_in(&folder.file("one")).unwrap_or_default() + 1;
            let mut files = folder.replace();
            for name in PAIR {
                files.write(name, |out| Ok(numbers(number, out, || step(&mut count))?)).unwrap();
            }
            files.finish().unwrap();
            drop(folder);
            let single = path.join(SINGLE);
            write(&single, |out| Ok(numbers(number, out, || step(&mut count))?)).unwrap();
        }
    }
}
