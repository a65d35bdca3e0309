//! `table`: each attempt with its signals, its rules and what is to be switched on.

use std::{collections::BTreeSet, io};

use detection::validation::{
    AttemptOutcome, Remedy, SignalOutcome, SourceState, TestOutcome, ValidationReport,
};

use crate::{
    WriteError,
    grid::{Grid, GridCell, GridColumn, TableOptions},
    text::visible::Visible,
};

/// Writes what came of the tests; of those without an attempt it lists the names, or all that would have
/// shown one if `wants_unseen`.
///
/// # Errors
///
/// If the writer fails.
pub fn write(
    report: &ValidationReport,
    wants_unseen: bool,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    for outcome in &report.tests {
        if outcome.attempts.is_empty() && !wants_unseen {
            continue;
        }
        let test = &outcome.test;
        writeln!(out, "{}  {} ({})", shown(&test.id), shown(&test.name), shown(&test.technique))?;
        if outcome.attempts.is_empty() {
            writeln!(out, "no attempt is in these logs")?;
            signals(&outcome.unseen, options, out)?;
        }
        for (number, attempt) in (1_usize..).zip(&outcome.attempts) {
            if outcome.attempts.len() > 1 {
                write!(out, "attempt {number}: ")?;
            }
            write_attempt(attempt, options, out)?;
        }
        writeln!(out)?;
    }
    let unseen: Vec<&TestOutcome> =
        report.tests.iter().filter(|outcome| outcome.attempts.is_empty()).collect();
    if !unseen.is_empty() && !wants_unseen {
        let ids: Vec<String> = unseen.iter().map(|outcome| shown(&outcome.test.id)).collect();
        writeln!(out, "not run, as far as these logs tell: {}", ids.join(", "))?;
    }
    let good = report.attempted().filter(|outcome| outcome.is_good()).count();
    let attempted = report.attempted().count();
    writeln!(out, "{good} of {attempted} tests that were run left all that was expected")?;
    Ok(())
}

fn write_attempt(
    attempt: &AttemptOutcome,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    writeln!(out, "{}", shown(&super::headline(attempt)))?;
    signals(&attempt.signals, options, out)?;
    if !attempt.rules.is_empty() {
        let columns = ["rule", "at least", "fired", "after the first record"];
        let mut grid = Grid::new(columns.map(column).into(), options, &mut *out);
        for rule in &attempt.rules {
            let texts = [
                rule.rule.clone(),
                rule.expected.name().to_owned(),
                super::rule_state(rule),
                super::after(rule),
            ];
            grid.row(texts.into_iter().map(GridCell::plain))?;
        }
        grid.finish("rule")?;
    }
    if !attempt.others.is_empty() {
        let others = attempt.others.iter().map(|other| {
            format!("{} {} ({})", shown(&other.rule), other.severity.name(), other.count)
        });
        writeln!(out, "other alerts: {}", others.collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

/// Writes the signals, a line for each event, and how to switch on what is missing.
fn signals(
    signals: &[SignalOutcome],
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let columns = ["signal", "host", "event", "record, or what is missing"];
    let mut grid = Grid::new(columns.map(column).into(), options, &mut *out);
    let mut remedies: BTreeSet<&Remedy> = BTreeSet::new();
    for signal in signals {
        let host = super::host(signal);
        for source in &signal.sources {
            let Some(text) = super::source_text(&source.state, &host) else { continue };
            if let SourceState::Missing { remedy, .. } = &source.state {
                remedies.insert(remedy);
            }
            let texts = [signal.name.clone(), host.clone(), source.event.clone(), text];
            grid.row(texts.into_iter().map(GridCell::plain))?;
        }
    }
    grid.finish("line")?;
    let commands = remedies.iter().filter_map(|remedy| Some((remedy, remedy.command.as_ref()?)));
    for (remedy, command) in commands {
        writeln!(out, "to switch on {}:\n    {}", shown(&remedy.enable), shown(command))?;
    }
    Ok(())
}

fn column(name: &str) -> GridColumn {
    let is_cuttable = matches!(name, "record, or what is missing" | "fired");
    GridColumn { name: name.to_owned(), is_right_aligned: false, is_cuttable }
}

/// Returns text as a terminal may show it: names come from files and logs.
fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    Visible::new(text, LONGEST).cut(LONGEST)
}
