//! `table`: for people, what became of each rule.

use std::{collections::BTreeMap, io};

use detection::simulate::{Mode, SimulatedAlert, SimulatedRun, Told};
use kql_types::{Ticks, datetime};
use sentinel::{Assumptions, DropReason, Entity, Rule, RunStatus};

use super::late::Late;
use crate::{
    TableOptions, WriteError,
    grid::{Grid, GridCell, GridColumn},
    text::visible::Visible,
};

/// The columns of the table; all but the first two are numbers.
pub(super) const COLUMNS: [&str; 10] = [
    "rule",
    "mode",
    "runs",
    "rows",
    "alerts",
    "repeated",
    "cut",
    "dropped",
    "suppressed",
    "incidents",
];

/// Suppressed spans that are written for a rule.
const MAX_SPANS: usize = 5;
/// Columns of a terminal that a text from a rule or a log may take.
const MAX_WIDTH: usize = 100;

/// What became of each rule, so far.
#[derive(Debug, Default)]
pub struct Summary {
    /// The places of rules by their ids, in the order in which they were told of.
    places: BTreeMap<String, usize>,
    rules: BTreeMap<(usize, Mode), RuleSummary>,
    late: Vec<Late>,
}

/// What became of a rule in a mode.
#[derive(Debug, Default)]
struct RuleSummary {
    name: String,
    runs: usize,
    rows: u64,
    alerts: usize,
    repeated: usize,
    /// Rows that have no alert of their own though the rule raises one for each.
    cut: usize,
    dropped: usize,
    incidents: usize,
    suppressed_runs: usize,
    /// For each reason how many entities were dropped, and the first of them.
    reasons: BTreeMap<DropReason, (usize, Option<Entity>)>,
    /// The first and the last run of each time that the rule was suppressed.
    suppressed: Vec<(Ticks, Ticks)>,
    is_suppressed: bool,
    failed_runs: usize,
    skipped_runs: usize,
    /// Why the first run failed that did.
    failure: Option<String>,
    /// When Sentinel disabled the rule.
    disabled: Option<Ticks>,
}

impl Summary {
    /// Takes note of what happens.
    pub fn add(&mut self, told: &Told<'_>) {
        match told {
            Told::Rule(_) => {}
            Told::Run(run) => self.of(run.mode, run.rule).add_run(run),
            Told::Alert(alert) => self.of(alert.mode, alert.rule).add_alert(alert),
            Told::Late(late) => self.late.push(Late::of(late)),
            Told::Incident(incident) => {
                count(&mut self.of(incident.mode, incident.rule).incidents, 1);
            }
        }
    }

    /// Returns how many alerts there were.
    pub fn alerts(&self) -> usize {
        self.rules.values().map(|rule| rule.alerts).sum()
    }

    /// Writes the table and what there is to say beside.
    ///
    /// # Errors
    ///
    /// Fails if `out` does.
    pub fn write(
        &self,
        assumptions: &Assumptions,
        options: TableOptions,
        out: &mut dyn io::Write,
    ) -> Result<(), WriteError> {
        let columns = GridColumn::numbers_behind(2, &COLUMNS);
        let mut grid = Grid::new(columns, options, &mut *out);
        for cells in self.lines() {
            grid.row(cells.into_iter().map(GridCell::plain))?;
        }
        grid.finish("line")?;
        let mut heading = "\nno run has any row, of the rules:\n";
        let quiet: BTreeMap<usize, &RuleSummary> =
            self.rules.iter().map(|((place, _), rule)| (*place, rule)).collect();
        for (_, rule) in quiet.into_iter().filter(|(place, _)| self.is_quiet(*place)) {
            let noun = if rule.runs == 1 { "run " } else { "runs" };
            writeln!(out, "{heading}{:>8} {noun}  {}", rule.runs, visible(&rule.name))?;
            heading = "";
        }
        self.write_dropped(out)?;
        self.write_suppressed(out)?;
        self.write_failed(out)?;
        for late in &self.late {
            late.write(out)?;
        }
        write_assumptions(assumptions, out)?;
        Ok(())
    }

    /// Yields the cells of each rule and mode of which there is something to say.
    pub(super) fn lines(&self) -> impl Iterator<Item = [String; COLUMNS.len()]> {
        let told = self.rules.iter().filter(|((place, _), _)| !self.is_quiet(*place));
        told.map(|((_, mode), rule)| rule.cells(*mode))
    }

    /// Yields for each rule and reason how many entities were dropped, the rule, the reason and the
    /// first of them.
    pub(super) fn dropped(&self) -> impl Iterator<Item = (usize, &str, DropReason, String)> {
        self.rules.values().flat_map(|rule| {
            let line = |(reason, (times, first)): (&DropReason, &(usize, Option<Entity>))| {
                let first = first.as_ref().map(shown).unwrap_or_default();
                (*times, rule.name.as_str(), *reason, first)
            };
            rule.reasons.iter().map(line)
        })
    }

    fn is_quiet(&self, place: usize) -> bool {
        let mut modes = self.rules.range((place, Mode::Exact)..=(place, Mode::Strict));
        modes.all(|(_, rule)| rule.is_quiet())
    }

