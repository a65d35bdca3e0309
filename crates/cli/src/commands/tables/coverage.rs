//! What an input can fill, and which rules can see anything of it.

use std::collections::{BTreeMap, BTreeSet};

use detection::Package;
use engine::{Clock, CompiledQuery, Engine, Environment, Need, Run, Settings, compile, value};
use kql_types::{KqlType, Value};

use super::{TablesArgs, switch_on};
use crate::{
    error::CommandError,
    exit::ExitStatus,
    inputs,
    project::Project,
    stats,
    ui::{
        Ui,
        listing::{self as rows, Listing, texts},
    },
};

/// Which kinds of events there are.
const KINDS: &str = "WindowsEvent | summarize Events = count() by Provider, EventID, Channel";

/// One line of the answer.
struct Line {
    kind: &'static str,
    name: String,
    sees: bool,
    records: i64,
    from: String,
    columns: String,
    switch_on: String,
}

/// A source of a table: its view, and how many rows and which columns come of it.
struct Source {
    name: String,
    rows: i64,
    columns: BTreeSet<String>,
}

/// A kind of event: provider, id, channel.
type Kind = (String, u32, String);

/// Reads the input once and says what there is.
pub(super) fn listing(
    args: &TablesArgs,
    project: &Project,
    ui: &Ui,
) -> Result<(ExitStatus, Listing), CommandError> {
    let environment = &project.environment;
    let (files, before) = inputs::find_with_lake(&args.coverage, &args.lake, false)?;
    let settings = Settings {
        local_offset: project.times.offset,
        date_order: project.times.date_order,
        passwords: args.archives.passwords(),
        ..inputs::settings()
    };
    let engine = Engine::new(environment, settings)?;
    let views = views(environment)?;
    let kinds = compile(KINDS, environment, false).map_err(|_| CommandError::reported())?;
    let counts = views.iter().map(|view| view.count.clone());
    let queries: Vec<CompiledQuery> = std::iter::once(kinds).chain(counts).collect();
    let run = engine.run(&queries, &files, Clock::At(0), &ui.progress())?;
    let kinds = kinds_of(&run)?;
    let native = native_rows(&run);
    let mut lines = Vec::new();
    for schema in environment.schemas() {
        let mut sources = Vec::new();
        for (index, view) in views.iter().enumerate().filter(|(_, view)| view.table == schema.name)
        {
            let rows = first_count(&run, index.saturating_add(1))?;
            sources.push(Source { name: view.name.clone(), rows, columns: view.columns.clone() });
        }
        lines.push(table_line(&schema.name, schema.columns.len(), &sources, &native, &kinds));
    }
    for name in native.keys() {
        if let Some(schema) = environment.schema(name).filter(|_| !is_filled(environment, name)) {
            lines.push(table_line(name, schema.columns.len(), &[], &native, &kinds));
        }
    }
    let package = match &args.package {
        Some(folder) => Package::load(folder)?,
        None => Package::builtin()?,
    };
    for rule in &package.rules {
        let Ok(query) = compile(&rule.rule.query, environment, false) else { continue };
        lines.push(rule_line(&rule.rule.name, &engine.needs(&query)?, &native, &kinds));
    }
    let balance = run.balance();
    inputs::tell(ui, &before, balance);
    ui.note(&stats::summary(balance));
    Ok((ExitStatus::of_run(before.is_empty() && balance.is_clean(), false), written(&lines)))
}

/// Tells whether a table is one of those that stand in the list whatever the input.
fn is_filled(environment: &Environment, name: &str) -> bool {
    environment.schemas().any(|schema| schema.name == name)
}

/// A view, ready to be counted.
struct View {
    table: String,
    name: String,
    columns: BTreeSet<String>,
    count: CompiledQuery,
}

fn views(environment: &Environment) -> Result<Vec<View>, CommandError> {
    let mut found = Vec::new();
    for schema in environment.schemas() {
        for view in environment.views(&schema.name) {
            let compiled = |text: &str| {
                compile(text, environment, false).map_err(|diagnostics| {
                    let first = diagnostics.first().map(|it| it.message.clone());
                    let message = first.unwrap_or_default();
                    CommandError::user(format!("view `{}`: {message}", view.name))
                })
            };
            let whole = compiled(&view.text)?;
            let columns = whole.results.first().map(|result| &result.columns);
            let columns = columns.into_iter().flatten().map(|column| column.name.clone()).collect();
            let count = compiled(&format!("{}\n| count", view.text))?;
            let name = view.name.rsplit('/').next().unwrap_or(&view.name).to_owned();
            found.push(View { table: schema.name.clone(), name, columns, count });
        }
    }
    Ok(found)
}

