//! The list of built-in tables.

use kql_types::schema::TableSchema;

use crate::{
    definition::{TableDefinition, View},
    environment::{Environment, merge},
    schema_file::parse_schema,
};

/// Returns the tables of an environment that Windows events or Quarry itself fill; see
/// [`documented`](crate::documented) for all others.
///
/// `WindowsEvent` is among Sentinel's and has no views: readers fill it. Views fill columns of
/// [`Environment::Both`], so only its tables carry them; the other environments are for checking
/// queries, not for running them.
pub fn catalog(environment: Environment) -> Vec<TableDefinition> {
    BUILTIN.iter().filter_map(|table| table.definition(environment)).collect()
}

/// Returns the columns of `WindowsEvent`, as which every record of a Windows event log is read.
///
/// Source: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/windowsevent>
pub fn event_table() -> TableSchema {
    builtin_schema("WindowsEvent", include_str!("../schemas/sentinel/WindowsEvent.csv"))
}

/// A built-in table, as the texts it is read from.
struct Builtin {
    name: &'static str,
    /// The schema file for Defender, if Defender has the table.
    defender: Option<&'static str>,
    /// The schema file for Sentinel.
    sentinel: &'static str,
    /// Name and text of each view.
    views: &'static [(&'static str, &'static str)],
}

