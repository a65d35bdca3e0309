//! What an account is called.
//!
//! Since July 2026, Sentinel names an account by the part of its user principal name before the `@`,
//! else by its `Name`, else by its `DisplayName`.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/whats-new>, November 2025.

/// Names that, as the `Name` of an account, have Sentinel drop it.
///
/// Source: <https://learn.microsoft.com/azure/sentinel/entities-reference>, strong identifiers of a user
/// account.
const GENERIC: [&str; 11] = [
    "ADMIN",
    "ADMINISTRATOR",
    "SYSTEM",
    "ROOT",
    "ANONYMOUS",
    "AUTHENTICATED USER",
    "NETWORK",
    "NULL",
    "LOCAL SYSTEM",
    "LOCALSYSTEM",
    "NETWORK SERVICE",
];

/// Tells whether a name stands for no account in particular.
pub(crate) fn is_generic(name: &str) -> bool {
    GENERIC.iter().any(|generic| generic.eq_ignore_ascii_case(name.trim()))
}

/// Returns the identifiers of an account with the name that Sentinel gives it.
pub(crate) fn named(identifiers: Vec<(String, String)>) -> Vec<(String, String)> {
    let value = |name: &str| {
        identifiers
            .iter()
            .find(|(identifier, _)| identifier == name)
            .map(|(_, value)| value.as_str())
    };
    let principal =
        ["FullName", "Name"].into_iter().find_map(|name| Some((name, upn(value(name)?)?)));
    let has_suffix = value("UPNSuffix").is_some();
    let Some((source, (prefix, suffix))) = principal else {
        let display_name = value("DisplayName").filter(|_| value("Name").is_none());
        let name = display_name.map(|name| ("Name".to_owned(), name.to_owned()));
        return name.into_iter().chain(identifiers).collect();
    };
    let mut named = vec![("Name".to_owned(), prefix.to_owned())];
    if !has_suffix {
        named.push(("UPNSuffix".to_owned(), suffix.to_owned()));
    }
    let is_other =
        |(identifier, _): &&(String, String)| identifier != source && identifier != "Name";
    named.extend(identifiers.iter().filter(is_other).cloned());
    named
}

/// Divides a user principal name into its prefix and its suffix.
fn upn(text: &str) -> Option<(&str, &str)> {
    text.split_once('@').filter(|(prefix, suffix)| !prefix.is_empty() && !suffix.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &[(&str, &str)], expected: &[(&str, &str)]) {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(named(owned(given)), owned(expected));
    }

    #[test]
    fn the_account_naming_of_july_2026_takes_the_prefix_of_the_upn_then_name_then_display_name() {
        check(
            &[("FullName", "amy@corp.example")],
            &[("Name", "amy"), ("UPNSuffix", "corp.example")],
        );
        check(
            &[("Name", "amy@corp.example"), ("Sid", "S-1")],
            &[("Name", "amy"), ("UPNSuffix", "corp.example"), ("Sid", "S-1")],
        );
        check(
            &[("Name", "amy"), ("DisplayName", "Amy")],
            &[("Name", "amy"), ("DisplayName", "Amy")],
        );
        check(&[("DisplayName", "Amy")], &[("Name", "Amy"), ("DisplayName", "Amy")]);
        check(&[("FullName", r"CORP\amy")], &[("FullName", r"CORP\amy")]);
        check(&[("Name", "@"), ("UPNSuffix", "x")], &[("Name", "@"), ("UPNSuffix", "x")]);
    }

    #[test]
    fn generic_account_names_are_those_of_the_documentation_in_any_case() {
        for name in ["Administrator", "admin", "SYSTEM", "root", "Network Service", "LocalSystem"] {
            assert!(is_generic(name), "{name}");
        }
        assert!(!is_generic("administrators") && !is_generic("amy"));
    }
}
