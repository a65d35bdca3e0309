//! `table`: one line per alert for a person at a terminal, then how many there were of what.

use std::{collections::BTreeMap, io};

use anstyle::{AnsiColor, Effects, Style};
use detection::alert::{Alert, Severity};
use kql_types::datetime;

use super::{AlertWriter, summary};
use crate::{
    TableOptions, WriteError,
    grid::{Grid, GridCell, GridColumn},
    visible::Visible,
};

/// Columns of the table and whether their cells may be cut.
const COLUMNS: [(&str, bool); 7] = [
    ("time", false),
    ("severity", false),
    ("rule", true),
    ("host", true),
    ("account", true),
    ("activity", true),
    ("evidence", true),
];

/// Longest rule name in the summary.
const MAX_RULE_WIDTH: usize = 100;

/// Writes aligned alerts.
pub(super) struct TableAlertWriter<W> {
    grid: Grid<W>,
    severities: BTreeMap<Severity, u64>,
    /// Alerts of each rule by severity and name; a rule may raise several severities.
    rules: BTreeMap<(std::cmp::Reverse<Severity>, String), u64>,
}

impl<W: io::Write> TableAlertWriter<W> {
    pub(super) fn new(options: TableOptions, out: W) -> Self {
        let columns = COLUMNS.map(|(name, is_cuttable)| GridColumn {
            name: name.to_owned(),
            is_right_aligned: false,
            is_cuttable,
        });
        Self {
            grid: Grid::new(columns.into(), options, out),
            severities: BTreeMap::new(),
            rules: BTreeMap::new(),
        }
    }

    fn count(&mut self, alert: &Alert) {
        let of_severity = self.severities.entry(alert.severity).or_default();
        *of_severity = of_severity.saturating_add(1);
        let rule = (std::cmp::Reverse(alert.severity), alert.rule.name.clone());
        let of_rule = self.rules.entry(rule).or_default();
        *of_rule = of_rule.saturating_add(1);
    }
}

impl<W: io::Write> AlertWriter for TableAlertWriter<W> {
    fn alert(&mut self, alert: &Alert) -> Result<(), WriteError> {
        self.count(alert);
        let time = alert.time.map(|ticks| datetime::format_json(ticks).to_string());
        let cells = [
            GridCell::plain(time.unwrap_or_default()),
            GridCell { text: alert.severity.name().into(), style: style(alert.severity) },
            GridCell::plain(alert.rule.name.as_str()),
            GridCell::plain(summary::host(alert)),
            GridCell::plain(summary::account(alert)),
            GridCell::plain(summary::activity(alert)),
            GridCell::plain(summary::evidence(alert)),
        ];
        Ok(self.grid.row(cells.into_iter())?)
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let mut out = self.grid.finish("alert")?;
        if self.rules.is_empty() {
            return Ok(());
        }
        let by_severity: Vec<String> = self
            .severities
            .iter()
            .rev()
            .map(|(severity, count)| format!("{count} {}", severity.name().to_lowercase()))
            .collect();
        writeln!(out, "\n{}", by_severity.join(", "))?;
        for ((severity, rule), count) in &self.rules {
            let rule = Visible::new(rule, MAX_RULE_WIDTH).cut(MAX_RULE_WIDTH);
            writeln!(out, "{count:>6}  {:<13}  {rule}", severity.0.name())?;
        }
        Ok(out.flush()?)
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::High => AnsiColor::Red.on_default() | Effects::BOLD,
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Informational => Style::new() | Effects::DIMMED,
    }
}