/// Schemas as Microsoft documents them:
/// <https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables> and
/// <https://learn.microsoft.com/azure/azure-monitor/reference/tables-index>.
const BUILTIN: &[Builtin] = &[
    Builtin {
        name: "DeviceEvents",
        defender: Some(include_str!("../schemas/defender/DeviceEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceEvents.csv"),
        views: &[
            ("security_4697", include_str!("../views/DeviceEvents/security_4697.kql")),
            ("system_7045", include_str!("../views/DeviceEvents/system_7045.kql")),
            ("security_4698", include_str!("../views/DeviceEvents/security_4698.kql")),
            ("security_4699", include_str!("../views/DeviceEvents/security_4699.kql")),
            ("security_4702", include_str!("../views/DeviceEvents/security_4702.kql")),
            ("sysmon_17", include_str!("../views/DeviceEvents/sysmon_17.kql")),
            ("sysmon_18", include_str!("../views/DeviceEvents/sysmon_18.kql")),
            ("sysmon_22", include_str!("../views/DeviceEvents/sysmon_22.kql")),
            ("powershell_4103", include_str!("../views/DeviceEvents/powershell_4103.kql")),
            ("powershell_4104", include_str!("../views/DeviceEvents/powershell_4104.kql")),
            ("taskscheduler_106", include_str!("../views/DeviceEvents/taskscheduler_106.kql")),
            ("taskscheduler_140", include_str!("../views/DeviceEvents/taskscheduler_140.kql")),
            ("taskscheduler_141", include_str!("../views/DeviceEvents/taskscheduler_141.kql")),
            ("wmiactivity_5861", include_str!("../views/DeviceEvents/wmiactivity_5861.kql")),
        ],
    },
    Builtin {
        name: "DeviceFileEvents",
        defender: Some(include_str!("../schemas/defender/DeviceFileEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceFileEvents.csv"),
        views: &[
            ("sysmon_11", include_str!("../views/DeviceFileEvents/sysmon_11.kql")),
            ("sysmon_15", include_str!("../views/DeviceFileEvents/sysmon_15.kql")),
            ("sysmon_23", include_str!("../views/DeviceFileEvents/sysmon_23.kql")),
            ("sysmon_26", include_str!("../views/DeviceFileEvents/sysmon_26.kql")),
        ],
    },
    Builtin {
        name: "DeviceImageLoadEvents",
        defender: Some(include_str!("../schemas/defender/DeviceImageLoadEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceImageLoadEvents.csv"),
        views: &[("sysmon_7", include_str!("../views/DeviceImageLoadEvents/sysmon_7.kql"))],
    },
    Builtin {
        name: "DeviceInfo",
        defender: Some(include_str!("../schemas/defender/DeviceInfo.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceInfo.csv"),
        views: &[],
    },
    Builtin {
        name: "DeviceLogonEvents",
        defender: Some(include_str!("../schemas/defender/DeviceLogonEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceLogonEvents.csv"),
        views: &[
            ("security_4624", include_str!("../views/DeviceLogonEvents/security_4624.kql")),
            ("security_4625", include_str!("../views/DeviceLogonEvents/security_4625.kql")),
        ],
    },
    Builtin {
        name: "DeviceNetworkEvents",
        defender: Some(include_str!("../schemas/defender/DeviceNetworkEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceNetworkEvents.csv"),
        views: &[
            ("sysmon_3", include_str!("../views/DeviceNetworkEvents/sysmon_3.kql")),
            ("security_5156", include_str!("../views/DeviceNetworkEvents/security_5156.kql")),
        ],
    },
    Builtin {
        name: "DeviceNetworkInfo",
        defender: Some(include_str!("../schemas/defender/DeviceNetworkInfo.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceNetworkInfo.csv"),
        views: &[],
    },
    Builtin {
        name: "DeviceProcessEvents",
        defender: Some(include_str!("../schemas/defender/DeviceProcessEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceProcessEvents.csv"),
        views: &[
            ("sysmon_1", include_str!("../views/DeviceProcessEvents/sysmon_1.kql")),
            ("security_4688", include_str!("../views/DeviceProcessEvents/security_4688.kql")),
        ],
    },
    Builtin {
        name: "DeviceRegistryEvents",
        defender: Some(include_str!("../schemas/defender/DeviceRegistryEvents.csv")),
        sentinel: include_str!("../schemas/sentinel/DeviceRegistryEvents.csv"),
        views: &[
            ("sysmon_12", include_str!("../views/DeviceRegistryEvents/sysmon_12.kql")),
            ("sysmon_13", include_str!("../views/DeviceRegistryEvents/sysmon_13.kql")),
            ("sysmon_14", include_str!("../views/DeviceRegistryEvents/sysmon_14.kql")),
        ],
    },
    Builtin {
        name: "Event",
        defender: None,
        sentinel: include_str!("../schemas/sentinel/Event.csv"),
        views: &[("event", include_str!("../views/Event/event.kql"))],
    },
    // What Sentinel writes itself; rows come from exports, or from a simulation.
    Builtin {
        name: "SecurityAlert",
        defender: None,
        sentinel: include_str!("../schemas/sentinel/SecurityAlert.csv"),
        views: &[],
    },
    Builtin {
        name: "SecurityEvent",
        defender: None,
        sentinel: include_str!("../schemas/sentinel/SecurityEvent.csv"),
        views: &[("security", include_str!("../views/SecurityEvent/security.kql"))],
    },
    Builtin {
        name: "SecurityIncident",
        defender: None,
        sentinel: include_str!("../schemas/sentinel/SecurityIncident.csv"),
        views: &[],
    },
    Builtin {
        name: "SentinelHealth",
        defender: None,
        sentinel: include_str!("../schemas/sentinel/SentinelHealth.csv"),
        views: &[],
    },
    Builtin {
        name: "WindowsEvent",
        defender: None,
        sentinel: include_str!("../schemas/sentinel/WindowsEvent.csv"),
        views: &[],
    },
];

impl Builtin {
    /// Returns the table as that environment has it, if it has it.
    fn definition(&self, environment: Environment) -> Option<TableDefinition> {
        let defender = self.defender.map(|text| builtin_schema(self.name, text));
        let sentinel = builtin_schema(self.name, self.sentinel);
        let schema = match (environment, defender) {
            (Environment::Defender, defender) => defender?,
            (Environment::Both, Some(defender)) => merge(defender, &sentinel),
            (Environment::Both, None) | (Environment::Sentinel, _) => sentinel,
        };
        let views = if environment == Environment::Both { self.views } else { &[] };
        let views = views
            .iter()
            .map(|&(name, text)| View { name: name.into(), text: text.into() })
            .collect();
        Some(TableDefinition { schema, views })
    }
}

#[expect(
    clippy::expect_used,
    reason = "the text is part of the program, and a test reads every table in every environment"
)]
fn builtin_schema(name: &str, text: &str) -> TableSchema {
    parse_schema(name, text).expect("built-in schema files are well formed")
}
