//! A plan's expected events as queries, and the records that answer them.

use std::{collections::BTreeMap, fmt::Write};

use engine::{CompiledQuery, Diagnostic, EngineError, Environment, Reservation, Run};
use kql_types::{KqlType, Value};
use thiserror::Error;

use crate::alert::evidence::Origins;

use super::{
    binding::{Bindings, Variable},
    event::{EventName, column_of},
    hit::{Hit, Place},
    inventory::{self, Inventory},
    outcome::{self, HuntFacts, ValidationReport},
    pattern::Form,
    plan::{HostRole, LabTest, Plan, Shown},
};

/// A plan that could not be asked.
#[derive(Debug, Error)]
pub enum ValidateError {
    /// What a test expects cannot be asked of the tables.
    #[error("test `{test}`, signal `{signal}`, `{event}`: {problem}")]
    Signal {
        /// The test.
        test: String,
        /// The signal.
        signal: String,
        /// The event.
        event: String,
        /// What is wrong.
        problem: String,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A plan as queries, to be run beside the rules of a hunt.
#[derive(Debug)]
pub struct Validator<'a> {
    tests: Vec<&'a LabTest>,
    plan: &'a Plan,
    queries: Vec<CompiledQuery>,
    /// What each of the first queries is asked for.
    asked: Vec<Question>,
    /// Each test's signals, each signal's events: the number of the query.
    query_of: BTreeMap<Place, usize>,
    given: Bindings,
    counts: Vec<inventory::Count>,
}

/// A query and what its columns hold.
#[derive(Debug)]
struct Question {
    role: HostRole,
    captures: Vec<(String, Variable)>,
    /// Rows that Windows events fill do not count: the event asked for is Defender's own.
    is_defender: bool,
}

/// About what a hit takes of memory.
const HIT_BYTES: usize = 400;

impl<'a> Validator<'a> {
    /// Compiles what the tests expect: all of them, or the one with this id.
    ///
    /// `hosts` are names or addresses of the source and the target, as far as they are known.
    ///
    /// # Errors
    ///
    /// If an expected event cannot be asked of the tables: no such log, table, field or placeholder.
    pub fn compile(
        plan: &'a Plan,
        tests: Vec<&'a LabTest>,
        hosts: [Option<&str>; 2],
        environment: &Environment,
    ) -> Result<Self, ValidateError> {
        let mut asking =
            Asking { environment, known: BTreeMap::new(), asked: Vec::new(), queries: Vec::new() };
        let mut query_of = BTreeMap::new();
        for (test_number, test) in tests.iter().enumerate() {
            for (signal_number, signal) in test.signals().enumerate() {
                for (number, shown) in signal.shown_by.iter().enumerate() {
                    let wrong = |problem: String| ValidateError::Signal {
                        test: test.id.clone(),
                        signal: signal.name.clone(),
                        event: shown.event.clone(),
                        problem,
                    };
                    let query = asking.ask(signal.host, shown).map_err(wrong)?;
                    query_of.insert((test_number, signal_number, number), query);
                }
            }
        }
        let Asking { asked, mut queries, .. } = asking;
        let counts = inventory::counts(plan);
        for count in &counts {
            let compiled = engine::compile(count.query(), environment, false);
            queries.push(compiled.map_err(|diagnostics| ValidateError::Signal {
                test: String::new(),
                signal: "inventory".to_owned(),
                event: count.name(),
                problem: first(&diagnostics),
            })?);
        }
        let [source, target] = hosts;
        let named = [(Variable::Source, source), (Variable::Target, target)];
        let given = Bindings::of_user(
            named.into_iter().filter_map(|(variable, host)| Some((variable, host?))),
        );
        Ok(Self { tests, plan, queries, asked, query_of, given, counts })
    }

    /// Returns the queries, to be run beside the rules.
    pub fn queries(&self) -> &[CompiledQuery] {
        &self.queries
    }

    /// Reads the rows of the queries, the first of which is the run's query `first`, and holds them and
    /// the hunt's alerts against what the plan expects.
    ///
    /// # Errors
    ///
    /// If the engine fails.
    pub fn read(
        &self,
        run: &Run<'_>,
        first: usize,
        hunt: &HuntFacts<'_>,
    ) -> Result<ValidationReport, ValidateError> {
        let held = run.reserve("the records that validation found");
        let mut origins = Origins::default();
        let mut hits = Vec::new();
        for (query, question) in (first..).zip(&self.asked) {
            hits.push(question.read(run, query, &mut origins, &held)?);
        }
        let counts_from = first.saturating_add(self.asked.len());
        let inventory = Inventory::read(run, counts_from, &self.counts)?;
        let mut by_place: BTreeMap<Place, &[Hit]> = BTreeMap::new();
        for (place, query) in &self.query_of {
            by_place.insert(*place, hits.get(*query).map(Vec::as_slice).unwrap_or_default());
        }
        Ok(outcome::report(self.plan, &self.tests, &self.given, &by_place, &inventory, hunt))
    }
}

/// Questions as they are gathered; tests that expect the same event share one.
struct Asking<'a> {
    environment: &'a Environment,
    known: BTreeMap<(HostRole, String), usize>,
    asked: Vec<Question>,
    queries: Vec<CompiledQuery>,
}

impl Asking<'_> {
    /// Returns the number of the query for an event; else what is wrong with it.
    fn ask(&mut self, role: HostRole, shown: &Shown) -> Result<usize, String> {
        let (text, captures) = query(shown, FieldsFrom::Columns)?;
        let key = (role, text);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let number = self.queries.len();
        self.queries.push(compile(&key.1, shown, self.environment)?);
        let is_defender = shown.event.starts_with("Defender ");
        self.asked.push(Question { role, captures, is_defender });
        self.known.insert(key, number);
        Ok(number)
    }
}

