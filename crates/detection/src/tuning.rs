//! Tuning: which alerts are set aside, by which entry of a watchlist, and until when.
//!
//! In go watchlists of exceptions and a hunt's alerts; out come the alerts that stand, and those set
//! aside with the entry that did it. Nothing is dropped: whoever reports a hunt reports both.

mod entry;
mod pattern;
pub mod proposal;
mod watchlist;

use std::sync::Arc;

use kql_types::Value;

use crate::alert::{Alert, Severity};

pub(crate) use self::pattern::matches;
pub use self::{
    entry::{Condition, Entry, Expiry},
    watchlist::{WatchlistError, WatchlistKind},
};

/// Exceptions that are in force, and those that no longer are.
#[derive(Clone, Debug, Default)]
pub struct Tuning {
    entries: Vec<Entry>,
    expired: Vec<Entry>,
}

/// Alerts after tuning.
#[derive(Clone, Debug, Default)]
pub struct Tuned {
    /// The alerts that stand, in order.
    pub alerts: Vec<Alert>,
    /// Those set aside, in order.
    pub suppressed: Vec<Suppressed>,
}

/// An alert that an entry sets aside.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The alert: informational, with the entry in its column `SuppressedBy`.
    pub alert: Alert,
    /// The entry's id.
    pub entry: String,
}

/// The column in which an alert says which entry set it aside.
const SUPPRESSED_BY: &str = "SuppressedBy";

impl Tuning {
    /// Sorts entries into those in force on a day and those that have expired.
    pub fn new(entries: Vec<Entry>, today: i64) -> Self {
        let (expired, entries) = entries.into_iter().partition(|entry| entry.has_expired(today));
        Self { entries, expired }
    }

    /// Returns the entries that no longer apply: whoever reports a hunt warns of them.
    pub fn expired(&self) -> &[Entry] {
        &self.expired
    }

    /// Returns the entries in force.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Sets aside the alerts that an entry in force is for. The first entry that is, counts.
    pub fn apply(&self, alerts: Vec<Alert>) -> Tuned {
        let mut tuned = Tuned::default();
        for alert in alerts {
            match self.entries.iter().find(|entry| entry.is_for(&alert)) {
                Some(entry) => tuned.suppressed.push(set_aside(alert, entry)),
                None => tuned.alerts.push(alert),
            }
        }
        tuned
    }
}

fn set_aside(mut alert: Alert, entry: &Entry) -> Suppressed {
    alert.severity = Severity::Informational;
    let told = Value::String(entry.id.clone());
    match alert.columns.iter_mut().find(|(name, _)| **name == *SUPPRESSED_BY) {
        Some((_, value)) => *value = told,
        None => alert.columns.push((Arc::from(SUPPRESSED_BY), told)),
    }
    Suppressed { alert, entry: entry.id.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::RuleRef;

    fn alert(columns: &[(&str, &str)]) -> Alert {
        Alert {
            id: "a".to_owned(),
            rule: Arc::new(RuleRef {
                id: "r".to_owned(),
                name: "R".to_owned(),
                behaviours: vec!["B04".to_owned()],
                methods: std::collections::BTreeMap::new(),
                techniques: vec![],
            }),
            severity: Severity::High,
            time: None,
            entities: Vec::new(),
            columns: columns
                .iter()
                .map(|(name, value)| (Arc::from(*name), Value::String((*value).to_owned())))
                .collect(),
            evidence: Vec::new(),
        }
    }

    fn entries(csv: &str) -> Vec<Entry> {
        Entry::parse_list(std::path::Path::new("w.csv"), csv, WatchlistKind::Site).unwrap()
    }

    const HEAD: &str =
        "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires\n";

    #[test]
    fn both_conditions_have_to_hold() {
        let list = format!(
            "{HEAD}e1,B04,ServiceName,Deploy-*,SourceIP,10.0.0.5,,,amy,push,T-1,2030-01-01\n"
        );
        let tuning = Tuning::new(entries(&list), 0);
        let tuned = tuning.apply(vec![
            alert(&[("ServiceName", "deploy-7"), ("SourceIP", "10.0.0.5")]),
            alert(&[("ServiceName", "deploy-7"), ("SourceIP", "10.0.0.6")]),
            alert(&[("ServiceName", "other"), ("SourceIP", "10.0.0.5")]),
        ]);
        assert_eq!(tuned.alerts.len(), 2);
        assert_eq!(tuned.suppressed[0].entry, "e1");
        let column = tuned.suppressed[0].alert.columns.last().unwrap();
        assert_eq!(*column, ("SuppressedBy".into(), Value::String("e1".to_owned())));
    }

    #[test]
    fn other_rules_are_not_touched() {
        let list = format!("{HEAD}e1,B06,ServiceName,a,SourceIP,b,,,amy,push,T-1,2030-01-01\n");
        let tuning = Tuning::new(entries(&list), 0);
        let tuned = tuning.apply(vec![alert(&[("ServiceName", "a"), ("SourceIP", "b")])]);
        assert!(tuned.suppressed.is_empty());
    }

    #[test]
    fn an_expired_entry_no_longer_applies() {
        let list = format!("{HEAD}e1,*,ServiceName,a,SourceIP,b,,,amy,push,T-1,1970-01-02\n");
        let in_force = |today| Tuning::new(entries(&list), today).expired().is_empty();
        assert!(in_force(1));
        assert!(!in_force(2));
    }
}
