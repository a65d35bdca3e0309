//! What is written, held against the published schemas: members, which of them have to be there, the
//! types and values that they take.
//!
//! Sources: <https://learn.microsoft.com/azure/templates/microsoft.securityinsights/2023-12-01-preview/alertrules>,
//! <https://learn.microsoft.com/azure/templates/microsoft.securityinsights/2023-12-01-preview/watchlists>,
//! <https://learn.microsoft.com/azure/templates/microsoft.operationalinsights/2020-08-01/workspaces/savedsearches>,
//! <https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax>,
//! <https://learn.microsoft.com/graph/api/resources/security-detectionrule?view=graph-rest-beta> and the types below it.

use serde_json::Value;

/// What a member takes.
enum Ty {
    Text,
    Bool,
    Int,
    /// A length of time in ISO 8601.
    Duration,
    OneOf(&'static [&'static str]),
    List(&'static Ty),
    /// Members of this type.
    Object(&'static [Member]),
    /// Any names, texts for each.
    Texts,
    /// Anything.
    Any,
}

/// A member, what it takes, and whether it has to be there.
type Member = (&'static str, Ty, bool);

const NEEDED: bool = true;
const MAY: bool = false;

const SEVERITIES: &[&str] = &["High", "Informational", "Low", "Medium"];
const TACTICS: &[&str] = &[
    "Collection",
    "CommandAndControl",
    "CredentialAccess",
    "DefenseEvasion",
    "Discovery",
    "Execution",
    "Exfiltration",
    "Impact",
    "ImpairProcessControl",
    "InhibitResponseFunction",
    "InitialAccess",
    "LateralMovement",
    "Persistence",
    "PreAttack",
    "PrivilegeEscalation",
    "Reconnaissance",
    "ResourceDevelopment",
];
const ENTITIES: &[&str] = &[
    "Account",
    "AzureResource",
    "CloudApplication",
    "DNS",
    "File",
    "FileHash",
    "Host",
    "IP",
    "MailCluster",
    "MailMessage",
    "Mailbox",
    "Malware",
    "Process",
    "RegistryKey",
    "RegistryValue",
    "SecurityGroup",
    "SubmissionMail",
    "URL",
];
const PROPERTIES: &[&str] = &[
    "AlertLink",
    "ConfidenceLevel",
    "ConfidenceScore",
    "ExtendedLinks",
    "ProductComponentName",
    "ProductName",
    "ProviderName",
    "RemediationSteps",
    "Techniques",
];

const GROUPING: &[Member] = &[
    ("enabled", Ty::Bool, NEEDED),
    ("reopenClosedIncident", Ty::Bool, NEEDED),
    ("lookbackDuration", Ty::Duration, NEEDED),
    ("matchingMethod", Ty::OneOf(&["AllEntities", "AnyAlert", "Selected"]), NEEDED),
    ("groupByEntities", Ty::List(&Ty::OneOf(ENTITIES)), MAY),
    ("groupByAlertDetails", Ty::List(&Ty::OneOf(&["DisplayName", "Severity"])), MAY),
    ("groupByCustomDetails", Ty::List(&Ty::Text), MAY),
];

/// Of every kind of rule that has a query.
const RULE: &[Member] = &[
    ("displayName", Ty::Text, NEEDED),
    ("description", Ty::Text, MAY),
    ("severity", Ty::OneOf(SEVERITIES), NEEDED),
    ("enabled", Ty::Bool, NEEDED),
    ("query", Ty::Text, NEEDED),
    ("suppressionDuration", Ty::Duration, NEEDED),
    ("suppressionEnabled", Ty::Bool, NEEDED),
    ("tactics", Ty::List(&Ty::OneOf(TACTICS)), MAY),
    ("techniques", Ty::List(&Ty::Text), MAY),
    ("subTechniques", Ty::List(&Ty::Text), MAY),
    ("alertRuleTemplateName", Ty::Text, MAY),
    ("templateVersion", Ty::Text, MAY),
    ("startTimeUtc", Ty::Text, MAY),
    (
        "incidentConfiguration",
        Ty::Object(&[
            ("createIncident", Ty::Bool, NEEDED),
            ("groupingConfiguration", Ty::Object(GROUPING), MAY),
        ]),
        MAY,
    ),
    (
        "eventGroupingSettings",
        Ty::Object(&[("aggregationKind", Ty::OneOf(&["AlertPerResult", "SingleAlert"]), MAY)]),
        MAY,
    ),
    (
        "alertDetailsOverride",
        Ty::Object(&[
            ("alertDisplayNameFormat", Ty::Text, MAY),
            ("alertDescriptionFormat", Ty::Text, MAY),
            ("alertSeverityColumnName", Ty::Text, MAY),
            ("alertTacticsColumnName", Ty::Text, MAY),
            (
                "alertDynamicProperties",
                Ty::List(&Ty::Object(&[
                    ("alertProperty", Ty::OneOf(PROPERTIES), MAY),
                    ("value", Ty::Text, MAY),
                ])),
                MAY,
            ),
        ]),
        MAY,
    ),
    ("customDetails", Ty::Texts, MAY),
    (
        "entityMappings",
        Ty::List(&Ty::Object(&[
            ("entityType", Ty::OneOf(ENTITIES), MAY),
            (
                "fieldMappings",
                Ty::List(&Ty::Object(&[
                    ("identifier", Ty::Text, MAY),
                    ("columnName", Ty::Text, MAY),
                ])),
                MAY,
            ),
        ])),
        MAY,
    ),
    ("sentinelEntitiesMappings", Ty::List(&Ty::Object(&[("columnName", Ty::Text, MAY)])), MAY),
];

const SCHEDULE: &[Member] = &[
    ("queryFrequency", Ty::Duration, NEEDED),
    ("queryPeriod", Ty::Duration, NEEDED),
    ("triggerOperator", Ty::OneOf(&["Equal", "GreaterThan", "LessThan", "NotEqual"]), NEEDED),
    ("triggerThreshold", Ty::Int, NEEDED),
];

const WATCHLIST: &[Member] = &[
    ("displayName", Ty::Text, NEEDED),
    ("provider", Ty::Text, NEEDED),
    ("itemsSearchKey", Ty::Text, NEEDED),
    ("source", Ty::Text, MAY),
    ("sourceType", Ty::Text, MAY),
    ("watchlistAlias", Ty::Text, MAY),
    ("description", Ty::Text, MAY),
    ("labels", Ty::List(&Ty::Text), MAY),
    ("numberOfLinesToSkip", Ty::Int, MAY),
    ("contentType", Ty::OneOf(&["text/csv"]), MAY),
    ("rawContent", Ty::Text, MAY),
];

/// Of a workspace itself, so that it has no scope.
const SAVED_SEARCH: &[Member] = &[
    ("type", Ty::OneOf(&["Microsoft.OperationalInsights/workspaces/savedSearches"]), NEEDED),
    ("apiVersion", Ty::OneOf(&["2020-08-01"]), NEEDED),
    ("name", Ty::Text, NEEDED),
    (
        "properties",
        Ty::Object(&[
            ("category", Ty::Text, NEEDED),
            ("displayName", Ty::Text, NEEDED),
            ("query", Ty::Text, NEEDED),
            ("functionAlias", Ty::Text, MAY),
            ("functionParameters", Ty::Text, MAY),
            ("version", Ty::Int, MAY),
            (
                "tags",
                Ty::List(&Ty::Object(&[("name", Ty::Text, NEEDED), ("value", Ty::Text, NEEDED)])),
                MAY,
            ),
        ]),
        NEEDED,
    ),
];

const TEMPLATE: &[Member] = &[
    (
        "$schema",
        Ty::OneOf(&[
            "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        ]),
        NEEDED,
    ),
    ("contentVersion", Ty::Text, NEEDED),
    ("metadata", Ty::Any, MAY),
    (
        "parameters",
        Ty::Object(&[(
            "workspace",
            Ty::Object(&[("type", Ty::OneOf(&["string"]), NEEDED), ("metadata", Ty::Any, MAY)]),
            NEEDED,
        )]),
        MAY,
    ),
    ("resources", Ty::List(&Ty::Any), NEEDED),
];

const RESOURCE: &[Member] = &[
    (
        "type",
        Ty::OneOf(&[
            "Microsoft.SecurityInsights/alertRules",
            "Microsoft.SecurityInsights/watchlists",
        ]),
        NEEDED,
    ),
    ("apiVersion", Ty::OneOf(&["2023-12-01-preview"]), NEEDED),
    ("name", Ty::Text, NEEDED),
    (
        "scope",
        Ty::OneOf(&[
            "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))]",
        ]),
        NEEDED,
    ),
    ("kind", Ty::OneOf(&["Scheduled", "NRT"]), MAY),
    ("dependsOn", Ty::List(&Ty::Text), MAY),
    ("properties", Ty::Any, NEEDED),
];

macro_rules! columns {
    ($($name:literal)*) => { Ty::List(&Ty::Object(&[$(($name, Ty::Text, MAY)),*])) };
}

const DETECTION: &[Member] = &[
    ("id", Ty::Text, MAY),
    ("displayName", Ty::Text, NEEDED),
    ("status", Ty::OneOf(&["enabled", "disabled"]), NEEDED),
    ("queryCondition", Ty::Object(&[("queryText", Ty::Text, NEEDED)]), NEEDED),
    (
        "schedule",
        Ty::Object(&[("frequency", Ty::Duration, NEEDED), ("lookback", Ty::Duration, MAY)]),
        NEEDED,
    ),
    ("detectionAction", Ty::Object(&[("alertTemplate", Ty::Object(ALERT), NEEDED)]), NEEDED),
];

const ALERT: &[Member] = &[
    ("title", Ty::Text, NEEDED),
    ("description", Ty::Text, MAY),
    ("severity", Ty::OneOf(&["informational", "low", "medium", "high"]), NEEDED),
    ("recommendedActions", Ty::Text, MAY),
    (
        "tactics",
        Ty::List(&Ty::Object(&[
            ("tactic", Ty::Text, NEEDED),
            (
                "techniques",
                Ty::List(&Ty::Object(&[
                    ("technique", Ty::Text, NEEDED),
                    ("subTechniques", Ty::List(&Ty::Text), MAY),
                ])),
                MAY,
            ),
        ])),
        MAY,
    ),
    (
        "entityMappings",
        Ty::Object(&[
            (
                "accounts",
                columns!("aadUserIdColumn" "dnsDomainColumn" "nameColumn" "ntDomainColumn" "sidColumn" "upnColumn" "upnSuffixColumn"),
                MAY,
            ),
            (
                "hosts",
                columns!("deviceIdColumn" "dnsDomainColumn" "nameColumn" "netBiosNameColumn" "ntDomainColumn"),
                MAY,
            ),
            ("ips", columns!("addressColumn" "scopeColumn"), MAY),
            ("files", columns!("nameColumn" "sha1Column" "sha256Column"), MAY),
            ("urls", columns!("addressColumn"), MAY),
            ("dns", columns!("domainNameColumn" "hostIpAddressColumn" "serverIpColumn"), MAY),
            ("mailboxes", columns!("primaryAddressColumn"), MAY),
            (
                "securityGroups",
                columns!("distinguishedNameColumn" "objectIdColumn" "sidColumn"),
                MAY,
            ),
        ]),
        NEEDED,
    ),
    ("customDetails", Ty::Texts, MAY),
    ("eventGroupingKind", Ty::OneOf(&["alertPerEvent", "singleAlert"]), MAY),
];

/// Asserts that a template is one, and each of its resources.
pub(crate) fn check_template(template: &Value) {
    check(template, &Ty::Object(TEMPLATE), "template");
    for resource in template["resources"].as_array().unwrap() {
        let at = resource["name"].as_str().unwrap();
        if resource["type"].as_str().unwrap().ends_with("savedSearches") {
            check(resource, &Ty::Object(SAVED_SEARCH), at);
            continue;
        }
        check(resource, &Ty::Object(RESOURCE), at);
        let properties = resource["properties"].as_object().unwrap();
        let types: Vec<&Member> = match resource["kind"].as_str() {
            None => WATCHLIST.iter().collect(),
            Some("NRT") => RULE.iter().collect(),
            Some(_) => RULE.iter().chain(SCHEDULE).collect(),
        };
        members(properties, &types, at);
    }
}

/// Asserts that a custom detection is one.
pub(crate) fn check_detection(detection: &Value) {
    check(detection, &Ty::Object(DETECTION), "detection");
}

fn members(map: &serde_json::Map<String, Value>, types: &[&Member], at: &str) {
    for (name, ty, needed) in types.iter().copied() {
        match map.get(*name) {
            Some(value) => check(value, ty, &format!("{at}.{name}")),
            None => assert!(!needed, "{at}: `{name}` is missing"),
        }
    }
    for name in map.keys() {
        assert!(types.iter().any(|(known, ..)| known == name), "{at}: there is no `{name}`");
    }
}

fn check(value: &Value, ty: &Ty, at: &str) {
    let is_right = match ty {
        Ty::Text => value.is_string(),
        Ty::Bool => value.is_boolean(),
        Ty::Int => value.is_i64(),
        Ty::Duration => value.as_str().is_some_and(|text| text.starts_with('P') && text.len() > 2),
        Ty::OneOf(values) => value.as_str().is_some_and(|text| values.contains(&text)),
        Ty::Any => true,
        Ty::Texts => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
        Ty::List(of) => {
            value.as_array().into_iter().flatten().for_each(|item| check(item, of, at));
            value.is_array()
        }
        Ty::Object(types) => {
            let types: Vec<&Member> = types.iter().collect();
            value.as_object().inspect(|map| members(map, &types, at)).is_some()
        }
    };
    assert!(is_right, "{at}: {value}");
}