/// Compiles the query of an event. Fields of Windows that `SecurityEvent` has no columns for are looked for
/// in the event itself, which rows exported from a workspace do not have.
fn compile(text: &str, shown: &Shown, environment: &Environment) -> Result<CompiledQuery, String> {
    let compiled = engine::compile(text, environment, true);
    match compiled {
        Ok(query) => Ok(query),
        Err(_) if shown.event.starts_with("Security ") => {
            let (text, _) = query(shown, FieldsFrom::Data)?;
            engine::compile(&text, environment, true).map_err(|diagnostics| first(&diagnostics))
        }
        Err(diagnostics) => Err(first(&diagnostics)),
    }
}

/// Where the fields of the Security log's events are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FieldsFrom {
    /// In the columns of `SecurityEvent`.
    Columns,
    /// In the event's own data.
    Data,
}

fn first(diagnostics: &[Diagnostic]) -> String {
    diagnostics.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default()
}

impl Question {
    fn read(
        &self,
        run: &Run<'_>,
        query: usize,
        origins: &mut Origins,
        held: &Reservation,
    ) -> Result<Vec<Hit>, EngineError> {
        let mut hits = Vec::new();
        for rows in run.rows(query)? {
            let columns = rows.columns().to_vec();
            for batch in rows {
                let batch = batch?;
                let records = batch.columns().last().map(|last| engine::records(last));
                for (row, records) in records.unwrap_or_default().iter().enumerate() {
                    let value = |name: &str| {
                        let at = columns.iter().position(|column| column.name == name)?;
                        let ty = columns.get(at).map_or(KqlType::String, |column| column.ty);
                        Some(engine::value(batch.columns().get(at)?, ty, row))
                    };
                    let Some(Value::Datetime(Some(time))) = value("Time") else { continue };
                    let text = |name: &str| value(name).map(|v| v.to_text()).unwrap_or_default();
                    let Some(record) = origins.evidence(records, run.balance()).into_iter().next()
                    else {
                        continue;
                    };
                    if self.is_defender && record.origin.channel.is_some() {
                        continue;
                    }
                    let captured =
                        self.captures.iter().map(|(column, variable)| (*variable, text(column)));
                    let bindings = Bindings::of_record(self.role, &text("Host"), captured);
                    held.grow(HIT_BYTES)?;
                    hits.push(Hit { time, bindings, record });
                }
            }
        }
        hits.sort_by(|one, other| {
            one.time.cmp(&other.time).then_with(|| one.record.by_place(&other.record))
        });
        Ok(hits)
    }
}

/// Returns the query for the records that show an event, and which of its columns hold what
/// placeholders stand for; else what is wrong with it.
fn query(shown: &Shown, from: FieldsFrom) -> Result<(String, Vec<(String, Variable)>), String> {
    let name = EventName::parse(&shown.event)?;
    let (mut text, host) = match &name {
        EventName::Windows { log: "Security", id, .. } if from == FieldsFrom::Columns => {
            (format!("SecurityEvent\n| where EventID == {id}"), "Computer")
        }
        EventName::Windows { provider, id, .. } => (
            format!("WindowsEvent\n| where Provider == \"{provider}\"\n| where EventID == {id}"),
            "Computer",
        ),
        EventName::Defender { table } => (format!("{table}\n| where true"), "DeviceName"),
    };
    let mut captures = Vec::new();
    let mut project = String::new();
    for (number, (field, forms)) in shown.fields.iter().enumerate() {
        let column = match (&name, from) {
            (EventName::Windows { .. }, FieldsFrom::Data) => {
                format!("EventData.{}", column_of(&name, field)?)
            }
            _ => column_of(&name, field)?,
        };
        let mut tests = Vec::new();
        for form in forms.all() {
            let form = Form::parse(form)?;
            for (group, variable) in (1..).zip(&form.captures) {
                let capture = format!("C{}", captures.len());
                let literal = form.literal();
                let _infallible =
                    write!(project, ", {capture} = extract({literal}, {group}, F{number})");
                captures.push((capture, *variable));
            }
            tests.push(format!("F{number} matches regex {}", form.literal()));
        }
        let tests = tests.join(" or ");
        let _infallible =
            write!(text, "\n| extend F{number} = tostring({column})\n| where {tests}");
    }
    let _infallible = write!(text, "\n| project Time = TimeGenerated, Host = {host}{project}");
    Ok((text, captures))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(yaml: &str) -> Shown {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn an_event_becomes_a_query() {
        let yaml = r"{event: Sysmon 1, fields: {Image: ['*\net.exe', '*\net1.exe'], CommandLine: '*\\{target}\C$*'}}";
        let (text, captures) = query(&shown(yaml), FieldsFrom::Columns).unwrap();
        assert!(text.starts_with("WindowsEvent\n| where Provider == \"Microsoft-Windows-Sysmon\""));
        assert!(text.contains("F1 = tostring(EventData.Image)"), "{text}");
        assert_eq!(text.matches("F1 matches regex").count(), 2, "{text}");
        assert_eq!(captures, [("C0".to_owned(), Variable::Target)]);
    }

    #[test]
    fn what_is_no_field_is_said() {
        let wrong =
            query(&shown("{event: Security 4688, fields: {'a b': c}}"), FieldsFrom::Columns)
                .unwrap_err();
        assert!(wrong.contains("`a b`"), "{wrong}");
    }
}
