//! An entry of a watchlist: what an alert has to be like to be set aside, who answers for that, and
//! until when.

use kql_types::{
    Value,
    dynamic::{self, Kind},
};

use super::pattern;
use crate::alert::Alert;

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id, unique in all lists.
    pub id: String,
    /// Behaviours or rule ids that it is for; empty: all.
    pub rules: Vec<String>,
    /// What has to hold, all of it; at least two, of different columns.
    pub conditions: Vec<Condition>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is.
    pub reason: String,
    /// Where that was decided.
    pub ticket: String,
    /// Until when it holds.
    pub expires: Expiry,
}

/// That a column of an alert has a value of some form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The value, with `*` for any text, in any case.
    pub pattern: String,
}

/// When an entry ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Never: for what a package knows of products.
    Never,
    /// On this day, the last on which it holds, in days since 1970.
    On(i64),
}

impl Entry {
    /// Tells whether it no longer holds on a day, in days since 1970.
    pub(super) const fn has_expired(&self, today: i64) -> bool {
        matches!(self.expires, Expiry::On(day) if day < today)
    }

    /// Tells whether an alert is of the kind that it is for.
    pub fn is_for(&self, alert: &Alert) -> bool {
        let is_named = |name: &String| {
            name.eq_ignore_ascii_case(&alert.rule.id) || names_behaviour(alert, name)
        };
        (self.rules.is_empty() || self.rules.iter().any(is_named))
            && self.conditions.iter().all(|condition| condition.holds_for(alert))
    }
}

/// Tells whether an alert is about a behaviour: its row's own, else one of its rule.
fn names_behaviour(alert: &Alert, name: &str) -> bool {
    match alert.column("Behaviour") {
        Some(Value::String(own)) if !own.is_empty() => own == name,
        _ => alert.rule.behaviours.iter().any(|behaviour| behaviour == name),
    }
}

impl Condition {
    fn holds_for(&self, alert: &Alert) -> bool {
        let Some(value) = alert.column(&self.column) else { return false };
        match value {
            // Of a list, all has to be of the form: one strange value among known ones is strange.
            Value::Dynamic(Some(json)) if dynamic::kind(json) == Kind::Array => {
                let mut values = dynamic::elements(json).map(dynamic::unquote).peekable();
                values.peek().is_some() && values.all(|text| pattern::matches(&self.pattern, &text))
            }
            value => pattern::matches(&self.pattern, &value.to_text()),
        }
    }
}
