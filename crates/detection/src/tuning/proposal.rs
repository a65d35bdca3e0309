//! Proposals: exceptions that alerts on everyday telemetry suggest.
//!
//! In go the alerts of a run in which nothing bad is known to have happened; out come entries that
//! would set them aside, each with the alerts it would have hidden. A proposal lacks an owner, a
//! ticket and an end, so that it is no exception before somebody has answered for it.

use std::collections::BTreeMap;

use kql_types::{Value, formula};

use crate::alert::{Alert, Severity};

/// Attributes that tell who or what it is, two by two, the most telling first.
const PAIRS: [[&str; 2]; 10] = [
    ["AccountName", "SourceIP"],
    ["ServiceName", "FolderPath"],
    ["ServiceName", "ProcessCommandLine"],
    ["FolderPath", "SourceIP"],
    ["ProcessCommandLine", "SourceDevice"],
    ["FolderPath", "AccountName"],
    ["PipeName", "SourceIP"],
    ["TaskName", "AccountName"],
    ["FileName", "AccountName"],
    ["ShareName", "AccountName"],
];

/// An entry that would set alerts aside.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Its id, made of what it is for and its place in the list.
    pub id: String,
    /// The behaviours or the rule that it is for.
    pub rules: Vec<String>,
    /// Columns and their values.
    pub conditions: [(String, String); 2],
    /// The alerts that it would have hidden, in order.
    pub hides: Vec<Alert>,
}

impl Proposal {
    /// Returns the worst severity of what it would have hidden.
    pub fn severity(&self) -> Severity {
        self.hides.iter().map(|alert| alert.severity).max().unwrap_or(Severity::Informational)
    }

    /// Returns the entry as a line of a watchlist, without an owner, a ticket and an end.
    pub fn to_csv(&self) -> String {
        let [(column1, value1), (column2, value2)] = &self.conditions;
        let count = self.hides.len();
        let reason = format!("{count} alerts in a run without known attacks");
        [
            self.id.as_str(),
            &self.rules.join(" "),
            column1,
            value1,
            column2,
            value2,
            "",
            "",
            "",
            &reason,
            "",
            "",
        ]
        .map(quoted)
        .join(",")
    }
}

/// The head of a watchlist.
pub const HEAD: &str =
    "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires";

/// Proposes entries, those that would hide most first.
///
/// Returns the alerts beside that name no two attributes, for which there can be no entry.
pub fn propose(alerts: &[Alert]) -> (Vec<Proposal>, Vec<Alert>) {
    let mut groups: BTreeMap<_, Vec<Alert>> = BTreeMap::new();
    let mut without = Vec::new();
    for alert in alerts {
        match conditions(alert) {
            Some(conditions) => {
                groups.entry((subject(alert), conditions)).or_default().push(alert.clone());
            }
            None => without.push(alert.clone()),
        }
    }
    let mut proposals: Vec<Proposal> = groups
        .into_iter()
        .map(|((rules, conditions), hides)| Proposal {
            id: String::new(),
            rules,
            conditions,
            hides,
        })
        .collect();
    // Stable: as many alerts stay in order of their rules.
    proposals.sort_by_key(|proposal| std::cmp::Reverse(proposal.hides.len()));
    for (number, proposal) in proposals.iter_mut().enumerate() {
        proposal.id = format!("{}-{:03}", proposal.rules.join("-"), number.saturating_add(1));
    }
    (proposals, without)
}

/// Returns what an entry for an alert would be for: its behaviour, else its rule.
fn subject(alert: &Alert) -> Vec<String> {
    let own = text(alert, "Behaviour");
    if own.is_empty() { vec![alert.rule.id.clone()] } else { vec![own] }
}

fn conditions(alert: &Alert) -> Option<[(String, String); 2]> {
    PAIRS.iter().find_map(|pair| {
        let both = pair.map(|column| (column.to_owned(), text(alert, column)));
        // A star in a value would stand for any text.
        both.iter().all(|(_, value)| !value.is_empty() && !value.contains('*')).then_some(both)
    })
}

fn text(alert: &Alert, column: &str) -> String {
    let text = alert.column(column).map(Value::to_text).unwrap_or_default();
    // A list of several is no value of one form.
    if text.starts_with('[') { String::new() } else { text }
}

fn quoted(text: &str) -> String {
    let guard = if formula::needs_guard(text) { formula::GUARD } else { "" };
    if !guard.is_empty() || text.contains([',', ';', '"', '\n', '\r']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        alert::RuleRef,
        tuning::{Entry, WatchlistKind},
    };

    fn alert(account: &str, source: &str) -> Alert {
        let column = |name: &str, value: &str| (name.into(), Value::String(value.to_owned()));
        Alert {
            id: "a".to_owned(),
            rule: std::sync::Arc::new(RuleRef {
                id: "r".to_owned(),
                name: "R".to_owned(),
                behaviours: vec![],
                methods: BTreeMap::new(),
                techniques: vec![],
            }),
            severity: Severity::Low,
            time: None,
            entities: vec![],
            columns: vec![
                column("Behaviour", "B06"),
                column("AccountName", account),
                column("SourceIP", source),
            ],
            evidence: vec![],
        }
    }

    #[test]
    fn alerts_of_one_account_and_source_are_one_entry() {
        let alerts = [alert("amy", "10.0.0.1"), alert("bob", "10.0.0.1"), alert("amy", "10.0.0.1")];
        let (proposals, without) = propose(&alerts);
        assert_eq!(proposals.len(), 2);
        assert_eq!(proposals[0].hides.len(), 2);
        assert!(without.is_empty());
        let csv = format!("{HEAD}\n{}\n", proposals[0].to_csv());
        let error = Entry::parse_list(Path::new("p.csv"), &csv, WatchlistKind::Site).unwrap_err();
        assert!(error.to_string().contains("has no owner"), "{error}");
    }

    #[test]
    fn an_alert_without_two_attributes_has_no_entry() {
        let (proposals, without) = propose(&[alert("amy", "")]);
        assert!(proposals.is_empty());
        assert_eq!(without.len(), 1);
    }
}
