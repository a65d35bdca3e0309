//! What users bring: tables, views, functions and shapes of their own, and `quarry.toml`, which names
//! them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use engine::{DateOrder, Environment, Passwords, UserShape};
use kql_types::{Ticks, timespan};
use serde::Deserialize;

use self::schema_file::load;
use crate::error::CommandError;

mod schema_file;

/// The name of the project file.
const PROJECT_FILE: &str = "quarry.toml";

/// What commands that bind queries have in common.
#[derive(Debug, Default, Args)]
pub(crate) struct ProjectArgs {
    /// Add tables from a JSON file, `{table: {column: type}}`, or all that a folder has in
    /// `schemas`, `views`, `functions` and `shapes` (can be repeated)
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) schema: Vec<PathBuf>,

    /// Read this project file instead of the nearest `quarry.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) project: Option<PathBuf>,
}

/// What commands that read exports have in common.
#[derive(Debug, Default, Args)]
pub(crate) struct ExportArgs {
    /// How far from UTC local times are in exports that do not say: `+02:00`
    #[arg(long, value_name = "OFFSET", value_parser = offset, allow_hyphen_values = true)]
    pub(crate) time_zone: Option<Ticks>,

    /// The order of day and month in dates that fit either way, for columns in which no value tells
    #[arg(long, value_name = "ORDER", value_parser = date_order)]
    pub(crate) date_order: Option<DateOrder>,

    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,
}

impl ExportArgs {
    /// Returns how the times of exports are read: what the command line says goes before the project.
    pub(crate) fn over(&self, project: LocalTimes) -> LocalTimes {
        LocalTimes {
            offset: self.time_zone.or(project.offset),
            date_order: self.date_order.or(project.date_order),
        }
    }
}

/// How times are read that do not say all about themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LocalTimes {
    /// How far from UTC times are that name no zone.
    pub(crate) offset: Option<Ticks>,
    /// The order of day and month.
    pub(crate) date_order: Option<DateOrder>,
}

/// What commands that read archives have in common.
#[derive(Debug, Default, Args)]
pub(crate) struct ArchiveArgs {
    /// Try this password on encrypted ZIP and 7z archives (can be repeated)
    ///
    /// `infected` is tried without being given.
    #[arg(long = "password", value_name = "PASSWORD")]
    passwords: Vec<String>,
}

impl ArchiveArgs {
    /// Returns the passwords.
    pub(crate) fn passwords(&self) -> Passwords {
        Passwords::new(self.passwords.clone())
    }
}

/// The project file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProjectFile {
    /// Schema files and folders, relative to the file.
    #[serde(default)]
    schemas: Vec<PathBuf>,
    /// How far local times are from UTC.
    time_zone: Option<String>,
    /// The order of day and month.
    date_order: Option<String>,
    #[serde(default)]
    tables: BTreeMap<String, TableSection>,
}

/// What the project file says of a table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableSection {
    /// What exports call a column, and the column.
    #[serde(default)]
    renamed: BTreeMap<String, String>,
}

/// The environment of a command, and how times are read as far as the project file says.
pub(crate) struct Project {
    pub(crate) environment: Environment,
    pub(crate) times: LocalTimes,
}

/// Adds what the arguments and the project file name to the built-in tables.
pub(crate) fn load_project(
    builtin: Environment,
    args: &ProjectArgs,
) -> Result<Project, CommandError> {
    let mut project = Project { environment: builtin, times: LocalTimes::default() };
    let file = args.project.clone().or_else(nearest_project_file);
    if let Some(path) = &file {
        project.add_file(path)?;
    }
    for path in &args.schema {
        project.add_schema(path)?;
    }
    Ok(project)
}

impl Project {
    fn add_file(&mut self, path: &Path) -> Result<(), CommandError> {
        let wrong = |what: String| CommandError::user(format!("{}: {what}", path.display()));
        let text = read(path)?;
        let file: ProjectFile = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for schema in &file.schemas {
            self.add_schema(&folder.join(schema))?;
        }
        if let Some(zone) = &file.time_zone {
            self.times.offset = Some(offset(zone).map_err(wrong)?);
        }
        if let Some(order) = &file.date_order {
            self.times.date_order = Some(date_order(order).map_err(wrong)?);
        }
        for (table, section) in &file.tables {
            for (exported, column) in &section.renamed {
                if !self.environment.rename(table, exported, column) {
                    return Err(wrong(format!("no table `{table}` with a column `{column}`")));
                }
            }
        }
        Ok(())
    }

