//! Takes logs out of local clones, and writes them and their labels into the folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{
    ReferenceError,
    catalogue::{Catalogue, Label, Repository, State, hash},
};

/// Clones of repositories, in one folder.
pub(super) struct Clones {
    folder: PathBuf,
}

impl Clones {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Returns the clone of a repository: `owner/name`, or `name` alone.
    fn of(&self, repository: &Repository) -> Option<PathBuf> {
        let name = repository.name.rsplit('/').next()?;
        [repository.name.as_str(), name]
            .map(|name| self.folder.join(name))
            .into_iter()
            .find(|path| path.is_dir())
    }
}

/// Copies what is missing; returns a line for each log that no clone has, and for each repository
/// without a clone.
pub(super) fn run(
    catalogue: &Catalogue,
    clones: &Clones,
    folder: &Path,
) -> Result<Vec<String>, ReferenceError> {
    let logs = folder.join("logs");
    fs::create_dir_all(&logs).map_err(|source| file_error(&logs, source))?;
    let mut lines = Vec::new();
    let mut labels = Vec::new();
    for repository in &catalogue.repositories {
        let clone = clones.of(repository);
        if clone.is_none() {
            let folder = clones.folder.display();
            lines.push(format!("no clone of {} in {folder}", repository.name));
        }
        for log in &repository.logs {
            let mut state = log.state(folder)?;
            if let Some(clone) = clone.as_ref().filter(|_| state != State::There) {
                // The commit is where the log was found; a later one may have it still.
                let found = [log.commit.as_str(), "HEAD"].into_iter().find_map(|commit| {
                    let bytes = show(clone, commit, &log.path).transpose()?;
                    Some(bytes).filter(|it| it.as_ref().is_ok_and(|it| hash(it) == log.sha256))
                });
                match found.transpose()? {
                    Some(bytes) => {
                        let path = logs.join(&log.file);
                        fs::write(&path, bytes).map_err(|source| file_error(&path, source))?;
                        state = State::There;
                    }
                    None => lines.push(format!(
                        "{}: `{}` with the right hash is neither in commit {} nor in HEAD",
                        repository.name, log.path, log.commit
                    )),
                }
            }
            if state == State::There {
                labels.push(label(&log.file, &log.label));
            }
        }
    }
    // Labels that are there already may say more than ours.
    let manifest = logs.join("manifest.json");
    if !labels.is_empty() && !manifest.exists() {
        let text = format!("{:#}\n", Value::Array(labels));
        fs::write(&manifest, text).map_err(|source| file_error(&manifest, source))?;
    }
    Ok(lines)
}

/// Returns the label as the manifest has it.
fn label(file: &str, label: &Label) -> Value {
    let places = |lines: &[u64]| lines.iter().map(|line| json!({"line": line})).collect::<Vec<_>>();
    json!({
        "dataset": label.dataset,
        "grade": label.grade,
        "file": file,
        "member": label.member,
        "records": label.records,
        "evidence": places(&label.evidence),
        "benign_lookalikes": places(&label.benign_lookalikes),
    })
}

/// Returns a file as a commit has it, or `None` if the clone has no such commit or file.
fn show(clone: &Path, commit: &str, path: &str) -> Result<Option<Vec<u8>>, ReferenceError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(clone)
        .args(["show", &format!("{commit}:{path}")])
        .output()
        .map_err(|source| ReferenceError::Git { source })?;
    Ok(output.status.success().then_some(output.stdout))
}

fn file_error(path: &Path, source: std::io::Error) -> ReferenceError {
    ReferenceError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::catalogue::Log;

    fn git(folder: &Path, args: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(args)
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn log(path: &str, commit: &str, contents: &[u8]) -> Log {
        Log {
            path: path.to_owned(),
            commit: commit.to_owned(),
            sha256: hash(contents),
            file: path.rsplit('/').next().unwrap_or(path).to_owned(),
            label: Label {
                dataset: path.to_owned(),
                grade: "core".to_owned(),
                member: None,
                records: 1,
                evidence: vec![1],
                benign_lookalikes: vec![],
            },
        }
    }

    #[test]
    fn logs_are_taken_from_their_commit_and_only_with_the_right_hash() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clone = folder.path().join("clones/owner/name");
        fs::create_dir_all(clone.join("a")).expect("a folder");
        git(&clone, &["init", "--quiet"]);
        fs::write(clone.join("a/one.evtx"), b"first").expect("written");
        fs::write(clone.join("a/two.evtx"), b"second").expect("written");
        git(&clone, &["add", "."]);
        git(&clone, &["commit", "--quiet", "-m", "logs"]);
        let commit = git(&clone, &["rev-parse", "HEAD"]);
        // The log is gone from what is checked out, and still in the commit.
        git(&clone, &["rm", "--quiet", "a/one.evtx"]);
        git(&clone, &["commit", "--quiet", "-m", "gone"]);
        let repository = Repository {
            name: "owner/name".to_owned(),
            licence: "CC0-1.0".to_owned(),
            logs: vec![
                log("a/one.evtx", &commit, b"first"),
                log("a/two.evtx", &commit, b"another"),
                log("a/none.evtx", &commit, b"none"),
            ],
        };
        let catalogue =
            Catalogue { repositories: vec![repository], queries: vec![], recorded: vec![] };
        let into = folder.path().join("shared");
        let clones = Clones::new(&folder.path().join("clones"));
        let lines = run(&catalogue, &clones, &into).expect("nothing fails");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains("`a/two.evtx` with the right hash is neither"), "{lines:?}");
        assert_eq!(fs::read(into.join("logs/one.evtx")).expect("it was written"), b"first");
        assert!(!into.join("logs/two.evtx").exists());
        let manifest = fs::read_to_string(into.join("logs/manifest.json")).expect("labels");
        let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
        assert_eq!(manifest.as_array().map(Vec::len), Some(1));
        assert_eq!(manifest[0]["evidence"][0]["line"], 1);
    }
}
