//! `timeline`: a rule's picture in a few lines of characters.

use std::io;

use detection::simulate::Mode;
use kql_types::{Ticks, timespan};

use super::{EventMark, ModeTimeline, RuleTimeline, RunMark, Timeline, time};
use crate::{TableOptions, simulation::summary::visible};

/// Columns of the names of lanes.
const LABEL: usize = 11;
/// Columns of a picture where the terminal does not say.
const WIDTH: usize = 100;
/// Columns of the narrowest picture.
const MIN_WIDTH: usize = 40;

/// Writes all rules that have something to show, then how to read it.
pub(super) fn write(
    timeline: &Timeline,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let columns = options.width.unwrap_or(WIDTH).clamp(MIN_WIDTH, 400).saturating_sub(LABEL);
    for rule in timeline.shown() {
        if let Some(span) = rule.span() {
            Strip { rule, span, columns }.write(out)?;
        }
    }
    let mut heading = "no run has any row, of the rules:\n";
    for rule in timeline.quiet() {
        let runs = rule.modes.values().map(ModeTimeline::count_of_runs).max().unwrap_or(0);
        let noun = if runs == 1 { "run " } else { "runs" };
        writeln!(out, "{heading}{runs:>8} {noun}  {}", visible(&rule.name))?;
        heading = "";
    }
    if timeline.shown().next().is_some() {
        out.write_all(LEGEND.as_bytes())?;
    }
    Ok(())
}

const LEGEND: &str = "\
events    ▁ to █  how many distinct times records have that the rule looks at
window    ─ in the window of one run, ═ of several, blank of none
runs      · without rows, o with rows, s suppressed, x otherwise not done
alerts    how many were raised, + for ten and more; repeated: cite only what earlier alerts cited
missed    × cited by an alert in strict mode and by none in exact mode
";

/// The picture of a rule.
struct Strip<'a> {
    rule: &'a RuleTimeline,
    span: (Ticks, Ticks),
    columns: usize,
}

