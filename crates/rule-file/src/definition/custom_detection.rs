//! Custom detections of Defender, in YAML, in a template, or as Graph has them.
//!
//! Sources: <https://learn.microsoft.com/graph/api/resources/security-detectionrule>, and
//! <https://learn.microsoft.com/defender-xdr/custom-detection-rules> for how far a run looks back.

use super::{AlertSettings, Definition, given, owned, text, texts};
use crate::{period::Period, trigger::TriggerOperator, yaml::Node};

pub(super) fn definition(root: &Node) -> Definition {
    let nothing = Node::default();
    let properties = root.get("properties").unwrap_or(&nothing);
    let template = properties.at(&["detectionAction", "alertTemplate"]).unwrap_or(&nothing);
    let id = ["id", "detectorId"].iter().find_map(|field| text(properties, field));
    let name = text(properties, "displayName").or_else(|| text(template, "title"));
    let frequency = schedule(properties, "frequency").or_else(|| schedule(properties, "period"));
    let frequency = frequency.and_then(Period::parse_any_case);
    let look_back = schedule(properties, "lookback").and_then(Period::parse_any_case);
    Definition {
        id: id.or_else(|| text(root, "id")).map(str::to_owned),
        name: name.unwrap_or_default().to_owned(),
        description: owned(template, "description"),
        severity: owned(template, "severity"),
        frequency,
        period: look_back.or_else(|| frequency.map(usual_look_back)),
        operator: TriggerOperator::GreaterThan,
        threshold: 0,
        tactics: tactics(template),
        techniques: techniques(template),
        entities: entities(template),
        severity_column: None,
        version: String::new(),
        alerts: AlertSettings::default(),
        is_custom_detection: true,
    }
}

/// Returns a part of the schedule.
pub(crate) fn schedule<'n>(properties: &'n Node, field: &str) -> Option<&'n str> {
    properties.at(&["schedule", field]).and_then(given)
}

/// Returns how far a detection of a frequency looks back if it does not say. For frequencies between
/// those that are documented the next longer one is taken, which is inferred.
pub(crate) fn usual_look_back(frequency: Period) -> Period {
    const HOUR: u32 = 3_600;
    let hours = match frequency.seconds().div_ceil(HOUR) {
        0..=1 => 4,
        2..=3 => 12,
        4..=12 => 48,
        _ => 720,
    };
    Period::of_hours(hours).max(frequency)
}

fn tactics(template: &Node) -> Vec<String> {
    let listed = template.get("tactics").map(Node::items).unwrap_or_default().iter();
    let mut tactics: Vec<String> = listed
        .filter_map(|it| text(it, "tactic").or_else(|| it.text()))
        .map(str::to_owned)
        .collect();
    tactics.extend(text(template, "category").map(str::to_owned).filter(|_| tactics.is_empty()));
    tactics
}

fn techniques(template: &Node) -> Vec<String> {
    let mut techniques = texts(template.get("mitreTechniques"));
    for tactic in template.get("tactics").map(Node::items).unwrap_or_default() {
        let listed = tactic.get("techniques").map(Node::items).unwrap_or_default();
        for technique in listed {
            techniques.extend(
                text(technique, "technique").or_else(|| technique.text()).map(str::to_owned),
            );
            techniques.extend(texts(technique.get("subTechniques")));
        }
    }
    techniques
}

/// A kind of entity: what Defender calls its list, what Sentinel calls it, and for each of Defender's
/// fields Sentinel's identifier.
struct EntityList {
    list: &'static str,
    kind: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

const ENTITIES: [EntityList; 5] = [
    EntityList {
        list: "hosts",
        kind: "Host",
        fields: &[
            ("nameColumn", "HostName"),
            ("fullNameColumn", "FullName"),
            ("dnsDomainColumn", "DnsDomain"),
        ],
    },
    EntityList {
        list: "accounts",
        kind: "Account",
        fields: &[
            ("nameColumn", "Name"),
            ("fullNameColumn", "FullName"),
            ("sidColumn", "Sid"),
            ("ntDomainColumn", "NTDomain"),
            ("upnSuffixColumn", "UPNSuffix"),
            ("aadUserIdColumn", "AadUserId"),
        ],
    },
    EntityList { list: "ips", kind: "IP", fields: &[("addressColumn", "Address")] },
    EntityList {
        list: "processes",
        kind: "Process",
        fields: &[("commandLineColumn", "CommandLine"), ("processIdColumn", "ProcessId")],
    },
    EntityList {
        list: "files",
        kind: "File",
        fields: &[("nameColumn", "Name"), ("directoryColumn", "Directory")],
    },
];

fn entities(template: &Node) -> Vec<(String, Vec<(String, String)>)> {
    let mut entities = Vec::new();
    for EntityList { list, kind, fields } in ENTITIES {
        for entity in template.at(&["entityMappings", list]).map(Node::items).unwrap_or_default() {
            let fields = fields.iter().filter_map(|(field, identifier)| {
                Some(((*identifier).to_owned(), text(entity, field)?.to_owned()))
            });
            entities.push((kind.to_owned(), fields.collect()));
        }
    }
    for asset in template.get("impactedAssets").map(Node::items).unwrap_or_default() {
        let kind = text(asset, "@odata.type").unwrap_or_default().to_ascii_lowercase();
        let of = |kind: &str, identifier: &str, column: &str| {
            (kind.to_owned(), vec![(identifier.to_owned(), column.to_owned())])
        };
        match text(asset, "identifier") {
            Some("deviceId" | "deviceName") if kind.contains("device") => {
                entities.push(of("Host", "HostName", "DeviceName"));
            }
            Some("accountSid") => entities.push(of("Account", "Sid", "AccountSid")),
            Some("accountUpn") => entities.push(of("Account", "FullName", "AccountUpn")),
            Some("accountObjectId") => {
                entities.push(of("Account", "AadUserId", "AccountObjectId"));
            }
            _ => {}
        }
    }
    entities
}
