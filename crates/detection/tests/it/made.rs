//! Made logs of three small tables, and rules over them.

use std::{collections::BTreeSet, num::NonZeroUsize, path::Path};

use detection::{CompiledRules, Found, PackagedRule, When, alert::Alert, hunt, hunt_at_every_run};
use engine::{Engine, Environment, Input, NoProgress, Settings, discover};
use kql_types::{
    KqlType, Ticks, datetime,
    schema::{ColumnSchema, TableSchema},
};
use tables::TableDefinition;
use testkit::Folder;

/// The tables, and the column of each that has the time: the last table has two.
pub(crate) const TABLES: [(&str, &[&str]); 3] = [
    ("Visits", &["TimeGenerated"]),
    ("Starts", &["Timestamp"]),
    ("Moves", &["TimeGenerated", "Timestamp"]),
];

pub(crate) const MINUTE: Ticks = 600_000_000;

/// A row: its table, the times in the order of the table's columns, in ticks after the day's start.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) table: usize,
    pub(crate) times: [Ticks; 2],
    pub(crate) host: u8,
    pub(crate) number: i64,
}

/// A rule's query with its schedule and trigger, as the rule's file has them.
#[derive(Clone, Debug)]
pub(crate) struct MadeRule {
    pub(crate) query: String,
    pub(crate) frequency: String,
    pub(crate) period: String,
    pub(crate) trigger: (&'static str, u32),
    /// More fields, each on a line of its own.
    pub(crate) more: String,
}

impl MadeRule {
    pub(crate) fn new(query: &str, frequency: &str, period: &str) -> Self {
        let [query, frequency, period] = [query, frequency, period].map(str::to_owned);
        Self { query, frequency, period, trigger: ("gt", 0), more: String::new() }
    }

    pub(crate) fn packaged(&self, number: usize) -> PackagedRule {
        let Self { query, frequency, period, trigger: (operator, threshold), more } = self;
        let query = query.replace('\n', "\n  ");
        let yaml = format!(
            "id: rule-{number}\nname: Rule {number}\nkind: Scheduled\nseverity: Low\n\
             queryFrequency: {frequency}\nqueryPeriod: {period}\ntriggerOperator: {operator}\n\
             triggerThreshold: {threshold}\nquery: |\n  {query}\n{more}"
        );
        PackagedRule::parse(Path::new("rule.yaml"), &yaml, Vec::new()).unwrap()
    }
}

/// Returns a time of the day of which the rows are.
pub(crate) fn at(ticks: Ticks) -> Ticks {
    datetime::parse("2024-05-06T00:00:00Z").unwrap() + ticks
}

pub(crate) fn environment() -> Environment {
    let mut environment = Environment::empty();
    for (name, times) in TABLES {
        let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
        let columns = times.iter().map(|time| column(time, KqlType::Datetime));
        let others = [column("Host", KqlType::String), column("Number", KqlType::Long)];
        let schema =
            TableSchema { name: name.to_owned(), columns: columns.chain(others).collect() };
        environment.add(TableDefinition { schema, views: Vec::new() });
    }
    let own = ["SecurityAlert", "SecurityIncident", "SentinelHealth"];
    for table in tables::catalog(tables::Environment::Sentinel) {
        if own.contains(&&*table.schema.name) {
            environment.add(table);
        }
    }
    environment
}

/// Returns limits that no test meets.
pub(crate) fn settings() -> Settings {
    Settings {
        threads: NonZeroUsize::MIN,
        staging_bytes: 64 << 20,
        operator_bytes: 256 << 20,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        date_order: None,
        passwords: engine::Passwords::default(),
    }
}

/// Writes the rows, each table to a file of its own.
pub(crate) fn written(rows: &[Row]) -> Folder {
    let folder = Folder::empty();
    for (index, (table, times)) in TABLES.iter().enumerate() {
        let lines = rows.iter().filter(|row| row.table == index).map(|row| {
            let times = times
                .iter()
                .zip(row.times)
                .map(|(name, time)| format!("\"{name}\":\"{}\",", datetime::format_json(at(time))));
            let times: String = times.collect();
            let Row { host, number, .. } = row;
            format!("{{{times}\"Host\":\"h{host}\",\"Number\":{number}}}\n")
        });
        let text: String = lines.collect();
        if !text.is_empty() {
            folder.write(&format!("{table}.json"), text);
        }
    }
    folder
}

/// What a hunt found.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) alerts: Vec<Alert>,
    /// The rules that would raise alerts of nothing.
    pub(crate) unfounded: Vec<String>,
}

/// Fails unless the runs up to a time and those behind it find together what all of them find.
fn in_two_parts(
    engine: &Engine,
    rules: &CompiledRules<'_>,
    inputs: &[Input],
    rows: &[Row],
    all: &Found<'_>,
) {
    let times = || rows.iter().flat_map(|row| row.times);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return };
    let middle = at(first.midpoint(last));
    let parts = [When::Between(at(first), middle), When::Between(middle + 1, at(last) + LONGEST)];
    let found = parts.map(|when| hunt(engine, rules, &[], inputs, when, &NoProgress).unwrap());
    let ids = |alerts: &[Alert]| -> BTreeSet<String> {
        alerts.iter().map(|alert| alert.id.clone()).collect()
    };
    let found: BTreeSet<String> = found.iter().flat_map(|found| ids(&found.alerts)).collect();
    assert_eq!(found, ids(&all.alerts), "{middle}");
}

/// Longer than any rule looks back.
const LONGEST: Ticks = 60 * 24 * 60 * MINUTE;

/// Hunts with rules over rows, by the replay and by looking at every run.
#[track_caller]
pub(crate) fn both_ways(rules: &[MadeRule], rows: &[Row]) -> (Outcome, Outcome) {
    let environment = environment();
    let folder = written(rows);
    let inputs: Vec<Input> = match rows {
        [] => Vec::new(),
        _ => discover(&[folder.path().to_owned()]).inputs,
    };
    let packaged = rules.iter().enumerate().map(|(number, rule)| rule.packaged(number));
    let packaged: Vec<PackagedRule> = packaged.collect();
    let (compiled, refused) = CompiledRules::compile(&packaged, &environment, NonZeroUsize::MIN);
    let why = refused.iter().map(|rule| (&rule.diagnostics, &rule.of_rule));
    assert!(refused.is_empty(), "{:#?}", why.collect::<Vec<_>>());
    let engine = Engine::new(&environment, settings()).unwrap();
    let outcome = |found: Found<'_>| {
        assert_eq!(found.run.balance().total().rejected, 0);
        let unfounded = found.unfounded.into_iter().map(|rule| rule.name).collect();
        Outcome { alerts: found.alerts, unfounded }
    };
    let replayed = hunt(&engine, &compiled, &[], &inputs, When::History, &NoProgress).unwrap();
    in_two_parts(&engine, &compiled, &inputs, rows, &replayed);
    let every = hunt_at_every_run(&engine, &compiled, &inputs, &NoProgress).unwrap();
    (outcome(replayed), outcome(every))
}
