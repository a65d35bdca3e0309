//! MITRE ATT&CK: tactics and techniques.

use kql_syntax::Diagnostic;

use super::{Rule, check_one_of, items_of, text_of};
use crate::code;

/// The tactics for enterprises, and those for industrial control systems that Sentinel knows.
const TACTICS: &[&str] = &[
    "Reconnaissance",
    "ResourceDevelopment",
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "CommandAndControl",
    "Exfiltration",
    "Impact",
    "ImpairProcessControl",
    "InhibitResponseFunction",
    "PreAttack",
];

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let tactics = rule.root.get("tactics");
    if let Some(tactics) = tactics {
        for tactic in items_of(tactics, "tactics", found) {
            check_one_of(tactic, "tactics", TACTICS, code::UNKNOWN_TACTIC, found);
        }
    }
    let Some((key, techniques)) = rule.root.entry("relevantTechniques") else { return };
    let items = items_of(techniques, "relevantTechniques", found);
    for technique in items {
        let Some(text) = text_of(technique, "relevantTechniques", found) else { continue };
        if !is_technique(text) {
            let message = format!("`{text}` is not a technique");
            let help = "expected an id of MITRE ATT&CK: `T1021` or `T1021.002`";
            let error = Diagnostic::error(code::INVALID_TECHNIQUE, technique.span, message);
            found.push(error.with_help(help));
        }
    }
    if !items.is_empty() && tactics.is_none_or(|tactics| tactics.items().is_empty()) {
        let message = "techniques without `tactics`";
        found.push(Diagnostic::warning(code::TECHNIQUES_WITHOUT_TACTICS, key.span, message));
    }
}

/// Tells whether a text is the name of a tactic as Sentinel writes it.
pub fn is_tactic(text: &str) -> bool {
    TACTICS.contains(&text)
}

/// Tells whether a text is `T`, four digits, and perhaps a point and three more.
pub fn is_technique(text: &str) -> bool {
    let Some(number) = text.strip_prefix('T') else { return false };
    let (technique, part) = number.split_once('.').unwrap_or((number, "000"));
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(technique, 4) && digits(part, 3)
}
