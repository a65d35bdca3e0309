//! The real logs of the reference material.

use testkit::Reference;

/// A log file: its name and bytes.
pub(crate) struct Log {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Returns every `.evtx` file, by name.
pub(crate) fn all(reference: &Reference) -> Vec<Log> {
    let folder = reference.path("logs");
    let mut logs: Vec<Log> = std::fs::read_dir(&folder)
        .unwrap()
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
pub(crate) fn named(reference: &Reference, name: &str) -> Log {
    all(reference)
        .into_iter()
        .find(|log| log.name == name)
        .unwrap_or_else(|| panic!("no log {name}"))
}
