//! ATT&CK's names and ids, as far as the package speaks of them.
//!
//! Source: MITRE ATT&CK for Enterprise.

/// Tactics by Sentinel's name, name and id.
const TACTICS: [(&str, &str, &str); 14] = [
    ("Reconnaissance", "Reconnaissance", "TA0043"),
    ("ResourceDevelopment", "Resource Development", "TA0042"),
    ("InitialAccess", "Initial Access", "TA0001"),
    ("Execution", "Execution", "TA0002"),
    ("Persistence", "Persistence", "TA0003"),
    ("PrivilegeEscalation", "Privilege Escalation", "TA0004"),
    ("DefenseEvasion", "Defense Evasion", "TA0005"),
    ("CredentialAccess", "Credential Access", "TA0006"),
    ("Discovery", "Discovery", "TA0007"),
    ("LateralMovement", "Lateral Movement", "TA0008"),
    ("Collection", "Collection", "TA0009"),
    ("CommandAndControl", "Command and Control", "TA0011"),
    ("Exfiltration", "Exfiltration", "TA0010"),
    ("Impact", "Impact", "TA0040"),
];

/// Techniques by id and name.
const TECHNIQUES: [(&str, &str); 22] = [
    ("T1003", "OS Credential Dumping"),
    ("T1021", "Remote Services"),
    ("T1021.002", "SMB/Windows Admin Shares"),
    ("T1039", "Data from Network Shared Drive"),
    ("T1047", "Windows Management Instrumentation"),
    ("T1053", "Scheduled Task/Job"),
    ("T1053.005", "Scheduled Task"),
    ("T1078", "Valid Accounts"),
    ("T1105", "Ingress Tool Transfer"),
    ("T1112", "Modify Registry"),
    ("T1135", "Network Share Discovery"),
    ("T1486", "Data Encrypted for Impact"),
    ("T1543", "Create or Modify System Process"),
    ("T1543.003", "Windows Service"),
    ("T1547", "Boot or Logon Autostart Execution"),
    ("T1550", "Use Alternate Authentication Material"),
    ("T1550.002", "Pass the Hash"),
    ("T1555", "Credentials from Password Stores"),
    ("T1562", "Impair Defenses"),
    ("T1569", "System Services"),
    ("T1569.002", "Service Execution"),
    ("T1570", "Lateral Tool Transfer"),
];

/// Returns a tactic's name; what is not known is given back.
pub(crate) fn tactic_name(tactic: &str) -> &str {
    TACTICS.iter().find(|(key, ..)| *key == tactic).map_or(tactic, |(_, name, _)| name)
}

/// Returns a tactic's id, `""` if it is not known.
pub(crate) fn tactic_id(tactic: &str) -> &'static str {
    TACTICS.iter().find(|(key, ..)| *key == tactic).map_or("", |(.., id)| id)
}

/// Returns a technique's name, `""` if it is not known.
pub(crate) fn technique_name(id: &str) -> &'static str {
    TECHNIQUES.iter().find(|(key, _)| *key == id).map_or("", |(_, name)| name)
}

/// Returns a tactic in the form of ATT&CK's own data: `lateral-movement`.
pub(crate) fn tactic_shortname(tactic: &str) -> String {
    tactic_name(tactic).to_lowercase().replace(' ', "-")
}
