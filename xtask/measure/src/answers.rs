//! Runs the recorded queries as the command line would, and compares what it would print.

use std::{collections::BTreeMap, fmt, num::NonZeroUsize};

use engine::{Clock, Engine, EngineError, Environment, NoProgress, Settings};
use kql_types::{KqlType, schema::ColumnSchema};
use report::{Format, Options};
use serde_json::Value;
use testkit::RecordedQuery;

use crate::{
    differences::Reasons,
    report::{Figure, Report},
};

/// How the answers to recorded queries compare.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The figures, and the answers that differ.
    pub report: Report,
    /// How many of a feature's queries are equal, refused and differing.
    pub features: BTreeMap<String, Tally>,
    /// What is refused, and why.
    pub refused: Vec<(String, String)>,
}

/// Counts of queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Equal by the columns' names and types and by every value.
    pub equal: usize,
    /// Refused before any data is read.
    pub refused: usize,
    /// Answered in another way, or failed.
    pub differing: usize,
}

/// What became of a query.
enum Verdict {
    Equal,
    Refused(String),
    Differs(String),
}

/// Columns by name and type, and rows, as JSON has them.
type Printed = (Vec<(String, &'static str)>, Vec<Vec<Value>>);

/// The time of every query: no recorded answer that can be compared depends on it.
const NOW: i64 = kql_types::datetime::UNIX_EPOCH;

/// Measures whether the engine answers as Microsoft's did, in deterministic queries.
///
/// # Errors
///
/// If no engine can be started.
pub fn answers(queries: &[RecordedQuery]) -> Result<Answers, EngineError> {
    let environment = Environment::empty();
    let engine = Engine::new(&environment, settings())?;
    let mut features = BTreeMap::<String, Tally>::new();
    let (mut core, mut exotic, mut geospatial) = <(Tally, Tally, Tally)>::default();
    let (mut differing, mut refused) = (Vec::new(), Vec::new());
    for query in queries.iter().filter(|query| query.deterministic) {
        let verdict = verdict(query, &engine, &environment);
        let mut tallies = vec![features.entry(query.feature.clone()).or_default()];
        match query.scope.as_str() {
            "core" => tallies.push(&mut core),
            _ if is_geospatial(query) => tallies.push(&mut geospatial),
            _ => tallies.push(&mut exotic),
        }
        for tally in tallies {
            let count = match &verdict {
                Verdict::Equal => &mut tally.equal,
                Verdict::Refused(_) => &mut tally.refused,
                Verdict::Differs(_) => &mut tally.differing,
            };
            *count = count.saturating_add(1);
        }
        match verdict {
            Verdict::Equal => {}
            Verdict::Refused(why) => refused.push((query.id.clone(), why)),
            Verdict::Differs(how) => differing.push((query.id.clone(), how)),
        }
    }
    let reasons = Reasons::read(include_str!("../data/answers.txt"));
    let of: usize = features.values().map(Tally::all).sum();
    let (differences, stale) = reasons.explain("answer", differing);
    let unexplained = differences.iter().filter(|it| it.reason.is_none()).count();
    let figures = vec![
        // What is missing is refused with a reason: an answer that differs is on the list, or fails.
        core.figure("core queries with an equal answer", 980),
        exotic.figure("other queries, geospatial ones aside, with an equal answer", 920),
        geospatial.figure("geospatial queries with an equal answer", 780),
        Figure {
            what: "queries without a wrong answer",
            agreeing: of.saturating_sub(unexplained),
            of,
            bar_per_mille: 1_000,
        },
    ];
    let report = Report { title: "Answers to recorded queries", figures, differences, stale };
    Ok(Answers { report, features, refused })
}

impl Tally {
    fn all(&self) -> usize {
        self.equal.saturating_add(self.refused).saturating_add(self.differing)
    }

    fn figure(self, what: &'static str, bar_per_mille: usize) -> Figure {
        Figure { what, agreeing: self.equal, of: self.all(), bar_per_mille }
    }
}

/// Tells whether a query is about places on the globe.
fn is_geospatial(query: &RecordedQuery) -> bool {
    query.feature.starts_with("geo")
}

fn settings() -> Settings {
    Settings {
        threads: NonZeroUsize::MIN,
        staging_bytes: 64 << 20,
        operator_bytes: 1 << 30,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        date_order: None,
        passwords: engine::Passwords::default(),
    }
}

fn verdict(query: &RecordedQuery, engine: &Engine, environment: &Environment) -> Verdict {
    let mut environment = environment.clone();
    let texts = [query.query.as_str()];
    let settled = engine.settle_columns(&texts, &mut environment, &[], Clock::At(NOW), &NoProgress);
    if let Err(error) = settled {
        return Verdict::Differs(error.to_string());
    }
    let compiled = match engine::compile(&query.query, &environment, false) {
        Ok(compiled) => compiled,
        Err(diagnostics) => {
            let messages = diagnostics.iter().map(|it| format!("{} {}", it.code, it.message));
            return Verdict::Refused(messages.collect::<Vec<_>>().join("; "));
        }
    };
    match answer(engine, compiled) {
        Ok((columns, rows)) => match query.difference(&columns, &rows) {
            None => Verdict::Equal,
            Some(difference) => Verdict::Differs(difference),
        },
        Err(error) => Verdict::Differs(error),
    }
}

/// Runs a query without input, and reads back what `--format json` writes of its first result.
fn answer(engine: &Engine, compiled: engine::CompiledQuery) -> Result<Printed, String> {
    let told = |error: &dyn std::error::Error| {
        let causes = std::iter::successors(Some(error), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    let run = engine.run(&[compiled], &[], Clock::At(NOW), &NoProgress);
    let run = run.map_err(|error| told(&error))?;
    let mut results = run.rows(0).map_err(|error| told(&error))?.into_iter();
    let rows = results.next().ok_or("no result")?;
    let columns = rows.columns().to_vec();
    let mut text = Vec::new();
    let mut writer = report::begin(Format::Json, &columns, &Options::default(), &mut text)
        .map_err(|error| told(&error))?;
    for batch in rows {
        let batch = batch.map_err(|error| told(&error))?;
        writer.batch(&batch).map_err(|error| told(&error))?;
    }
    writer.finish().map_err(|error| told(&error))?;
    let written: Value = serde_json::from_slice(&text).map_err(|error| told(&error))?;
    let rows = written.get("rows").and_then(Value::as_array).ok_or("no rows in the JSON")?;
    let row = |row: &Value| {
        let cells = row.as_array().into_iter().flatten().zip(&columns);
        let cell = |(cell, column): (&Value, &ColumnSchema)| match cell {
            Value::String(time) if column.ty == KqlType::Datetime => shortest(time).into(),
            other => other.clone(),
        };
        cells.map(cell).collect()
    };
    let rows: Vec<Vec<Value>> = rows.iter().map(row).collect();
    let columns = columns.into_iter().map(|column| (column.name, column.ty.name()));
    Ok((columns.collect(), rows))
}

/// Returns a time as the engine writes it: its fraction without zeros at the end. Quarry writes all times
/// with one width.
fn shortest(time: &str) -> String {
    let Some((whole, fraction)) = time.strip_suffix('Z').and_then(|it| it.split_once('.')) else {
        return time.to_owned();
    };
    match fraction.trim_end_matches('0') {
        "" => format!("{whole}Z"),
        fraction => format!("{whole}.{fraction}Z"),
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.report)?;
        writeln!(f, "\n  {:<44} {:>6} {:>8} {:>9}", "feature", "equal", "refused", "differing")?;
        for (feature, Tally { equal, refused, differing }) in &self.features {
            writeln!(f, "  {feature:<44} {equal:>6} {refused:>8} {differing:>9}")?;
        }
        writeln!(f, "\n  {} refused:", self.refused.len())?;
        for (id, why) in &self.refused {
            writeln!(f, "  {id}: {why}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_end_where_their_fraction_does() {
        let shortened =
            ["T01:29:00.0000000Z", "T23:59:59.9000000Z", "T00:00:00.0000001Z", "", "noon"];
        let expected = ["T01:29:00Z", "T23:59:59.9Z", "T00:00:00.0000001Z", "", "noon"];
        assert_eq!(shortened.map(shortest), expected);
    }
}