fn first_count(run: &Run<'_>, query: usize) -> Result<i64, CommandError> {
    for batch in run.rows(query)?.into_iter().flatten() {
        let batch = batch?;
        if let Some(column) = batch.columns().first()
            && let Value::Long(Some(count)) = value(column, KqlType::Long, 0)
        {
            return Ok(count);
        }
    }
    Ok(0)
}

fn kinds_of(run: &Run<'_>) -> Result<BTreeMap<Kind, i64>, CommandError> {
    let mut kinds = BTreeMap::new();
    for batch in run.rows(0)?.into_iter().flatten() {
        let batch = batch?;
        let [provider, id, channel, events] = batch.columns() else { continue };
        for row in 0..batch.num_rows() {
            let id = value(id, KqlType::Int, row).to_text().parse().unwrap_or_default();
            let text = |column| value(column, KqlType::String, row).to_text();
            let count = value(events, KqlType::Long, row).to_text().parse().unwrap_or_default();
            kinds.insert((text(provider), id, text(channel)), count);
        }
    }
    Ok(kinds)
}

/// Returns how many rows were exported from each table; where a file has several, all of its rows.
fn native_rows(run: &Run<'_>) -> BTreeMap<String, i64> {
    let mut rows: BTreeMap<String, i64> = BTreeMap::new();
    for member in &run.balance().members {
        for table in member.tables.iter().filter(|table| *table != "WindowsEvent") {
            let read = i64::try_from(member.read).unwrap_or(i64::MAX);
            let known = rows.entry(table.clone()).or_default();
            *known = known.saturating_add(read);
        }
    }
    rows
}

fn table_line(
    name: &str,
    columns: usize,
    sources: &[Source],
    native: &BTreeMap<String, i64>,
    kinds: &BTreeMap<Kind, i64>,
) -> Line {
    let exported = native.get(name).copied().unwrap_or(0);
    let own = if name == "WindowsEvent" { kinds.values().sum() } else { 0 };
    let present: Vec<&Source> = sources.iter().filter(|source| source.rows > 0).collect();
    let rows = present.iter().map(|source| source.rows).fold(exported, i64::saturating_add);
    let rows = rows.saturating_add(own);
    let mut from: Vec<String> =
        present.iter().map(|source| format!("{} ({})", source.name, source.rows)).collect();
    if exported > 0 {
        from.push(format!("export ({exported})"));
    }
    let filled: BTreeSet<&String> = present.iter().flat_map(|source| &source.columns).collect();
    let filled = if exported > 0 || own > 0 { columns } else { filled.len() };
    let absent = sources.iter().filter(|source| source.rows == 0 && exported == 0);
    let mut switch_on: Vec<&str> =
        absent.map(|source| switch_on::for_source(&source.name)).collect();
    switch_on.dedup();
    Line {
        kind: "table",
        name: name.to_owned(),
        sees: rows > 0,
        records: rows,
        from: from.join(", "),
        columns: if rows > 0 { format!("{filled} of {columns}") } else { String::new() },
        switch_on: switch_on.join("; "),
    }
}

fn rule_line(
    name: &str,
    needs: &[Need],
    native: &BTreeMap<String, i64>,
    kinds: &BTreeMap<Kind, i64>,
) -> Line {
    let events = kinds.iter().filter(|((provider, id, channel), _)| {
        needs.iter().any(|need| need.may_be(provider, *id, channel))
    });
    let events = events.map(|(_, count)| *count).fold(0, i64::saturating_add);
    let tables: BTreeSet<&str> = needs.iter().map(|need| need.table.as_str()).collect();
    let exported = tables.iter().filter_map(|table| native.get(*table).copied());
    let records = exported.fold(events, i64::saturating_add);
    let from: Vec<&str> = tables
        .iter()
        .copied()
        .filter(|table| native.contains_key(*table) || (*table == "WindowsEvent" && events > 0))
        .collect();
    Line {
        kind: "rule",
        name: name.to_owned(),
        sees: records > 0,
        records,
        from: from.join(", "),
        columns: String::new(),
        switch_on: String::new(),
    }
}

fn written(lines: &[Line]) -> Listing {
    let text = |of: fn(&Line) -> String| texts(lines.iter().map(of));
    let records = arrow::array::Int64Array::from_iter_values(lines.iter().map(|line| line.records));
    rows::of(vec![
        ("Kind", KqlType::String, text(|line| line.kind.to_owned())),
        ("Name", KqlType::String, text(|line| line.name.clone())),
        ("Sees", KqlType::String, text(|line| if line.sees { "yes" } else { "no" }.to_owned())),
        ("Records", KqlType::Long, std::sync::Arc::new(records)),
        ("From", KqlType::String, text(|line| line.from.clone())),
        ("Columns", KqlType::String, text(|line| line.columns.clone())),
        ("SwitchOn", KqlType::String, text(|line| line.switch_on.clone())),
    ])
}