impl Strip<'_> {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let Self { rule, span: (from, to), columns } = *self;
        let (every, period) = (timespan::format(rule.frequency), timespan::format(rule.period));
        writeln!(out, "{}, every {every} over {period}", visible(&rule.name))?;
        let (from, to) = (time(from), time(to));
        let gap = columns.saturating_sub(from.len()).max(to.len().saturating_add(1));
        writeln!(out, "{:LABEL$}{from}{to:>gap$}", "")?;
        let times = self.sums(rule.events.iter().map(|it| (it.first, it.times)));
        write_lane("events", &levels(&times), out)?;
        for (mode, of_mode) in &rule.modes {
            writeln!(out, "{}", mode.name())?;
            self.write_mode(of_mode, out)?;
            if *mode == Mode::Exact {
                self.write_missed(out)?;
            }
        }
        writeln!(out)
    }

    fn write_mode(&self, of_mode: &ModeTimeline, out: &mut dyn io::Write) -> io::Result<()> {
        let runs = || of_mode.runs.iter();
        write_lane("  window", &self.windows(of_mode), out)?;
        write_lane("  runs", &self.runs(of_mode), out)?;
        for (label, counted) in [
            ("  alerts", self.sums(runs().map(|run| (run.first, long(run.alerts))))),
            ("  repeated", self.sums(runs().map(|run| (run.first, long(run.repeated))))),
            ("  incidents", self.sums(of_mode.incidents.iter().map(|it| (it.created, 1)))),
        ] {
            if counted.iter().any(|count| *count > 0) {
                write_lane(label, &digits(&counted), out)?;
            }
        }
        Ok(())
    }

    /// Writes the events that only strict mode finds, if there are any.
    fn write_missed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let is_missed = |it: &&EventMark| it.cited(Mode::Strict) > 0 && it.cited(Mode::Exact) == 0;
        let missed = self.rule.events.iter().filter(is_missed).map(|it| (it.first, 1));
        let missed = self.sums(missed);
        if missed.iter().all(|count| *count == 0) {
            return Ok(());
        }
        let lane: String = missed.iter().map(|it| if *it > 0 { '×' } else { ' ' }).collect();
        write_lane("  missed", &lane, out)
    }

    /// Returns how often each part of the span is in the window of a run.
    fn windows(&self, of_mode: &ModeTimeline) -> String {
        let overlap = self.rule.period > self.rule.frequency;
        let seen = |at: Ticks| -> u64 {
            let runs = of_mode.runs.iter().filter(|run| all_are_ok(run));
            let runs = runs.filter(|run| run.window.0 < at && at <= run.window.1);
            runs.map(|run| if overlap { run.runs } else { 1 }).sum()
        };
        let char = |seen| match seen {
            0 => ' ',
            1 => '─',
            _ => '═',
        };
        (0..self.columns).map(|column| char(seen(self.middle(column)))).collect()
    }

    fn runs(&self, of_mode: &ModeTimeline) -> String {
        let mut lane = vec![' '; self.columns];
        // What is worth more attention covers what is worth less.
        let worth = |char: char| match char {
            ' ' => 0,
            '·' => 1,
            's' => 2,
            'x' => 3,
            _ => 4,
        };
        for run in of_mode.runs.iter() {
            let char = match run.not_ok.keys().next() {
                _ if run.rows > 0 => 'o',
                None => '·',
                Some(&"suppressed") => 's',
                Some(_) => 'x',
            };
            if let Some(there) = lane.get_mut(self.column(run.first))
                && worth(char) > worth(*there)
            {
                *there = char;
            }
        }
        lane.into_iter().collect()
    }

    /// Returns the sum of what falls into each column.
    fn sums(&self, counted: impl Iterator<Item = (Ticks, u64)>) -> Vec<u64> {
        let mut sums = vec![0u64; self.columns];
        for (time, count) in counted {
            if let Some(sum) = sums.get_mut(self.column(time)) {
                *sum = sum.saturating_add(count);
            }
        }
        sums
    }

    /// Returns the column of a time.
    fn column(&self, time: Ticks) -> usize {
        let (from, to) = self.span;
        let last = self.columns.saturating_sub(1);
        let length = i128::from(to.saturating_sub(from)).max(1);
        let past = i128::from(time.saturating_sub(from)).clamp(0, length);
        let columns = i128::try_from(last).unwrap_or(i128::MAX);
        let column = past.saturating_mul(columns).checked_div(length).unwrap_or(0);
        usize::try_from(column).unwrap_or(last)
    }

    /// Returns a time in the middle of a column.
    fn middle(&self, column: usize) -> Ticks {
        let (from, to) = self.span;
        let length = i128::from(to.saturating_sub(from));
        let halves = i128::try_from(column.saturating_mul(2).saturating_add(1)).unwrap_or(0);
        let all = i128::try_from(self.columns.saturating_sub(1).max(1).saturating_mul(2));
        let past = length.saturating_mul(halves).checked_div(all.unwrap_or(1)).unwrap_or(0);
        from.saturating_add(i64::try_from(past).unwrap_or(0))
    }
}

fn write_lane(label: &str, lane: &str, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{}", format!("{label:LABEL$}{lane}").trim_end())
}

fn all_are_ok(run: &RunMark) -> bool {
    run.not_ok.values().sum::<u64>() < run.runs
}

fn long(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Returns bars as high as what is counted.
fn levels(counted: &[u64]) -> String {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counted.iter().copied().max().unwrap_or(0).max(1);
    let level = |count: u64| {
        let place = count.saturating_sub(1).saturating_mul(8).checked_div(most).unwrap_or(0);
        usize::try_from(place).ok().and_then(|place| LEVELS.get(place)).copied().unwrap_or('█')
    };
    counted.iter().map(|count| if *count == 0 { ' ' } else { level(*count) }).collect()
}

/// Returns counts as digits.
fn digits(counted: &[u64]) -> String {
    let digit = |count: u64| match u32::try_from(count).ok().and_then(|it| char::from_digit(it, 10))
    {
        Some('0') => ' ',
        Some(digit) => digit,
        None => '+',
    };
    counted.iter().map(|count| digit(*count)).collect()
}
