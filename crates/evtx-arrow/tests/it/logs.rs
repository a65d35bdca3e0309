//! The real logs in `../shared/logs`.

use std::path::PathBuf;

/// A log file: its name and bytes.
pub(crate) struct Log {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Returns every `.evtx` file, by name.
pub(crate) fn all() -> Vec<Log> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/logs"));
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{} is needed by this test: {error}", folder.display()));
    let mut logs: Vec<Log> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "evtx"))
        .map(|path| Log {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            bytes: std::fs::read(&path).unwrap(),
        })
        .collect();
    assert!(!logs.is_empty(), "no .evtx file in {}", folder.display());
    logs.sort_by(|a, b| a.name.cmp(&b.name));
    logs
}

/// Returns the log of that name.
pub(crate) fn named(name: &str) -> Log {
    all().into_iter().find(|log| log.name == name).unwrap_or_else(|| panic!("no log {name}"))
}
