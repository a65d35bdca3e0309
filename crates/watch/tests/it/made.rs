//! A lake, a state and rules, and a clock that tests set.

use std::{
    collections::BTreeSet,
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use detection::{CompiledRules, PackagedRule, When, hunt};
use engine::{Engine, Environment, Input, NoProgress, Passwords, Settings};
use kql_types::{Ticks, datetime};
use lake::{Identity, Ingest, Lake, LakeAddress, Observe, Offer};
use sources::{Piece, ScanRequest};
use state::State;
use testkit::Folder;
use watch::{
    AlertRow, AlertsWanted, Book, Delivery, LakeSink, Looked, Outbox, Rules, Sink, SinkError, Stop,
    Watch,
};

/// Times of a day, `10:07` for example.
pub(crate) fn at(time: &str) -> Ticks {
    datetime::parse(&format!("2024-05-01T{time}:00Z")).unwrap()
}

fn settings() -> Settings {
    Settings {
        threads: NonZeroUsize::MIN,
        staging_bytes: 1 << 24,
        operator_bytes: 1 << 26,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        passwords: Passwords::default(),
        date_order: None,
    }
}

struct Unobserved;

impl Observe for Unobserved {
    fn advance(&self, _bytes: u64) {}
}

/// A lake and a state, which outlive the processes that watch.
pub(crate) struct Site {
    pub(crate) folder: Folder,
    rules: Vec<PackagedRule>,
    environment: Arc<Environment>,
    now: AtomicI64,
}

impl Site {
    pub(crate) fn new(rules: &[&str]) -> Self {
        let mut environment = Environment::builtin(tables::Environment::Both);
        let schema = Lake::ledger_schema();
        environment.add(tables::TableDefinition { schema, views: Vec::new() });
        let rules = rules.iter().enumerate().map(|(number, text)| {
            PackagedRule::parse(Path::new(&format!("{number}.yaml")), text, Vec::new()).unwrap()
        });
        Self {
            folder: Folder::empty(),
            rules: rules.collect(),
            environment: Arc::new(environment),
            now: AtomicI64::new(at("12:00")),
        }
    }

    pub(crate) fn lake(&self) -> Arc<Lake> {
        let path = self.folder.path().join("lake").display().to_string();
        Arc::new(Lake::open_or_create(&LakeAddress::parse(&path).unwrap(), &[]).unwrap())
    }

    fn state(&self) -> Arc<State> {
        Arc::new(State::open(&self.folder.path().join("state")).unwrap())
    }

    pub(crate) fn set(&self, now: &str) {
        self.now.store(at(now), Ordering::Relaxed);
    }

    /// Puts logons into the lake: host and time of each.
    pub(crate) fn ingest(&self, name: &str, logons: &[(&str, &str)]) {
        let line = |(host, time): &(&str, &str)| {
            format!(
                "{{\"Timestamp\":\"2024-05-01T{time}:00Z\",\"DeviceName\":\"{host}\",\"AccountName\":\"amy\",\"ActionType\":\"LogonFailed\"}}\n"
            )
        };
        let text: String = logons.iter().map(line).collect();
        let path = format!("DeviceLogonEvents.{name}.json").into();
        let offer = Offer {
            input: Input::of_bytes(path, text.into_bytes()),
            identity: Identity::Name(name.to_owned()),
            piece: Piece::Whole,
        };
        let lake = self.lake();
        let ingest = Ingest {
            lake: &lake,
            known: &self.environment.known(),
            fields: &[],
            reading: ScanRequest::default(),
            threads: NonZeroUsize::MIN,
            memory_bytes: 1 << 24,
            now: self.now.load(Ordering::Relaxed),
        };
        assert!(ingest.run(&[offer], &Unobserved).unwrap().is_whole);
    }

    pub(crate) fn add_rule(&mut self, text: &str) {
        let path = format!("{}.yaml", self.rules.len());
        self.rules.push(PackagedRule::parse(Path::new(&path), text, Vec::new()).unwrap());
    }

    /// Takes the last rule away.
    pub(crate) fn take_rule(&mut self) -> PackagedRule {
        self.rules.pop().unwrap()
    }

    pub(crate) fn put_rule(&mut self, rule: PackagedRule) {
        self.rules.push(rule);
    }

    /// The ids of what a hunt over the lake finds.
    pub(crate) fn hunted(&self) -> BTreeSet<String> {
        let threads = NonZeroUsize::MIN;
        let (compiled, _) = CompiledRules::compile(&self.rules, &self.environment, threads);
        let engine = Engine::new(&self.environment, settings()).unwrap();
        let inputs = self.lake().inputs(None).unwrap();
        let found = hunt(&engine, &compiled, &[], &inputs, When::History, &NoProgress).unwrap();
        found.alerts.into_iter().map(|alert| alert.id).collect()
    }

    /// Starts to watch, as a process that begins does.
    pub(crate) fn watch(&self) -> Watching<'_> {
        self.watch_with(Vec::new())
    }

    /// Starts to watch, with somebody who takes alerts after some that fail; returns what was taken.
    pub(crate) fn watch_with_taker(&self, failures: usize) -> (Watching<'_>, Taken) {
        let taken = Taken::default();
        let sink = Taker { failures: AtomicUsize::new(failures), taken: Arc::clone(&taken) };
        (self.watch_with(vec![Box::new(sink)]), taken)
    }

    fn watch_with(&self, sinks: Vec<Box<dyn Sink>>) -> Watching<'_> {
        let (lake, state) = (self.lake(), self.state());
        let environment = Arc::clone(&self.environment);
        let rules = Rules::compile(&self.rules, Vec::new(), environment, NonZeroUsize::MIN);
        assert_eq!(rules.refused, []);
        let sink = LakeSink::new(Arc::clone(&lake), &self.environment, &settings(), || at("12:00"));
        let lake_first = [Box::new(sink) as Box<dyn Sink>];
        let sinks = lake_first.into_iter().chain(sinks).collect();
        let outbox = Outbox::new(Arc::clone(&state), sinks);
        let now = self.now.load(Ordering::Relaxed);
        let sinks = outbox.takers_of_alerts();
        let watch = Watch::new(lake, Arc::clone(&state), rules, settings(), sinks, now).unwrap();
        Watching { site: self, watch, book: Book::new(state), outbox }
    }
}

