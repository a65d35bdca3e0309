//! Which changes hide which attacks of a package's tests: for people, and as a page of the package.

use std::{collections::BTreeMap, io};

use detection::testing::EvasionReport;

use crate::{
    WriteError,
    grid::{Grid, GridCell, GridColumn, TableOptions},
    text::visible::Visible,
};

/// Writes a line for each kind of change, what is missed without a reason, and reasons that none needs.
///
/// # Errors
///
/// If the writer fails.
pub fn write_table(
    report: &EvasionReport,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let columns = [("change", false), ("attacks", true), ("missed", true)];
    let columns = columns.map(|(name, is_right_aligned)| GridColumn {
        name: name.to_owned(),
        is_right_aligned,
        is_cuttable: false,
    });
    let mut grid = Grid::new(columns.into(), options, &mut *out);
    for kind in &report.kinds {
        let texts = [kind.name.to_owned(), kind.tried.to_string(), kind.missed.to_string()];
        grid.row(texts.into_iter().map(GridCell::plain))?;
    }
    grid.finish("change")?;
    for case in &report.broken {
        writeln!(out, "BROKEN {}: is not found as it is told", shown(case))?;
    }
    for miss in report.misses.iter().filter(|miss| miss.why.is_none()) {
        let (kind, case) = (shown(&miss.kind), shown(&miss.case));
        writeln!(out, "MISSED {kind}: {case}: no alert of {} or more", miss.level)?;
    }
    for stale in &report.stale {
        writeln!(out, "STALE {}: has a reason and is found", shown(stale))?;
    }
    let tried: usize = report.kinds.iter().map(|kind| kind.tried).sum();
    let unexplained = report.misses.iter().filter(|miss| miss.why.is_none()).count();
    writeln!(
        out,
        "{} attacks told in {tried} other ways: {} are missed, {unexplained} of them without a reason",
        report.attacks,
        report.misses.len()
    )?;
    Ok(())
}

/// Writes the page: what changes, and for each reason what it is about.
///
/// # Errors
///
/// If the writer fails.
pub fn write_page(
    report: &EvasionReport,
    package: &str,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let tried: usize = report.kinds.iter().map(|kind| kind.tried).sum();
    writeln!(out, "# What hides an attack\n")?;
    writeln!(
        out,
        "Each of the {} attacks of the tests and samples of `{package}` was told again in each of {} ways that leave it the \
         same attack, and hunted. {tried} attempts came of it, of which {} are missed: no alert is as severe as \
         the attack's own, medium being enough. `evasions.yaml` has the reason of each; a miss without a reason fails the \
         tests, and so does a reason without a miss. Written by `quarry test --evade --page`.\n",
        report.attacks,
        report.kinds.len(),
        report.misses.len()
    )?;
    writeln!(out, "| change | what changes | attacks | missed |\n|---|---|--:|--:|")?;
    for kind in &report.kinds {
        let (name, what) = (kind.name, kind.what);
        writeln!(out, "| {name} | {what} | {} | {} |", kind.tried, kind.missed)?;
    }
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for miss in &report.misses {
        let why = miss.why.as_deref().unwrap_or("(no reason)");
        let line = format!("{}: {}", miss.kind, miss.case);
        by_reason.entry(why).or_default().push(line);
    }
    writeln!(out, "\n## What is missed, and why")?;
    for (why, misses) in by_reason {
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(out, "\n{why}\n")?;
        for miss in misses {
            writeln!(out, "- {}", miss.replace('|', "\\|"))?;
        }
    }
    Ok(())
}

/// Returns text as a terminal may show it: names come from files.
fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    Visible::new(text, LONGEST).cut(LONGEST)
}