    fn write_dropped(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut heading = "\nentities dropped, with the first of each:\n";
        for (times, name, reason, first) in self.dropped() {
            writeln!(out, "{heading}{times:>8}  {}: {reason}: {first}", visible(name))?;
            heading = "";
        }
        Ok(())
    }

    fn write_suppressed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut heading = "\nsuppressed, from the first to the last run that did not happen:\n";
        for rule in self.rules.values() {
            for (first, last) in rule.suppressed.iter().take(MAX_SPANS) {
                let (first, last) = (datetime::format_json(*first), datetime::format_json(*last));
                writeln!(out, "{heading}  {first} to {last}  {}", visible(&rule.name))?;
                heading = "";
            }
            let more = rule.suppressed.len().saturating_sub(MAX_SPANS);
            if more > 0 {
                writeln!(out, "  {more} more  {}", visible(&rule.name))?;
            }
        }
        Ok(())
    }

    fn write_failed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut heading = "\nruns that failed, and slots that passed without a run:\n";
        for ((_, mode), rule) in &self.rules {
            let RuleSummary { failed_runs, skipped_runs, failure, disabled, .. } = rule;
            if *failed_runs == 0 && *skipped_runs == 0 {
                continue;
            }
            let (name, mode) = (visible(&rule.name), mode.name());
            let why =
                failure.as_deref().map_or_else(String::new, |why| format!(": {}", visible(why)));
            write!(
                out,
                "{heading}{failed_runs:>8} failed, {skipped_runs} skipped  {name} ({mode}){why}"
            )?;
            if let Some(time) = disabled {
                write!(out, "; disabled at {}", datetime::format_json(*time))?;
            }
            writeln!(out)?;
            heading = "";
        }
        Ok(())
    }

    fn of(&mut self, mode: Mode, rule: &Rule) -> &mut RuleSummary {
        let next = self.places.len();
        let place = *self.places.entry(rule.id.clone()).or_insert(next);
        let new = || RuleSummary { name: rule.name.clone(), ..RuleSummary::default() };
        self.rules.entry((place, mode)).or_insert_with(new)
    }
}

impl RuleSummary {
    fn add_run(&mut self, run: &SimulatedRun<'_>) {
        count(&mut self.runs, 1);
        self.rows = self.rows.saturating_add(run.rows);
        count(&mut self.alerts, run.raised.alerts.len());
        count(&mut self.repeated, run.repeated);
        count(&mut self.cut, run.raised.rows_cut);
        count(&mut self.failed_runs, usize::from(run.status == RunStatus::Failed));
        count(&mut self.skipped_runs, usize::from(run.status == RunStatus::Skipped));
        for attempt in run.attempts {
            let reason = attempt.failure.as_ref().map(|failure| failure.reason.clone());
            self.failure = self.failure.take().or(reason);
            self.disabled = self.disabled.or(attempt.disables_rule.then_some(attempt.time));
        }
        let was_suppressed = self.is_suppressed;
        self.is_suppressed = run.status == RunStatus::Suppressed;
        if !self.is_suppressed {
            return;
        }
        count(&mut self.suppressed_runs, 1);
        match self.suppressed.last_mut() {
            Some(span) if was_suppressed => span.1 = run.scheduled,
            _ => self.suppressed.push((run.scheduled, run.scheduled)),
        }
    }

    fn add_alert(&mut self, alert: &SimulatedAlert<'_>) {
        count(&mut self.dropped, alert.alert.dropped.len());
        for dropped in &alert.alert.dropped {
            let (times, first) = self.reasons.entry(dropped.reason).or_default();
            count(times, 1);
            first.get_or_insert_with(|| dropped.entity.clone());
        }
    }

    /// Tells whether there is nothing to say of the rule but that it ran.
    fn is_quiet(&self) -> bool {
        let is_whole = self.suppressed_runs == 0 && self.failed_runs == 0 && self.skipped_runs == 0;
        self.rows == 0 && self.alerts == 0 && is_whole
    }

    fn cells(&self, mode: Mode) -> [String; COLUMNS.len()] {
        [
            self.name.clone(),
            mode.name().to_owned(),
            self.runs.to_string(),
            self.rows.to_string(),
            self.alerts.to_string(),
            self.repeated.to_string(),
            self.cut.to_string(),
            self.dropped.to_string(),
            self.suppressed_runs.to_string(),
            self.incidents.to_string(),
        ]
    }
}

/// Writes what is assumed.
pub(super) fn write_assumptions(
    assumptions: &Assumptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(out, "\nassumed where the documentation is silent:")?;
    for assumption in assumptions.list() {
        let choice = format!("{}={}", assumption.name, assumption.value);
        writeln!(out, "  {choice:<32}  {}", assumption.about)?;
    }
    Ok(())
}

fn count(sum: &mut usize, more: usize) {
    *sum = sum.saturating_add(more);
}

/// Returns an entity in a line: `Account Name=Administrator NTDomain=CORP`.
pub(super) fn shown(entity: &Entity) -> String {
    let identifiers = entity.identifiers.iter().map(|(name, value)| format!(" {name}={value}"));
    visible(&format!("{}{}", entity.kind, identifiers.collect::<String>()))
}

pub(super) fn visible(text: &str) -> String {
    Visible::new(text, MAX_WIDTH.saturating_add(1)).cut(MAX_WIDTH)
}
