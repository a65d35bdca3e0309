//! The columns of an alert, by the names that the package's README lists and by those that other
//! people's rules use for the same thing.

use std::collections::{BTreeMap, BTreeSet};

use detection::alert::Alert;
use kql_types::{
    Value,
    dynamic::{self, Kind},
};

/// The columns of one alert.
pub(crate) struct Columns<'a> {
    alert: &'a Alert,
    by_name: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(alert: &'a Alert) -> Self {
        let columns = alert.columns.iter().map(|(name, value)| (&**name, value));
        Self { alert, by_name: columns.collect() }
    }

    /// Returns the text of the first of these columns that has any.
    pub(crate) fn text(&self, names: &[&str]) -> String {
        let texts = names.iter().filter_map(|name| self.by_name.get(name));
        let mut texts = texts.map(|value| value.to_text());
        texts.find(|text| !matches!(text.trim(), "" | "-")).unwrap_or_default()
    }

    /// Returns the number in a column.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.by_name.get(name)? {
            Value::Int(number) => number.map(i64::from),
            Value::Long(number) => *number,
            other => other.to_text().parse().ok(),
        }
    }

    /// Returns every text of these columns; a list, as `make_set` gives it, has several.
    pub(crate) fn texts(&self, names: &[&str]) -> BTreeSet<String> {
        let values = names.iter().filter_map(|name| self.by_name.get(name));
        let texts = values.flat_map(|value| texts_of(value));
        texts.filter(|text| !matches!(text.trim(), "" | "-")).collect()
    }

    /// Returns the value of an identifier of the first entity of a kind that has it.
    pub(crate) fn entity(&self, kind: &str, identifiers: &[&str]) -> String {
        let of_kind = self.alert.entities.iter().filter(|entity| entity.kind == kind);
        let mut found = of_kind.flat_map(|entity| {
            identifiers.iter().filter_map(|identifier| entity.identifier(identifier))
        });
        found.next().unwrap_or_default().to_owned()
    }

    /// Returns the hosts that may have recorded it: the row's own, else those of its records.
    pub(crate) fn observers(&self) -> BTreeSet<String> {
        let own = self.observer();
        if !own.is_empty() {
            return BTreeSet::from([own]);
        }
        self.alert.evidence.iter().filter_map(|record| record.origin.host.clone()).collect()
    }

    /// Returns the host whose record it is, or `""`.
    pub(crate) fn observer(&self) -> String {
        self.text(&["DeviceName", "Computer"])
    }

    /// Returns the behaviours that the row shows: its own, else its rule's.
    pub(crate) fn behaviours(&self) -> BTreeSet<String> {
        let own = self.texts(&["Behaviour", "Behaviours"]);
        // A rule for several may write `B11-15` or `B11,B12`; only ids are taken as such.
        let ids = |text: &String| self.alert.rule.behaviours.contains(text);
        let own: BTreeSet<String> = own.into_iter().filter(ids).collect();
        if own.is_empty() { self.alert.rule.behaviours.iter().cloned().collect() } else { own }
    }
}

fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::Dynamic(Some(json)) if dynamic::kind(json) == Kind::Array => {
            dynamic::elements(json).map(|element| dynamic::unquote(element).into_owned()).collect()
        }
        value => vec![value.to_text()],
    }
}
