//! The entities of an alert: what a rule's mappings make of its rows, and what Sentinel drops of that.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Losses, account_name};
use crate::{
    assumptions::{AccountName, Assumptions},
    row::Rows,
    rule::{EntityMapping, Rule},
};

/// The most entities of an alert, all mappings together.
const MOST_ENTITIES: usize = 500;

/// The most bytes of the field that has them.
const MOST_BYTES: usize = 64 << 10;

/// Something an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// An entity that an alert would have, had Sentinel not dropped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedEntity {
    /// The entity.
    pub entity: Entity,
    /// Why.
    pub reason: DropReason,
}

/// Why Sentinel drops an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DropReason {
    /// Its `Name` is that of no account in particular, such as `Administrator`.
    GenericAccountName,
    /// No value is there for any identifier that is required.
    NoRequiredIdentifier,
    /// The mapping has its share of 500 entities already.
    MappingShare,
    /// The field `Entities` would have more than 64 KB.
    FieldSize,
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GenericAccountName => "generic account name",
            Self::NoRequiredIdentifier => "no required identifier",
            Self::MappingShare => "more than the mapping's share of 500 entities",
            Self::FieldSize => "more than 64 KB of entities",
        })
    }
}

/// What rows name, by a rule's mappings: each entity once.
#[derive(Debug, Default)]
pub(crate) struct Mapped {
    pub(crate) entities: Vec<Entity>,
    pub(crate) dropped: Vec<DroppedEntity>,
}

/// Returns the entities that rows name, mapping by mapping, in the order of the rows.
pub(crate) fn entities(
    rule: &Rule,
    rows: Rows<'_>,
    losses: Losses,
    assumptions: &Assumptions,
) -> Mapped {
    let mut mapped = Mapped::default();
    let mut seen = BTreeSet::new();
    // Divided equally; the remainder goes to nobody.
    let share = MOST_ENTITIES.checked_div(rule.entity_mappings.len()).unwrap_or(MOST_ENTITIES);
    for mapping in &rule.entity_mappings {
        let mut kept = Vec::new();
        for at in 0..rows.len() {
            let Some(entity) = entity(mapping, rows.only(at)) else { continue };
            if !seen.insert(entity.clone()) {
                continue;
            }
            let reason = match losses {
                Losses::None => None,
                Losses::Sentinel => reason(&entity)
                    .or_else(|| (kept.len() >= share).then_some(DropReason::MappingShare)),
            };
            if let Some(reason) = reason {
                mapped.dropped.push(DroppedEntity { entity, reason });
            } else {
                kept.push(named(entity, assumptions));
            }
        }
        mapped.entities.extend(kept);
    }
    if losses == Losses::Sentinel {
        drop_what_is_too_much(&mut mapped);
    }
    mapped
}

/// Returns the entity that a row names; `None` if no column of the mapping has a value there.
fn entity(mapping: &EntityMapping, row: Rows<'_>) -> Option<Entity> {
    let value = |(identifier, column): &(String, String)| {
        Some((identifier.clone(), row.texts(column).next()?))
    };
    let identifiers: Vec<_> = mapping.identifiers.iter().filter_map(value).collect();
    (!identifiers.is_empty()).then(|| Entity { kind: mapping.kind.clone(), identifiers })
}

fn reason(entity: &Entity) -> Option<DropReason> {
    if entity.kind == "Account" && entity.identifier("Name").is_some_and(account_name::is_generic) {
        return Some(DropReason::GenericAccountName);
    }
    let has = |needed: &&[&str]| needed.iter().all(|name| entity.identifier(name).is_some());
    let is_named = rule_file::required_identifiers(&entity.kind)
        .is_none_or(|required| required.iter().any(has));
    (!is_named).then_some(DropReason::NoRequiredIdentifier)
}

fn named(entity: Entity, assumptions: &Assumptions) -> Entity {
    if entity.kind != "Account" || assumptions.account_name == AccountName::AsMapped {
        return entity;
    }
    let Entity { kind, identifiers } = entity;
    Entity { kind, identifiers: account_name::named(identifiers) }
}

/// Drops entities from the end until the field is not too large.
fn drop_what_is_too_much(mapped: &mut Mapped) {
    let lengths = mapped.entities.iter().enumerate().map(|(at, it)| entity_json(at, it).len());
    let fits: Vec<usize> = lengths
        .scan(1_usize, |bytes, length| {
            // With the comma, or the bracket at the end.
            *bytes = bytes.checked_add(length)?.checked_add(1)?;
            (*bytes <= MOST_BYTES).then_some(*bytes)
        })
        .collect();
    let too_many = mapped.entities.split_off(fits.len());
    let reason = DropReason::FieldSize;
    mapped.dropped.extend(too_many.into_iter().map(|entity| DroppedEntity { entity, reason }));
}

/// Returns an entity as the field has it, given its place there.
pub(crate) fn entity_json(at: usize, entity: &Entity) -> String {
    let id = Json::from(at.saturating_add(1).to_string());
    let identifiers =
        entity.identifiers.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    let kind = Json::from(type_name(&entity.kind));
    let fields = [("$id".to_owned(), id)].into_iter().chain(identifiers);
    Json::from(fields.chain([("Type".to_owned(), kind)]).collect::<Map<_, _>>()).to_string()
}

/// Returns the name that the field has for a type of entity.
fn type_name(kind: &str) -> &str {
    match kind {
        "Account" => "account",
        "AzureResource" => "azure-resource",
        "CloudApplication" => "cloud-application",
        "DNS" => "dns",
        "File" => "file",
        "FileHash" => "filehash",
        "Host" => "host",
        "IoTDevice" => "iotdevice",
        "IP" => "ip",
        "Mailbox" => "mailbox",
        "MailCluster" => "mailCluster",
        "MailMessage" => "mailMessage",
        "Malware" => "malware",
        "Process" => "process",
        "RegistryKey" => "registry-key",
        "RegistryValue" => "registry-value",
        "SecurityGroup" => "security-group",
        "SubmissionMail" => "submissionMail",
        "URL" => "url",
        other => other,
    }
}
