//! Which behaviours the passed cases show, by the kind of event that shows them.

use std::collections::{BTreeMap, BTreeSet};

use kql_types::Value;

use crate::{alert::Alert, log_name};

/// Behaviours by kinds of events.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The kinds of events, `Sysmon 1`, that an alert for a behaviour, `B01`, rested on.
    pub events: BTreeMap<String, BTreeSet<String>>,
}

impl Coverage {
    /// Adds what an alert rests on.
    pub(super) fn add(&mut self, alert: &Alert) {
        let kinds: BTreeSet<String> = alert
            .evidence
            .iter()
            .filter_map(|record| {
                let log = log_name::of_channel(record.origin.channel.as_deref()?);
                Some(format!("{log} {}", record.event_id?))
            })
            .collect();
        for behaviour in behaviours(alert) {
            self.events.entry(behaviour).or_default().extend(kinds.iter().cloned());
        }
    }

    /// Returns all kinds of events, in order.
    pub fn kinds(&self) -> BTreeSet<&str> {
        self.events.values().flatten().map(String::as_str).collect()
    }
}

/// Returns the behaviour that a row names, else those of its rule.
fn behaviours(alert: &Alert) -> Vec<String> {
    match alert.column("Behaviour") {
        Some(Value::String(own)) if !own.is_empty() => vec![own.clone()],
        _ => alert.rule.behaviours.clone(),
    }
}
