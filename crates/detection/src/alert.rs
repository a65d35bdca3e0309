//! An alert: what a rule reports, and the records it rests on.
//!
//! Plain data. The rules' run fills it, the reports read it; nothing here decides anything.

use std::{cmp::Ordering, fmt};

use kql_types::{Ticks, Value};
use serde::Deserialize;

/// One alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Deterministic: the same rule, version, window, group and evidence give the same id.
    pub id: String,
    /// The rule that reports it.
    pub rule: RuleRef,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened, UTC; `None` if the rule's result has no time.
    pub time: Option<Ticks>,
    /// Hosts, accounts, processes and the like, by the rule's mapping.
    pub entities: Vec<Entity>,
    /// The columns of the rule's result, in order; names are distinct.
    pub columns: Vec<(String, Value)>,
    /// The records it rests on, in order of file and place.
    pub evidence: Vec<Evidence>,
}

impl Alert {
    /// Returns about how many bytes of memory it takes.
    pub fn held_bytes(&self) -> usize {
        let text = |text: &String| text.len().saturating_add(ALLOCATION_BYTES);
        let rule = [&self.rule.id, &self.rule.name].into_iter().chain(&self.rule.behaviours);
        let entities = self.entities.iter().flat_map(|entity| &entity.identifiers);
        let entities = entities.map(|(name, value)| {
            size_of::<(String, String)>().saturating_add(text(name)).saturating_add(value.len())
        });
        let columns = self.columns.iter().map(|(name, value)| {
            let value = match value {
                Value::String(value) => value.len(),
                value => value.to_text().len(),
            };
            let fields = size_of::<(String, Value)>().saturating_add(ALLOCATION_BYTES);
            fields.saturating_add(text(name)).saturating_add(value)
        });
        let evidence = self.evidence.iter().map(|record| {
            let optional = [&record.member, &record.channel, &record.host];
            let texts = optional.into_iter().flatten().chain([&record.file]).map(text);
            texts.fold(size_of::<Evidence>(), usize::saturating_add)
        });
        let texts = rule.chain([&self.id]).map(text);
        let all = texts.chain(entities).chain(columns).chain(evidence);
        all.fold(size_of::<Self>(), usize::saturating_add)
    }
}

/// What an allocation takes besides its bytes.
const ALLOCATION_BYTES: usize = 16;

/// The rule of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule's id, a guid in Sentinel's rules.
    pub id: String,
    /// The rule's name.
    pub name: String,
    /// The behaviours it sees, `B01` for example.
    pub behaviours: Vec<String>,
    /// The techniques it is for, by their ids in ATT&CK.
    pub techniques: Vec<String>,
}

/// How bad an alert is, in Sentinel's words, least first.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing
    Informational,
    /// Low
    Low,
    /// Medium
    Medium,
    /// High
    High,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 4] = [Self::Informational, Self::Low, Self::Medium, Self::High];

    /// Reads a name as rule files write it, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name().eq_ignore_ascii_case(name))
    }

    /// Returns the name as rule files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something an alert is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Sentinel's entity type: `Host`, `Account`, `IP`, `Process`, ….
    pub kind: String,
    /// Sentinel's identifiers and their values, in the rule's order: `FullName`, `Sid`, `Address`, ….
    pub identifiers: Vec<(String, String)>,
}

impl Entity {
    /// Returns the value of an identifier, if it is there and not empty.
    pub fn identifier(&self, name: &str) -> Option<&str> {
        let found = self.identifiers.iter().find(|(identifier, _)| identifier == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A record that an alert rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// The file's path as it was given.
    pub file: String,
    /// The member, if the file is an archive.
    pub member: Option<String>,
    /// The 1-based index of the record in the file or member.
    pub line: u64,
    /// The event's own record id, where the format has one.
    pub record_id: Option<i64>,
    /// The event id, for Windows events.
    pub event_id: Option<i32>,
    /// The channel, for Windows events.
    pub channel: Option<String>,
    /// The host that logged it.
    pub host: Option<String>,
}

impl Evidence {
    /// Compares by file, member and place, the order of [`Alert::evidence`].
    pub fn by_place(&self, other: &Self) -> Ordering {
        (&self.file, &self.member, self.line).cmp(&(&other.file, &other.member, other.line))
    }
}
