//! From paths to inputs: folders are walked, what is missing is said.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::{
    input::Input,
    problem::{Place, Problem, Reason},
};

/// The inputs below some paths, and what stood in the way.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The inputs, in the order of the paths; within a folder by name.
    pub inputs: Vec<Input>,
    /// Paths that do not exist, cannot be read, or are folders without files.
    pub problems: Vec<Problem>,
}

/// Finds the inputs that paths name: files, folders with everything below them, `-` for stdin.
///
/// Every regular file is an input, hidden ones too: content decides, not the name. Links are
/// followed. An input named twice is an input twice.
pub fn discover(paths: &[PathBuf]) -> Discovery {
    let mut discovery = Discovery::default();
    for path in paths {
        if path == Path::new("-") {
            discovery.inputs.push(Input::Stdin);
        } else if path.is_dir() {
            discovery.walk(path);
        } else {
            match path.metadata() {
                Ok(_) => discovery.inputs.push(Input::File(path.clone())),
                Err(error) => discovery.problem(path, Reason::of_io(error)),
            }
        }
    }
    discovery
}

impl Discovery {
    fn walk(&mut self, folder: &Path) {
        let before = (self.inputs.len(), self.problems.len());
        for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    self.inputs.push(Input::File(entry.into_path()));
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let message = error.to_string();
                    let source = error.into_io_error().unwrap_or_else(|| {
                        // A loop of links is the one error of a walk that is not of the system.
                        std::io::Error::other(message)
                    });
                    self.problem(&path, Reason::of_io(source));
                }
            }
        }
        if before == (self.inputs.len(), self.problems.len()) {
            self.problem(folder, Reason::NoFiles);
        }
    }

    fn problem(&mut self, path: &Path, reason: Reason) {
        let place = Place { file: path.to_owned(), ..Place::default() };
        self.problems.push(Problem { place, reason });
    }
}
