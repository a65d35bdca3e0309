//! What a look found, written as one change of the state: alerts that were not known, the incidents they
//! become, the account of the runs, and what is to be delivered.

use detection::{alert::Alert, tuning::Suppressed};
use kql_types::Ticks;
use sentinel::{
    Attempt, Failure, FailureKind, Raised,
    table::{RunHealth, json_line, security_alert, sentinel_health},
};
use state::sqlite::{Result, Transaction, params};

use crate::{
    book::{RunEntry, write_run},
    deliveries::{ToLake, deliver},
    incidents::{self, Joined},
    intervals::Intervals,
    look::{Failed, Found},
    pending::write_runs,
    rules::Ready,
    sink::alert::AlertBody,
};

/// Lasting failures of the same kind in a row after which a rule no longer runs, as in Sentinel.
const MOST_FAILURES: u32 = 10;

/// A look, and what is known of its rules.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    /// The rules, each with the first and the last of its runs that were due, whether they were late, and what is
    /// still pending after them.
    pub(crate) rules: Vec<LookedAt<'a>>,
    pub(crate) found: &'a Found,
    pub(crate) started: Ticks,
    pub(crate) ended: Ticks,
    /// The sinks that take alerts.
    pub(crate) sinks: &'a [String],
}

/// A rule of a look.
#[derive(Debug)]
pub(crate) struct LookedAt<'a> {
    pub(crate) rule: &'a Ready,
    pub(crate) first: Ticks,
    pub(crate) last: Ticks,
    pub(crate) is_late: bool,
    pub(crate) left: Intervals,
}

/// What was new in a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct New {
    pub(crate) alerts: usize,
    pub(crate) suppressed: usize,
    pub(crate) failed: usize,
}

