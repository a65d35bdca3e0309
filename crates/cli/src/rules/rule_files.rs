//! Files that may hold rules: those named, and those below folders.

use std::path::{Path, PathBuf};

use detection::Foreign;
use walkdir::{DirEntry, WalkDir};

use crate::{error::CommandError, ui::Ui};

/// Files passed over that are named one by one; of more only the number is told.
const MAX_TOLD: usize = 20;

/// A file to read.
pub(crate) struct RulePath {
    pub(crate) path: PathBuf,
    /// Tells whether the user named the file itself, and not a folder above it.
    pub(crate) is_named: bool,
}

/// Returns the files that a path stands for, in order of their names; hidden ones below a folder are
/// left out.
pub(crate) fn files(path: &Path) -> Result<Vec<RulePath>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![RulePath { path: path.to_owned(), is_named: true }]);
    }
    let mut files = Vec::new();
    let walk = WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| !is_hidden(entry)) {
        let entry = entry.map_err(|error| CommandError::user(error.to_string()))?;
        if entry.file_type().is_file() {
            files.push(RulePath { path: entry.into_path(), is_named: false });
        }
    }
    Ok(files)
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
}

/// What was passed over, and why.
#[derive(Default)]
pub(crate) struct PassedOver {
    files: Vec<(PathBuf, Foreign)>,
    /// Tells whether a file is among them that the user named.
    pub(crate) has_named: bool,
}

impl PassedOver {
    pub(crate) fn add(&mut self, file: &RulePath, foreign: Foreign) {
        self.has_named |= file.is_named;
        self.files.push((file.path.clone(), foreign));
    }

    /// Says what was passed over: rules of other forms one by one, everything else by name.
    pub(crate) fn tell(&self, ui: &Ui, is_all: bool) {
        let is_loud = |foreign: &Foreign| is_all || foreign.is_rule || self.has_named;
        let (loud, quiet): (Vec<_>, Vec<_>) =
            self.files.iter().partition(|(_, foreign)| is_loud(foreign));
        for (path, Foreign { what, help, .. }) in loud.iter().take(MAX_TOLD) {
            let help = if help.is_empty() { String::new() } else { format!(": {help}") };
            ui.warning(&format!("{}: passed over: {what}{help}", path.display()));
        }
        if let Some(more) = loud.len().checked_sub(MAX_TOLD).filter(|more| *more > 0) {
            ui.warning(&format!("{more} more files were passed over"));
        }
        if quiet.is_empty() {
            return;
        }
        let names: Vec<String> =
            quiet.iter().take(MAX_TOLD).map(|(path, _)| path.display().to_string()).collect();
        let more = match quiet.len().checked_sub(MAX_TOLD).filter(|more| *more > 0) {
            Some(more) => format!(" and {more} more"),
            None => String::new(),
        };
        ui.note(&format!("passed over, since they hold no rule: {}{more}", names.join(", ")));
    }
}
