//! Exceptions on the command line: which are in force, and what they set aside.

use std::{collections::BTreeMap, path::PathBuf};

use detection::{
    Package,
    alert::Alert,
    tuning::{Entry, Suppressed, Tuning, WatchlistKind},
};
use kql_types::{Ticks, Value, datetime};

use crate::{error::CommandError, ui::Ui};

const TICKS_PER_DAY: Ticks = 864_000_000_000;

/// Returns the package's exceptions and those of the files, as they are in force now.
pub(crate) fn load(
    package: &Package,
    files: &[PathBuf],
    now: Ticks,
) -> Result<Tuning, CommandError> {
    let mut entries = package.exceptions.clone();
    for file in files {
        let own = Entry::load_list(file, WatchlistKind::Site).map_err(CommandError::user)?;
        entries.extend(own);
    }
    let today = now.saturating_sub(datetime::UNIX_EPOCH).div_euclid(TICKS_PER_DAY);
    Ok(Tuning::new(entries, today))
}

/// Warns of entries that no longer apply.
pub(crate) fn warn_of_expired(ui: &Ui, tuning: &Tuning) {
    for entry in tuning.expired() {
        let (id, owner) = (&entry.id, &entry.owner);
        ui.warning(&format!("exception `{id}` of {owner} has expired and does not apply"));
    }
}

/// Says how many alerts were set aside, and by which entries.
pub(crate) fn tell_suppressed(ui: &Ui, suppressed: &[Suppressed], tuning: &Tuning) {
    let mut by_entry: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    for found in suppressed {
        by_entry.entry(&found.entry).or_default().push(&found.alert);
    }
    for (id, alerts) in by_entry {
        let (owner, reason) = owner_and_reason(tuning, id);
        let count = alerts.len();
        ui.note(&format!("exception `{id}` ({owner}: {reason}) set aside {count} alerts:"));
        for alert in alerts.iter().take(3) {
            ui.note(&format!("    {}", in_short(alert)));
        }
    }
}

/// Returns what was set aside as a report shows it, with the entry and its owner's reason.
pub(crate) fn reported(
    suppressed: &[Suppressed],
    tuning: &Tuning,
) -> Vec<report::findings::Suppressed> {
    let told = |found: &Suppressed| {
        let (owner, reason) = owner_and_reason(tuning, &found.entry);
        report::findings::Suppressed {
            alert: found.alert.clone(),
            reason: format!("{} ({owner}: {reason})", found.entry),
        }
    };
    suppressed.iter().map(told).collect()
}

fn owner_and_reason<'a>(tuning: &'a Tuning, id: &str) -> (&'a str, &'a str) {
    let entry = tuning.entries().iter().find(|entry| entry.id == id);
    entry.map_or(("", ""), |entry| (&entry.owner, &entry.reason))
}

/// Returns an alert in one line.
pub(crate) fn in_short(alert: &Alert) -> String {
    let reason = alert.column("Reason");
    let reason = reason.map_or_else(|| alert.rule.name.clone(), Value::to_text);
    let time = alert.time.map(|time| datetime::format(time).to_string()).unwrap_or_default();
    format!("{time} {}: {reason}", alert.severity)
}
