//! Where exports and imports go: one file, or files of a folder by names that are made of the rules'.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{error::CommandError, whole};

/// The longest name that is made of a rule's, in characters.
const MAX_NAME: usize = 80;

/// Files to be written, by their paths.
pub(crate) struct Output {
    out: PathBuf,
    files: BTreeMap<PathBuf, String>,
    /// How many rules are in them.
    pub(crate) rules: usize,
}

impl Output {
    pub(crate) fn new(out: &Path) -> Self {
        Self { out: out.to_owned(), files: BTreeMap::new(), rules: 0 }
    }

    /// Tells whether the output is a folder: it is there as one, or its name has no ending.
    pub(crate) fn is_folder(&self) -> bool {
        let ends_as_folder = self.out.to_string_lossy().ends_with(['/', '\\']);
        self.out.is_dir()
            || ends_as_folder
            || (self.out.extension().is_none() && !self.out.exists())
    }

    /// Refuses a file where there have to be several.
    pub(crate) fn needs_folder(&self, what: &str) -> Result<(), CommandError> {
        if self.is_folder() {
            return Ok(());
        }
        let error = CommandError::user(format!("{}: no folder", self.out.display()));
        Err(error.with_hint(format!("`--out` has to be a folder: there is {what}")))
    }

    /// Adds all of the output; `name` is the file's in a folder.
    pub(crate) fn add_one(&mut self, name: &str, text: String) {
        let path = if self.is_folder() { self.out.join(name) } else { self.out.clone() };
        self.files.insert(path, text);
    }

    /// Adds a file named after a rule. If the name is taken, a number is appended.
    pub(crate) fn add(&mut self, rule: &str, ending: &str, text: String) {
        self.add_below("", rule, ending, text);
    }

    /// The same in a folder below.
    pub(crate) fn add_below(&mut self, folder: &str, rule: &str, ending: &str, text: String) {
        let name = file_name(rule);
        let path = |number: usize| {
            let number = if number == 1 { String::new() } else { format!("_{number}") };
            self.out.join(folder).join(format!("{name}{number}.{ending}"))
        };
        let free = (1..=usize::MAX).map(path).find(|path| !self.files.contains_key(path));
        if let Some(path) = free {
            self.files.insert(path, text);
        }
    }

    /// Adds a file by its name within the folder.
    pub(crate) fn add_named(&mut self, name: &str, text: String) {
        self.files.insert(self.out.join(name), text);
    }

    /// Refuses to replace files that say something else.
    pub(crate) fn keeps_what_is_there(&self) -> Result<(), CommandError> {
        for (path, text) in &self.files {
            if path.exists() && fs::read(path).ok().as_deref() != Some(text.as_bytes()) {
                let error =
                    format!("{}: there already, and it says something else", path.display());
                return Err(CommandError::user(error)
                    .with_hint("nothing was written; give a new folder by `--out`"));
            }
        }
        Ok(())
    }

    /// Writes all files, each of them whole.
    pub(crate) fn write(self) -> Result<(), CommandError> {
        for (path, text) in self.files {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                fs::create_dir_all(folder).map_err(|error| {
                    CommandError::user(format!("{}: {error}", folder.display()))
                })?;
            }
            whole::write_bytes(&path, text.as_bytes())?;
        }
        Ok(())
    }
}

/// Returns a name for a file: small letters, digits and `_`, which every system takes.
fn file_name(rule: &str) -> String {
    let mut name = String::new();
    for char in rule.chars().flat_map(char::to_lowercase) {
        if char.is_alphanumeric() {
            name.push(char);
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name: String = name.chars().take(MAX_NAME).collect();
    let name = name.trim_end_matches('_');
    if name.is_empty() { "rule".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        for (rule, expected) in [
            ("Admin share: C$ & ADMIN$!", "admin_share_c_admin"),
            ("../../etc/passwd", "etc_passwd"),
            ("Ärger", "ärger"),
            ("$$$", "rule"),
            ("", "rule"),
        ] {
            assert_eq!(file_name(rule), expected);
        }
        assert_eq!(file_name(&"ab".repeat(100)).chars().count(), MAX_NAME);
    }

    #[test]
    fn every_rule_has_a_file_of_its_own() {
        let mut output = Output::new(Path::new("x"));
        for _ in 0..3 {
            output.add("A b", "yaml", String::new());
        }
        let names: Vec<_> = output.files.keys().map(|path| path.display().to_string()).collect();
        assert_eq!(names, ["x/a_b.yaml", "x/a_b_2.yaml", "x/a_b_3.yaml"]);
    }
}
