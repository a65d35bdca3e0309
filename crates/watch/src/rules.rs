//! The rules that are watched with.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::Arc,
};

pub use detection::PlaybookStep;
use detection::{Behaviour, CompiledRules, PackagedRule, investigation::Guide, tuning::Entry};
use engine::{CompiledQuery, Environment};
use kql_types::Ticks;

/// Rules that are ready to run, and what they run in.
#[derive(Debug)]
pub struct Rules {
    pub(crate) ready: Vec<Ready>,
    /// Those that do not run.
    pub refused: Vec<Refused>,
    pub(crate) environment: Arc<Environment>,
    /// Exceptions that come with the rules.
    pub(crate) exceptions: Vec<Entry>,
    pub(crate) content: Content,
}

/// What comes with rules for people.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// What to ask about an alert.
    pub guide: Option<Guide>,
    /// What there is to see, by id.
    pub behaviours: BTreeMap<String, Behaviour>,
    /// What is to be done about an incident, in order.
    pub playbook: Vec<PlaybookStep>,
}

/// A rule that does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: String,
    /// Why, each reason for itself.
    pub reasons: Vec<String>,
}

/// A rule that runs.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) packaged: PackagedRule,
    pub(crate) analytics: sentinel::Rule,
    pub(crate) query: CompiledQuery,
    tables: BTreeSet<String>,
}

impl Rules {
    /// Compiles rules.
    ///
    /// - `exceptions`: what is set aside of what they find.
    pub fn compile(
        rules: &[PackagedRule],
        exceptions: Vec<Entry>,
        environment: Arc<Environment>,
        threads: NonZeroUsize,
    ) -> Self {
        let (compiled, not_compiled) = CompiledRules::compile(rules, &environment, threads);
        let mut refused: Vec<Refused> = not_compiled
            .iter()
            .map(|it| {
                let told = it.diagnostics.iter().chain(&it.of_rule);
                let reasons = told.map(|told| format!("{}: {}", told.code, told.message)).collect();
                Refused::of(it.rule, reasons)
            })
            .collect();
        let mut ready = Vec::new();
        for (packaged, query) in compiled.queries() {
            match packaged.analytics() {
                Some(analytics) => ready.push(Ready {
                    packaged: packaged.clone(),
                    analytics: analytics.clone(),
                    query: query.clone(),
                    tables: query.tables(),
                }),
                None => refused.push(Refused::of(packaged, vec![
                    "it is neither an analytics rule nor a custom detection, so that it has no schedule"
                        .to_owned(),
                ])),
            }
        }
        Self { ready, refused, environment, exceptions, content: Content::default() }
    }

    /// Has what comes with the rules be there for people.
    #[must_use]
    pub fn with_content(self, content: Content) -> Self {
        Self { content, ..self }
    }

    /// Returns how many rules run.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Tells whether none runs.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }
}

impl Refused {
    fn of(rule: &PackagedRule, reasons: Vec<String>) -> Self {
        Self {
            id: rule.rule.id.clone(),
            name: rule.rule.name.clone(),
            path: engine::path_text(&rule.path),
            reasons,
        }
    }
}

impl Ready {
    pub(crate) fn id(&self) -> &str {
        &self.packaged.rule.id
    }

    /// Returns the tables that the rule names.
    pub(crate) const fn tables(&self) -> &BTreeSet<String> {
        &self.tables
    }

    /// Tells whether the rule looks at rows of a table, or may.
    pub(crate) fn reads(&self, table: &str) -> bool {
        self.tables.contains(table) || !self.query.patterns.is_empty()
    }

    /// Tells whether it reads the account of what was ingested.
    pub(crate) fn reads_ledger(&self) -> bool {
        self.tables.contains(lake::LEDGER)
    }

    /// Returns the runs that see rows of some times: from when to when.
    pub(crate) fn runs_that_see(&self, oldest: Ticks, newest: Ticks) -> (Ticks, Ticks) {
        (oldest, newest.saturating_add(self.period()))
    }

    /// Returns how far a run looks back.
    pub(crate) fn period(&self) -> Ticks {
        self.packaged.schedule().period()
    }

    /// Returns how long it is from run to run.
    pub(crate) fn frequency(&self) -> Ticks {
        self.packaged.schedule().frequency()
    }

    /// Returns the first run that is not before a time.
    pub(crate) fn run_from(&self, time: Ticks) -> Ticks {
        let every = self.frequency();
        match time.checked_rem_euclid(every) {
            Some(past) if past != 0 => time.saturating_add(every.saturating_sub(past)),
            _ => time,
        }
    }

    /// Returns the last run that is not behind a time.
    pub(crate) fn run_until(&self, time: Ticks) -> Ticks {
        let past = time.checked_rem_euclid(self.frequency()).unwrap_or_default();
        time.saturating_sub(past)
    }
}