impl Writing<'_> {
    /// Writes all of it.
    pub(crate) fn write(&self, change: &Transaction<'_>) -> Result<New> {
        let mut new = New::default();
        let mut to_lake = ToLake::default();
        for (place, looked_at) in self.rules.iter().enumerate() {
            if let Some(failed) = self.found.failed.get(&place) {
                self.write_failure(change, looked_at, failed, &mut to_lake)?;
                new.failed = new.failed.saturating_add(1);
                continue;
            }
            let of_rule = self.write_rule(change, place, looked_at, &mut to_lake)?;
            new.alerts = new.alerts.saturating_add(of_rule.alerts);
            new.suppressed = new.suppressed.saturating_add(of_rule.suppressed);
        }
        to_lake.write(change, self.ended)?;
        Ok(new)
    }

    fn took_ms(&self, place: usize) -> u64 {
        let took = self.found.took.get(place).copied().unwrap_or_default();
        u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
    }

    fn write_rule(
        &self,
        change: &Transaction<'_>,
        place: usize,
        looked_at: &LookedAt<'_>,
        to_lake: &mut ToLake,
    ) -> Result<New> {
        let LookedAt { rule, first, last, is_late, left } = looked_at;
        let of_rule = |alert: &&Alert| alert.rule.id == rule.id();
        let mut raised = Raised::default();
        for alert in self.found.alerts.iter().filter(of_rule) {
            let scheduled = alert.time.map_or(*last, |time| rule.run_from(time).min(*last));
            // Every rule here is one that Sentinel or Defender runs.
            let as_sentinel = detection::as_sentinel(&rule.packaged, alert, scheduled, self.ended);
            let Some(as_sentinel) = as_sentinel else { continue };
            if !insert_alert(change, alert, &as_sentinel.name, self.ended, None)? {
                continue;
            }
            let mut row = String::new();
            json_line(&security_alert(&rule.analytics, &as_sentinel), &mut row);
            to_lake.alerts.push_str(&row);
            let mut body = String::new();
            report::alert_object(alert, &mut body);
            let body = AlertBody::written(&body, &row);
            for sink in self.sinks {
                deliver(change, sink, &alert.id, &body, self.ended)?;
            }
            raised.alerts.push(as_sentinel);
        }
        let mut suppressed = 0_usize;
        let is_of_rule = |found: &&Suppressed| found.alert.rule.id == rule.id();
        for found in self.found.suppressed.iter().filter(is_of_rule) {
            let title = &rule.analytics.name;
            if insert_alert(change, &found.alert, title, self.ended, Some(&found.entry))? {
                suppressed = suppressed.saturating_add(1);
            }
        }
        let joining = Joined { rule: &rule.analytics, alerts: &raised.alerts, now: self.ended };
        incidents::join(change, &joining, to_lake)?;
        let attempt = Attempt { time: self.ended, failure: None, disables_rule: false };
        let rows = u64::try_from(raised.alerts.len()).unwrap_or(u64::MAX);
        let health = RunHealth { scheduled: *last, attempt: &attempt, rows, raised: &raised };
        json_line(&sentinel_health(&rule.analytics, health), &mut to_lake.health);
        change.execute("UPDATE rule SET failures = 0, error = NULL WHERE id = ?1", [rule.id()])?;
        write_runs(change, rule.id(), Some(left))?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        write_run(
            change,
            &RunEntry {
                rule: rule.id(),
                first: *first,
                last: *last,
                started: self.started,
                ended: self.ended,
                status: if *is_late { "late" } else { "done" },
                alerts: count(raised.alerts.len()),
                suppressed: count(suppressed),
                took_ms: self.took_ms(place),
                error: None,
            },
        )?;
        Ok(New { alerts: raised.alerts.len(), suppressed, failed: 0 })
    }

    /// Writes that a rule failed: its runs stay pending.
    fn write_failure(
        &self,
        change: &Transaction<'_>,
        looked_at: &LookedAt<'_>,
        failed: &Failed,
        to_lake: &mut ToLake,
    ) -> Result<()> {
        let LookedAt { rule, first, last, .. } = looked_at;
        let disables_rule = note_failure(change, rule.id(), failed)?;
        let kind = if failed.is_lasting { FailureKind::Permanent } else { FailureKind::Transient };
        let failure = Some(Failure { kind, reason: failed.reason.clone() });
        let attempt = Attempt { time: self.ended, failure, disables_rule };
        let raised = Raised::default();
        let health = RunHealth { scheduled: *last, attempt: &attempt, rows: 0, raised: &raised };
        json_line(&sentinel_health(&rule.analytics, health), &mut to_lake.health);
        write_run(
            change,
            &RunEntry {
                rule: rule.id(),
                first: *first,
                last: *last,
                started: self.started,
                ended: self.ended,
                status: "failed",
                alerts: 0,
                suppressed: 0,
                took_ms: 0,
                error: Some(&failed.reason),
            },
        )
    }
}

/// Takes note of a failure, and tells whether the rule no longer runs.
fn note_failure(change: &Transaction<'_>, rule: &str, failed: &Failed) -> Result<bool> {
    if !failed.is_lasting {
        change.execute("UPDATE rule SET error = ?2 WHERE id = ?1", params![rule, failed.reason])?;
        return Ok(false);
    }
    let count =
        "UPDATE rule SET failures = iif(error = ?2, failures + 1, 1), error = ?2 WHERE id = ?1
        RETURNING failures";
    let failures: u32 = change.query_row(count, params![rule, failed.reason], |row| row.get(0))?;
    let disables_rule = failures >= MOST_FAILURES;
    if disables_rule {
        change.execute("UPDATE rule SET disabled_by = 'failures' WHERE id = ?1", [rule])?;
    }
    Ok(disables_rule)
}

/// Writes an alert, unless it is known: tells whether it is new.
fn insert_alert(
    change: &Transaction<'_>,
    alert: &Alert,
    title: &str,
    now: Ticks,
    suppressed_by: Option<&str>,
) -> Result<bool> {
    let mut body = String::new();
    report::alert_object(alert, &mut body);
    let add = "INSERT INTO alert (id, rule, title, severity, time, raised, suppressed_by, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let added = change.execute(
        add,
        params![
            alert.id,
            alert.rule.id,
            title,
            alert.severity.name(),
            alert.time,
            now,
            suppressed_by,
            body,
        ],
    )?;
    Ok(added > 0)
}
