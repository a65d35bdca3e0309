//! What one hunt keeps for the next: the history that rules of first times compare with.
//!
//! The package's `baseline.kql` says which rows those are. They go to `history.jsonl` in the form of
//! an export, and the next hunt reads it as one more input, so that rules see them as they see any
//! history. What they raise from it again was told before: `raised.txt` says what was.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use detection::{Found, Package, alert::Alert};
use engine::{CompiledQuery, Environment, Run};
use kql_types::{Ticks, datetime};
use report::{Format, Options};

use crate::{error::CommandError, ui::Ui, whole::Folder};

/// Alerts are remembered for as long as the rule that looks back furthest may see their records.
const REMEMBERED: Ticks = 15 * 864_000_000_000;

/// The rows that rules of first times compare with.
const HISTORY: &str = "history.jsonl";
/// What was raised.
const RAISED: &str = "raised.txt";

/// A folder that is kept between hunts, and that no other hunt uses meanwhile.
pub(crate) struct Baseline {
    folder: Folder,
    history: PathBuf,
    raised: BTreeSet<String>,
    query: CompiledQuery,
}

impl Baseline {
    /// Prepares to keep what the package says.
    pub(crate) fn open(
        folder: &Path,
        package: &Package,
        environment: &Environment,
        ui: &Ui,
    ) -> Result<Self, CommandError> {
        let text = package.baseline.as_deref().ok_or_else(|| {
            CommandError::user(format!("package `{}` has no `baseline.kql`", package.id))
        })?;
        let query = engine::compile(text, environment, false).map_err(|diagnostics| {
            ui.diagnostics("baseline.kql", text, &diagnostics);
            CommandError::reported()
        })?;
        let name = folder.display();
        let folder = Folder::open(folder, || {
            ui.note(&format!("{name}: another hunt uses it, waiting for its end"));
        })?;
        let (history, raised) = (folder.file(HISTORY), folder.file(RAISED));
        let raised = match fs::read_to_string(&raised) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => {
                return Err(CommandError::user(format!("{}: {error}", raised.display())));
            }
        };
        Ok(Self { folder, history, raised, query })
    }

    /// Returns the query to run beside the rules.
    pub(crate) fn query(&self) -> &CompiledQuery {
        &self.query
    }

    /// Adds the history to the paths to read, if an earlier hunt has written it.
    pub(crate) fn add_to(&self, paths: &mut Vec<PathBuf>, ui: &Ui) {
        // A hunt that met nothing to keep leaves an empty one.
        if fs::metadata(&self.history).is_ok_and(|history| history.len() > 0) {
            paths.push(self.history.clone());
        } else {
            ui.note(&format!("{}: no history yet, begins with this", self.history.display()));
        }
    }

    /// Takes out alerts that rest on the history as well and that an earlier hunt has raised, and
    /// remembers the others.
    pub(crate) fn drop_known(&mut self, found: &mut Found<'_>) {
        let history = engine::path_text(&self.history);
        let raised = &self.raised;
        found.alerts.retain(|alert| {
            let is_old = alert.evidence.iter().any(|record| record.origin.file == history);
            !(is_old && raised.contains(&line(alert)))
        });
        self.raised.extend(found.alerts.iter().map(line));
    }

    /// Writes the folder's files anew: both or neither, whenever this ends.
    pub(crate) fn write(&self, run: &Run<'_>, query: usize) -> Result<(), CommandError> {
        let mut files = self.folder.replace();
        files.write(HISTORY, |out| write_rows(run, query, out))?;
        let since = datetime::format_json(run.now().saturating_sub(REMEMBERED).max(0)).to_string();
        files.write(RAISED, |out| {
            for line in self.raised.iter().filter(|line| line.as_str() >= since.as_str()) {
                writeln!(out, "{line}")?;
            }
            Ok(())
        })?;
        files.finish()
    }
}

/// What tells an alert from others, however much of its evidence is kept; its time comes first.
fn line(alert: &Alert) -> String {
    let time = alert.time.map_or_else(String::new, |t| datetime::format_json(t).to_string());
    let mut parts = vec![time, alert.rule.id.clone(), alert.severity.name().to_owned()];
    let identifiers = alert.entities.iter().flat_map(|entity| &entity.identifiers);
    // Values come from logs; one line has to stay one.
    parts.extend(identifiers.map(|(name, value)| format!("{name}={value:?}")));
    parts.join(" ")
}

fn write_rows(run: &Run<'_>, query: usize, out: &mut dyn Write) -> Result<(), CommandError> {
    for rows in run.rows(query)? {
        let columns = rows.columns().to_vec();
        let mut writer = report::begin(Format::Jsonl, &columns, &Options::default(), &mut *out)?;
        for batch in rows {
            writer.batch(&batch?)?;
        }
        writer.finish()?;
    }
    Ok(())
}
