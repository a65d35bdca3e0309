//! What names a rule: id, name, kind, description, severity, version.

use kql_syntax::Diagnostic;

use super::{Rule, check_length, check_one_of, text_of};
use crate::{code, yaml::Node};

const KINDS: &[&str] = &["Scheduled", "NRT"];
const SEVERITIES: &[&str] = &["Informational", "Low", "Medium", "High"];

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let get = |field: &str| rule.root.get(field).filter(|node| !node.is_null());
    if let Some(id) = get("id")
        && let Some(text) = text_of(id, "id", found)
        && !is_guid(text)
    {
        let message = format!("`{text}` is not a GUID");
        let help = "a GUID has 32 hexadecimal digits: `9da25366-2c77-41a5-a159-0da5e2f5fb90`";
        found.push(Diagnostic::error(code::INVALID_ID, id.span, message).with_help(help));
    }
    if let Some(name) = get("name") {
        check_length(name, "name", 256, found);
    }
    if let Some(description) = get("description") {
        check_length(description, "description", 5_000, found);
    }
    if let Some(kind) = get("kind") {
        check_one_of(kind, "kind", KINDS, code::UNKNOWN_VALUE, found);
    }
    if let Some(severity) = get("severity") {
        check_one_of(severity, "severity", SEVERITIES, code::UNKNOWN_VALUE, found);
    }
    if let Some(version) = get("version") {
        check_version(version, found);
    }
}

pub(crate) fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_hexadecimal = |group: &&str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    lengths == [8, 4, 4, 4, 12] && groups.iter().all(is_hexadecimal)
}

fn check_version(version: &Node, found: &mut Vec<Diagnostic>) {
    let Some(text) = text_of(version, "version", found) else { return };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_version =
        text.len() <= 20 && text.split('.').count() == 3 && text.split('.').all(is_number);
    if !is_version {
        let message = format!("`{text}` is not a version");
        let help = "expected three numbers: `1.0.0`";
        found.push(
            Diagnostic::warning(code::INVALID_VERSION, version.span, message).with_help(help),
        );
    }
}
