//! What the user gives in the place of what a service would have: watchlists, saved functions,
//! databases, and what is to be assumed where there is nothing to give.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use engine::{Environment, FileProfiles, Watchlist, list};

use crate::{error::CommandError, ui::Ui};

/// More than this no query has.
const MAX_TEXT: u64 = 16 << 20;

/// Data in the place of a service's.
#[derive(Debug, Args)]
#[command(next_help_heading = "In place of a service")]
pub(crate) struct GivenArgs {
    /// The watchlist NAME for `_GetWatchlist`, as CSV; KEY is the search key, else the first column
    /// (can be repeated)
    #[arg(long = "watchlist", value_name = "NAME[KEY]=FILE")]
    watchlists: Vec<String>,

    /// Saved functions and parsers: a folder of `NAME.kql` files (can be repeated)
    #[arg(long = "functions", value_name = "DIR")]
    functions: Vec<PathBuf>,

    /// The database of addresses for `geo_info_from_ip_address`, in MMDB format
    #[arg(long, value_name = "FILE")]
    geoip: Option<PathBuf>,

    /// What is known of files for `FileProfile`, as CSV by `SHA1` or `SHA256`
    #[arg(long, value_name = "FILE")]
    file_profiles: Option<PathBuf>,

    /// A file in the place of the data at URL, for `externaldata` (can be repeated)
    #[arg(long = "external", value_name = "URL=FILE")]
    external: Vec<String>,

    /// Run queries that would be refused with this in place of what is not given (can be repeated)
    #[arg(long = "assume", value_enum, value_name = "WHAT")]
    assumptions: Vec<Assumption>,
}

/// What stands in the place of data that nobody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Assumption {
    /// `ingestion_time()` is the time of the event
    IngestionTime,
    /// `FileProfile` does not know any file
    FileProfiles,
}

impl GivenArgs {
    /// Tells whether events are said to arrive when they happen.
    pub(crate) fn has_ingestion_at_event(&self) -> bool {
        self.assumptions.contains(&Assumption::IngestionTime)
    }

    /// Adds what is given to an environment, and says what is assumed.
    pub(crate) fn apply(&self, environment: &mut Environment, ui: &Ui) -> Result<(), CommandError> {
        for given in &self.watchlists {
            let (name, key, path) = watchlist_parts(given)?;
            let watchlist = Watchlist::read(path, key, environment.room());
            environment.add_watchlist(name, watchlist.map_err(CommandError::user)?);
        }
        for folder in &self.functions {
            add_functions(folder, environment)?;
        }
        for given in &self.external {
            let parts =
                given.rsplit_once('=').filter(|(url, path)| !url.is_empty() && !path.is_empty());
            let (url, path) = parts.ok_or_else(|| {
                let error = CommandError::user(format!("no external data: `{given}`"));
                error.with_hint("expected `URL=FILE`")
            })?;
            fs::metadata(path).map_err(|error| told(Path::new(path), &error))?;
            environment.add_external(url, Path::new(path));
        }
        if let Some(path) = &self.geoip {
            fs::metadata(path).map_err(|error| told(path, &error))?;
            environment.set_geo_database(path);
        }
        for assumption in &self.assumptions {
            match assumption {
                Assumption::IngestionTime => {
                    environment.assume_ingestion_at_event();
                    ui.note("assumed: `ingestion_time()` is the time of the event");
                }
                Assumption::FileProfiles if self.file_profiles.is_none() => {
                    let unknown = FileProfiles::unknown().map_err(CommandError::user)?;
                    environment.set_file_profiles(unknown);
                    ui.note("assumed: `FileProfile` does not know any file");
                }
                Assumption::FileProfiles => {}
            }
        }
        if let Some(path) = &self.file_profiles {
            let profiles = FileProfiles::read(path, environment.room());
            environment.set_file_profiles(profiles.map_err(CommandError::user)?);
        }
        Ok(())
    }
}

/// Adds the watchlists of a package's folder, `watchlists/NAME.csv`.
pub(crate) fn add_package_watchlists(
    package: &Path,
    environment: &mut Environment,
) -> Result<(), CommandError> {
    let folder = package.join("watchlists");
    if !folder.is_dir() {
        return Ok(());
    }
    for path in files_in(&folder, "csv")? {
        let watchlist = Watchlist::read(&path, None, environment.room());
        environment.add_watchlist(&stem(&path), watchlist.map_err(CommandError::user)?);
    }
    Ok(())
}

/// Splits `NAME=FILE` or `NAME[KEY]=FILE`.
fn watchlist_parts(given: &str) -> Result<(&str, Option<&str>, &Path), CommandError> {
    let wrong = || {
        let error = CommandError::user(format!("no watchlist: `{given}`"));
        error.with_hint("expected `NAME=FILE`, or `NAME[KEY]=FILE` to name the search key's column")
    };
    let (name, path) = given.split_once('=').ok_or_else(wrong)?;
    let (name, key) = match name.split_once('[') {
        Some((name, key)) => (name, Some(key.strip_suffix(']').ok_or_else(wrong)?)),
        None => (name, None),
    };
    if name.is_empty() || path.is_empty() {
        return Err(wrong());
    }
    Ok((name, key, Path::new(path)))
}

/// Adds the functions of a folder, by the names of their files.
///
/// A file holds `(parameters) { body }`, or a body alone, which then has no parameters.
fn add_functions(folder: &Path, environment: &mut Environment) -> Result<(), CommandError> {
    for path in files_in(folder, "kql")? {
        let text = list::read_text(&path, MAX_TEXT).map_err(|error| told(&path, &error))?;
        let name = stem(&path);
        let is_whole = text.lines().find(|line| !is_blank(line)).is_some_and(|line| {
            let line = line.trim_start();
            line.starts_with('(') && text.trim_end().ends_with('}')
        });
        let function = if is_whole { text } else { format!("() {{\n{text}\n}}") };
        environment.add_function(&name, &function);
    }
    Ok(())
}

/// Tells whether a line of a query says nothing.
fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with("//")
}

/// Returns the files of a folder with an extension, sorted.
fn files_in(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, CommandError> {
    let entries = fs::read_dir(folder).map_err(|error| told(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| told(folder, &error))?.path();
        if path.extension().is_some_and(|it| it.eq_ignore_ascii_case(extension)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn told(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::user(format!("{}: {error}", path.display()))
}
