//! Entities: Sentinel's types and identifiers as Graph has them.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/security-entitymappingconfiguration?view=graph-rest-beta>

use serde_json::{Map, Value};

use super::Loss;

/// A type of entity: Sentinel's name, Graph's list, and for each identifier the member that names its
/// column.
struct Entity {
    ty: &'static str,
    list: &'static str,
    members: &'static [(&'static str, &'static str)],
}

const ENTITIES: &[Entity] = &[
    Entity {
        ty: "Account",
        list: "accounts",
        members: &[
            ("Name", "nameColumn"),
            ("NTDomain", "ntDomainColumn"),
            ("DnsDomain", "dnsDomainColumn"),
            ("UPNSuffix", "upnSuffixColumn"),
            ("Sid", "sidColumn"),
            ("AadUserId", "aadUserIdColumn"),
        ],
    },
    Entity {
        ty: "Host",
        list: "hosts",
        members: &[
            ("HostName", "nameColumn"),
            ("DnsDomain", "dnsDomainColumn"),
            ("NTDomain", "ntDomainColumn"),
            ("NetBiosName", "netBiosNameColumn"),
        ],
    },
    Entity {
        ty: "IP",
        list: "ips",
        members: &[("Address", "addressColumn"), ("AddressScope", "scopeColumn")],
    },
    Entity { ty: "File", list: "files", members: &[("Name", "nameColumn")] },
    Entity { ty: "URL", list: "urls", members: &[("Url", "addressColumn")] },
    Entity { ty: "DNS", list: "dns", members: &[("DomainName", "domainNameColumn")] },
    Entity {
        ty: "Mailbox",
        list: "mailboxes",
        members: &[("MailboxPrimaryAddress", "primaryAddressColumn")],
    },
    Entity {
        ty: "SecurityGroup",
        list: "securityGroups",
        members: &[
            ("DistinguishedName", "distinguishedNameColumn"),
            ("SID", "sidColumn"),
            ("ObjectGuid", "objectIdColumn"),
        ],
    },
];

/// Lists of which one has to have an entity: an alert is about a device, a person or a mailbox.
const IMPACTED: [&str; 3] = ["hosts", "accounts", "mailboxes"];

/// Returns a rule's entities as Graph has them.
pub(super) fn entity_mappings(mappings: &[Value], losses: &mut Vec<Loss>) -> Map<String, Value> {
    let mut lists: Map<String, Value> = Map::new();
    for mapping in mappings {
        let text = |node: &Value, field: &str| {
            node.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let ty = text(mapping, "entityType");
        let entity = ENTITIES.iter().find(|entity| entity.ty == ty);
        let fields = mapping.get("fieldMappings").and_then(Value::as_array);
        let mut members = Map::new();
        for field in fields.map(Vec::as_slice).unwrap_or_default() {
            let (identifier, column) = (text(field, "identifier"), text(field, "columnName"));
            let known = entity
                .and_then(|entity| entity.members.iter().find(|(known, _)| *known == identifier));
            let member = match known {
                Some((_, member)) => Some(*member),
                // A column with the full name is the nearest that there is to one with the name.
                None if ty == "Host" && identifier == "FullName" => Some("nameColumn"),
                None => None,
            };
            if known.is_none() {
                let how = if member.is_some() { "only the name of a host" } else { "none of it" };
                let why = format!("Defender has no `{ty}.{identifier}`, {how}");
                let loss = Loss::of_detail("entityMappings", why);
                if !losses.contains(&loss) {
                    losses.push(loss);
                }
            }
            if let Some(member) = member {
                members.entry(member).or_insert(Value::from(column));
            }
        }
        if let Some(entity) = entity.filter(|_| !members.is_empty()) {
            let list = lists.entry(entity.list).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                list.push(Value::Object(members));
            }
        }
    }
    if !IMPACTED.iter().any(|list| lists.contains_key(*list)) {
        let why = "a custom detection needs an impacted asset: a host, an account or a mailbox";
        losses.push(Loss::of_alerts("entityMappings", why));
    }
    lists
}
