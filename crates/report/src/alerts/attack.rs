//! ATT&CK's names and ids.
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

/// Techniques by id and name, a tab between, in order of the ids.
///
/// © 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.
/// Source: MITRE ATT&CK for Enterprise, version 17.
const TECHNIQUES: &str = include_str!("techniques.tsv");

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
    let named = TECHNIQUES.lines().filter_map(|line| line.split_once('\t'));
    named.filter(|(key, _)| *key == id).map(|(_, name)| name).next().unwrap_or("")
}

/// Returns a tactic in the form of ATT&CK's own data: `lateral-movement`.
pub(crate) fn tactic_shortname(tactic: &str) -> String {
    tactic_name(tactic).to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn techniques_are_named_by_their_ids() {
        assert_eq!(technique_name("T1021.002"), "SMB/Windows Admin Shares");
        assert_eq!(technique_name("T1021.006"), "Windows Remote Management");
        assert_eq!(technique_name("T1021.00"), "");
        let ids: Vec<&str> =
            TECHNIQUES.lines().map(|line| line.split_once('\t').unwrap().0).collect();
        assert!(ids.len() > 600 && ids.is_sorted());
    }
}
