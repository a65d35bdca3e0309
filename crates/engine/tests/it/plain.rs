//! Runs queries that read no input exactly as `quarry query` does, and gives their rows as JSON.

use std::{cell::OnceCell, error::Error};

use datafusion::arrow::array::Array;
use engine::{Clock, Diagnostic, Engine, Environment, NoProgress, compile, value};
use kql_types::{KqlType, Value, datetime, real, timespan};
use serde_json::Value as Json;

use crate::answer::settings;

/// 2026-11-24T12:00:00Z: the time of every query.
const TIME: i64 = 639_311_184_000_000_000;

/// What became of a query.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The parser or the binder found an error, or it does not run yet.
    Refused(Vec<Diagnostic>),
    /// It ran.
    Ran(Answer),
    /// It failed while it ran.
    Failed(String),
}

/// Columns and rows of a query's first result.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<(String, KqlType)>,
    pub(crate) rows: Vec<Vec<Json>>,
}

/// Runs a query without tables.
pub(crate) fn run(query: &str) -> Outcome {
    thread_local! {
        static ENGINE: OnceCell<(Environment, Engine)> = const { OnceCell::new() };
    }
    ENGINE.with(|engine| {
        let (environment, engine) = engine.get_or_init(|| {
            let environment = Environment::empty();
            let engine = Engine::new(&environment, settings()).expect("an engine starts");
            (environment, engine)
        });
        let mut environment = environment.clone();
        let clock = Clock::At(TIME);
        if let Err(error) =
            engine.settle_columns(&[query], &mut environment, &[], clock, &NoProgress)
        {
            return Outcome::Failed(told(&error));
        }
        match compile(query, &environment, false) {
            Ok(compiled) => answer(engine, compiled)
                .map_or_else(|error| Outcome::Failed(told(&*error)), Outcome::Ran),
            Err(diagnostics) => Outcome::Refused(diagnostics),
        }
    })
}

fn answer(engine: &Engine, compiled: engine::CompiledQuery) -> Result<Answer, Box<dyn Error>> {
    let run = engine.run(&[compiled], &[], Clock::At(TIME), &NoProgress)?;
    let mut results = run.rows(0)?.into_iter();
    let result = results.next().ok_or("no result")?;
    let columns = result.columns().iter().map(|column| (column.name.clone(), column.ty));
    let columns: Vec<_> = columns.collect();
    let mut rows = Vec::new();
    for batch in result {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter().enumerate();
            let cells = cells.map(|(at, (_, ty))| json(batch.column(at), *ty, row));
            rows.push(cells.collect::<Result<_, _>>()?);
        }
    }
    Ok(Answer { columns, rows })
}

/// Returns a value in the form of Kusto's results.
fn json(array: &dyn Array, ty: KqlType, row: usize) -> Result<Json, Box<dyn Error>> {
    if Some(array.data_type()) != kql_datafusion::data_type(ty).as_ref() {
        return Err(format!("a {ty} is encoded as {}", array.data_type()).into());
    }
    if ty == KqlType::String && array.is_null(row) {
        return Err("a string is null".into());
    }
    let parsed = |text: &str| serde_json::from_str(text);
    Ok(match value(array, ty, row) {
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Long(value) => value.into(),
        Value::Real(None) | Value::Dynamic(None) => Json::Null,
        Value::Real(Some(value)) => {
            let mut text = String::new();
            real::write_json(value, &mut text);
            parsed(&text)?
        }
        Value::Datetime(value) => value.map(|it| datetime::format_json(it).to_string()).into(),
        Value::Timespan(value) => value.map(|it| timespan::format(it).to_string()).into(),
        Value::String(text) => text.into(),
        Value::Guid(text) | Value::Decimal(text) => text.into(),
        Value::Dynamic(Some(json)) => parsed(&json)?,
    })
}

/// Returns an error with its causes.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Returns messages, one a line.
pub(crate) fn messages(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|it| format!("{} {}", it.code, it.message));
    lines.collect::<Vec<_>>().join("\n")
}
