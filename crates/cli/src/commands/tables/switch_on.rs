//! What has to be switched on for a source of events to have any.

/// The sources that views are named after, and what makes Windows or Sysmon write them.
///
/// Source: <https://learn.microsoft.com/windows/security/threat-protection/auditing/advanced-security-audit-policy-settings>,
/// <https://learn.microsoft.com/sysinternals/downloads/sysmon>
const SOURCES: &[(&str, &str)] = &[
    ("event", "logs other than Security"),
    ("powershell_4103", "PowerShell module logging"),
    ("powershell_4104", "PowerShell script block logging"),
    ("security", "the Security log"),
    ("security_4624", "audit Logon"),
    ("security_4625", "audit Logon, failure"),
    ("security_4688", "audit Process Creation, with command lines"),
    ("security_4697", "audit Security System Extension"),
    ("security_4698", "audit Other Object Access Events"),
    ("security_4699", "audit Other Object Access Events"),
    ("security_4702", "audit Other Object Access Events"),
    ("security_5156", "audit Filtering Platform Connection"),
    ("sysmon_1", "Sysmon, ProcessCreate"),
    ("sysmon_3", "Sysmon, NetworkConnect"),
    ("sysmon_7", "Sysmon, ImageLoad"),
    ("sysmon_11", "Sysmon, FileCreate"),
    ("sysmon_12", "Sysmon, RegistryEvent"),
    ("sysmon_13", "Sysmon, RegistryEvent"),
    ("sysmon_14", "Sysmon, RegistryEvent"),
    ("sysmon_15", "Sysmon, FileCreateStreamHash"),
    ("sysmon_17", "Sysmon, PipeEvent"),
    ("sysmon_18", "Sysmon, PipeEvent"),
    ("sysmon_22", "Sysmon, DnsQuery"),
    ("sysmon_23", "Sysmon, FileDelete"),
    ("sysmon_26", "Sysmon, FileDeleteDetected"),
    ("system_7045", "the System log, where every host writes it"),
    ("taskscheduler_106", "the Task Scheduler's log"),
    ("taskscheduler_140", "the Task Scheduler's log"),
    ("taskscheduler_141", "the Task Scheduler's log"),
    ("wmiactivity_5861", "the WMI-Activity log, where every host writes it"),
];

/// Returns what has to be switched on for a view's source, the source's own name if that is not known.
pub(super) fn for_source(view: &str) -> &str {
    let known = SOURCES.iter().find(|(source, _)| *source == view);
    known.map_or(view, |(_, setting)| setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_view_has_a_setting() {
        for table in tables::catalog(tables::Environment::Both) {
            for view in table.views {
                assert_ne!(for_source(&view.name), view.name, "{}", table.schema.name);
            }
        }
    }
}
