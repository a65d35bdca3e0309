//! An alert: what a rule reports, and the records it rests on.
//!
//! Plain data. The rules' run fills it, the reports read it; nothing here decides anything.

pub(crate) mod alert_id;
pub(crate) mod entity;
pub(crate) mod evidence;

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use kql_types::{Ticks, Value};
pub use sentinel::{Entity, Severity};

/// One alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Deterministic: the same rule, version, window, group and evidence give the same id.
    pub id: String,
    /// The rule that reports it.
    pub rule: Arc<RuleRef>,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened, UTC; `None` if the rule's result has no time.
    pub time: Option<Ticks>,
    /// Hosts, accounts, processes and the like, by the rule's mapping.
    pub entities: Vec<Entity>,
    /// The columns of the rule's result, in order; names are distinct.
    pub columns: Vec<(Arc<str>, Value)>,
    /// The records it rests on, in order of file and place.
    pub evidence: Vec<Evidence>,
}

impl Alert {
    /// Returns the value of a column, if the rule's result has it.
    pub fn column(&self, name: &str) -> Option<&Value> {
        self.columns.iter().find(|(column, _)| **column == *name).map(|(_, value)| value)
    }

    /// Returns about how many bytes of memory it takes by itself: the rule, the names of columns and
    /// what records share are not counted, since many alerts have the same.
    pub fn held_bytes(&self) -> usize {
        let text = |len: usize| len.saturating_add(ALLOCATION_BYTES);
        let entities = self.entities.iter().flat_map(|entity| &entity.identifiers);
        let entities = entities.map(|(name, value)| {
            let texts = text(name.len()).saturating_add(text(value.len()));
            size_of::<(String, String)>().saturating_add(texts)
        });
        let columns = self.columns.iter().map(|(_, value)| {
            let value = match value {
                Value::String(value) if value.is_empty() => 0,
                Value::String(value) => text(value.len()),
                Value::Decimal(value) | Value::Guid(value) | Value::Dynamic(value) => {
                    value.as_ref().map_or(0, |value| text(value.len()))
                }
                _ => 0,
            };
            size_of::<(Arc<str>, Value)>().saturating_add(value)
        });
        let evidence = size_of::<Evidence>().saturating_mul(self.evidence.len());
        let all = [text(self.id.len()), evidence].into_iter().chain(entities).chain(columns);
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
    /// The ways to move that these show, by the behaviours' ids: a behaviour without one is no movement by
    /// itself.
    pub methods: BTreeMap<String, String>,
    /// The techniques it is for, by their ids in ATT&CK.
    pub techniques: Vec<String>,
}

/// A record that an alert rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// What it shares with others of its log.
    pub origin: Arc<Origin>,
    /// The 1-based index of the record in the file or member.
    pub line: u64,
    /// The event's own record id, where the format has one.
    pub record_id: Option<i64>,
    /// The event id, for Windows events.
    pub event_id: Option<i32>,
}

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file's path as it was given.
    pub file: String,
    /// The member, if the file is an archive.
    pub member: Option<String>,
    /// The channel, for Windows events.
    pub channel: Option<String>,
    /// The host that logged it.
    pub host: Option<String>,
}

impl Evidence {
    /// Compares by file, member and place, the order of [`Alert::evidence`].
    pub fn by_place(&self, other: &Self) -> Ordering {
        let (one, two) = (&self.origin, &other.origin);
        let by_log = || (&one.file, &one.member).cmp(&(&two.file, &two.member));
        let by_log = if Arc::ptr_eq(one, two) { Ordering::Equal } else { by_log() };
        by_log.then_with(|| self.line.cmp(&other.line))
    }
}