    fn add_schema(&mut self, path: &Path) -> Result<(), CommandError> {
        if path.is_dir() {
            return self.add_folder(path);
        }
        for table in load(path, &read(path)?)? {
            self.environment.add(table);
        }
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), CommandError> {
        let wrong =
            |path: &Path, what: String| CommandError::user(format!("{}: {what}", path.display()));
        for path in files(&folder.join("schemas"))? {
            let text = read(&path)?;
            if path.extension().is_some_and(|extension| extension == "json") {
                load(&path, &text)?.into_iter().for_each(|table| self.environment.add(table));
                continue;
            }
            let schema = tables::parse_schema(&stem(&path), &text)
                .map_err(|error| wrong(&path, error.to_string()))?;
            self.environment.add(tables::TableDefinition { schema, views: Vec::new() });
        }
        for views in files(&folder.join("views"))? {
            let table = stem(&views);
            for path in files(&views)? {
                if !self.environment.add_view(&table, &stem(&path), &read(&path)?) {
                    return Err(wrong(&path, format!("no table `{table}`")));
                }
            }
        }
        for path in files(&folder.join("functions"))? {
            self.environment.add_function(&stem(&path), &read(&path)?);
        }
        for path in files(&folder.join("shapes"))? {
            let shape = UserShape::parse(&read(&path)?);
            self.environment.add_shape(shape.map_err(|error| wrong(&path, error.to_string()))?);
        }
        Ok(())
    }
}

/// Returns the project file of the current folder or of the nearest one around it that has one.
fn nearest_project_file() -> Option<PathBuf> {
    let current = std::env::current_dir().ok()?;
    current.ancestors().map(|folder| folder.join(PROJECT_FILE)).find(|path| path.is_file())
}

/// Returns what a folder holds, by name; nothing if there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |error: io::Error| CommandError::user(format!("{}: {error}", folder.display()));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed));
    let mut paths = paths.collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| !stem(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<String, CommandError> {
    fs::read_to_string(path)
        .map_err(|error| CommandError::user(format!("{}: {error}", path.display())))
}

/// Reads the order of a date's numbers: `dmy`, `mdy`, `ymd`.
fn date_order(text: &str) -> Result<DateOrder, String> {
    match text {
        "dmy" => Ok(DateOrder::DayFirst),
        "mdy" => Ok(DateOrder::MonthFirst),
        "ymd" => Ok(DateOrder::YearFirst),
        _ => Err(format!("`{text}` is not an order of a date: expected `dmy`, `mdy` or `ymd`")),
    }
}

/// Reads a distance from UTC: `+02:00`, `-5`, `UTC`.
fn offset(text: &str) -> Result<Ticks, String> {
    let wrong = || format!("`{text}` is not an offset from UTC: expected `+02:00`, for example");
    if text.eq_ignore_ascii_case("utc") {
        return Ok(0);
    }
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return Err(wrong()),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let number = |text: &str| text.parse::<Ticks>().ok().filter(|number| (0..60).contains(number));
    let ticks =
        number(hours).filter(|hours| *hours <= 14).zip(number(minutes)).and_then(|(h, m)| {
            h.checked_mul(timespan::HOUR)?
                .checked_add(m.checked_mul(timespan::MINUTE)?)?
                .checked_mul(sign)
        });
    ticks.ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_from_utc() {
        let minutes = |minutes: Ticks| Ok(minutes * timespan::MINUTE);
        assert_eq!(offset("+02:00"), minutes(120));
        assert_eq!(offset("-05:30"), minutes(-330));
        assert_eq!(offset("+1"), minutes(60));
        assert_eq!(offset("UTC"), Ok(0));
        for text in ["2", "+25", "+1:75", "Berlin", ""] {
            assert!(offset(text).unwrap_err().contains("+02:00"), "{text}");
        }
    }
}
