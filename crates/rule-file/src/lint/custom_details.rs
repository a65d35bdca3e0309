//! Custom details: names of the rule's own for columns of an alert.

use kql_syntax::Diagnostic;

use super::{Rule, columns::check_column, entries_of, text_of};
use crate::code;

/// The most details, and the most characters of a key.
const MOST: usize = 20;

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some((key, details)) = rule.root.entry("customDetails") else { return };
    let details = entries_of(details, "customDetails", found);
    if details.len() > MOST {
        let message = format!("{} custom details; Sentinel takes {MOST}", details.len());
        found.push(Diagnostic::error(code::CUSTOM_DETAILS, key.span, message));
    }
    for (key, value) in details {
        if let Some(name) = text_of(key, "customDetails", found)
            && !is_key(name)
        {
            let message = format!("`{name}` is not a key of custom details");
            let help = "up to 20 letters, digits and `_`, the first one a letter";
            found.push(Diagnostic::error(code::CUSTOM_DETAILS, key.span, message).with_help(help));
        }
        if let Some(column) = text_of(value, "customDetails", found) {
            check_column(rule, column, value.span, found);
        }
    }
}

fn is_key(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= MOST
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(is_word)
}
