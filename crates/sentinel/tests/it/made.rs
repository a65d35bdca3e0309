//! Made rules and rows.

use kql_types::{Ticks, Value};
use rule_file::RuleFile;
use sentinel::{Assumptions, Incident, Losses, Raised, Row, Rows, Rule, RuleRuns};

pub(crate) const MINUTE: Ticks = 600_000_000;

/// Some midnight.
pub(crate) const MIDNIGHT: Ticks = 638_000_064_000_000_000;

/// The columns of all rows here; all are texts, and `Account` may be empty.
const COLUMNS: [&str; 6] = ["TimeGenerated", "Computer", "Account", "Domain", "Level", "Kind"];

/// Returns a rule every ten minutes over the last ten, with more fields.
pub(crate) fn rule(fields: &str) -> Rule {
    made(&format!("queryFrequency: 10m\nqueryPeriod: 10m\n{fields}"), "Scheduled")
}

/// Returns a rule over the time from run to run, with more fields.
pub(crate) fn made_every(frequency: &str, fields: &str) -> Rule {
    made(&format!("queryFrequency: {frequency}\nqueryPeriod: {frequency}\n{fields}"), "Scheduled")
}

/// Returns a rule in near real time, with more fields.
pub(crate) fn near_real_time(fields: &str) -> Rule {
    made(fields, "NRT")
}

fn made(fields: &str, kind: &str) -> Rule {
    let yaml = format!(
        "id: 11111111-2222-3333-4444-555555555555\nname: A rule\ndescription: What it finds.\n\
         severity: Medium\nkind: {kind}\ntactics: [Execution]\nrelevantTechniques: [T1021, T1021.002]\n\
         query: SecurityEvent\nversion: 1.0.0\n{fields}"
    );
    let file = RuleFile::read(&yaml).unwrap();
    assert_eq!(file.deployment_errors(), [], "{yaml}");
    let definition = file.definition().unwrap();
    let id = definition.id.clone().unwrap();
    Rule::new(&id, &definition, "SecurityEvent").unwrap()
}

/// Fields of a rule that raises an alert for each row.
pub(crate) const PER_RESULT: &str = "triggerOperator: gt\ntriggerThreshold: 0\n\
                                     eventGroupingSettings:\n  aggregationKind: AlertPerResult\n";

/// Fields of a rule that raises one alert a run.
pub(crate) const SINGLE: &str = "triggerOperator: gt\ntriggerThreshold: 0\n";

/// Returns a row of a minute after midnight.
pub(crate) fn row(minute: i64, texts: [&str; 5]) -> Row {
    let time = MIDNIGHT + minute * MINUTE;
    let mut id = [0; 16];
    id[..8].copy_from_slice(&minute.to_le_bytes());
    let texts = texts.map(|text| Value::String(text.to_owned()));
    let values = [Value::Datetime(Some(time))].into_iter().chain(texts).collect();
    Row { id, time: Some(time), values }
}

/// Returns rows of one host each.
pub(crate) fn hosts(count: i64) -> Vec<Row> {
    (0..count).map(|at| row(at, [&format!("h{at}"), "", "", "", ""])).collect()
}

/// A rule with what it takes to run it.
pub(crate) struct Simulated {
    pub(crate) rule: Rule,
    pub(crate) losses: Losses,
    pub(crate) assumptions: Assumptions,
}

impl Simulated {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule, losses: Losses::Sentinel, assumptions: Assumptions::default() }
    }

    pub(crate) fn assuming(mut self, name: &str, option: &str) -> Self {
        self.assumptions.set(name, option).unwrap();
        self
    }

    pub(crate) fn runs(&self) -> RuleRuns<'_> {
        RuleRuns::new(&self.rule, self.losses, &self.assumptions)
    }

    /// Runs once, at midnight.
    pub(crate) fn run(&self, rows: &[Row]) -> Raised {
        run(&mut self.runs(), 0, rows)
    }

    /// Runs at minutes after midnight, each time over some rows, and returns the incidents a day later.
    pub(crate) fn incidents(&self, runs: &[(i64, &[Row])]) -> Vec<Incident> {
        let mut rule = self.runs();
        for (minute, rows) in runs {
            run(&mut rule, *minute, rows);
        }
        rule.finish(MIDNIGHT + 1_440 * MINUTE)
    }
}

/// Runs a rule at a minute after midnight.
pub(crate) fn run(rule: &mut RuleRuns<'_>, minute: i64, rows: &[Row]) -> Raised {
    let columns = COLUMNS.map(str::to_owned);
    let rows: Vec<&Row> = rows.iter().collect();
    let count = u64::try_from(rows.len()).unwrap();
    rule.run(MIDNIGHT + minute * MINUTE, count, Rows::new(&columns, &rows))
}