/// The ids of alerts that were taken.
pub(crate) type Taken = Arc<Mutex<Vec<String>>>;

/// Takes alerts, after some that fail.
#[derive(Debug)]
struct Taker {
    failures: AtomicUsize,
    taken: Taken,
}

impl Sink for Taker {
    fn name(&self) -> &'static str {
        "taker"
    }

    fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let one_less = |left: usize| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return Err(SinkError::of("not now"));
        }
        self.taken.lock().unwrap().push(delivery.identity.clone());
        Ok(())
    }
}

/// A watch that is under way.
pub(crate) struct Watching<'s> {
    site: &'s Site,
    watch: Watch,
    pub(crate) book: Book,
    pub(crate) outbox: Outbox,
}

impl Watching<'_> {
    /// Takes a turn at a time of the day.
    pub(crate) fn turn(&mut self, now: &str) -> Looked {
        self.site.set(now);
        self.watch.turn(&|| at(now), &Stop::default()).unwrap()
    }

    /// Delivers what there is.
    pub(crate) fn deliver(&self, now: &str) -> usize {
        self.outbox.deliver(at(now)).unwrap()
    }

    pub(crate) fn alerts(&self) -> Vec<AlertRow> {
        let wanted = AlertsWanted { most: 1_000, with_suppressed: true, ..AlertsWanted::default() };
        let mut alerts = self.book.alerts(&wanted).unwrap();
        alerts.reverse();
        alerts
    }

    /// The values of a column of all alerts, in order.
    pub(crate) fn values(&self, column: &str) -> Vec<String> {
        let value = |alert: AlertRow| match &alert.alert["columns"][column] {
            serde_json::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let mut values: Vec<String> = self.alerts().into_iter().map(value).collect();
        values.sort();
        values
    }
}
