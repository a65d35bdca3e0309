//! An account, and when two names are one account.

use std::fmt;

/// An account as a log names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The name, in lower case.
    pub name: String,
    /// The domain, or the host of a local account, in lower case; `""` if no record tells.
    pub domain: String,
    /// The SID; `""` if no record tells.
    pub sid: String,
}

impl Account {
    /// Makes an account of what a record says; `None` if it names nobody in particular.
    ///
    /// `DOMAIN\name` and `name@domain` in the name are taken apart. The accounts that Windows runs
    /// itself under are nobody's, since every host has them.
    pub(crate) fn new(name: &str, domain: &str, sid: &str) -> Option<Self> {
        let (mut name, mut domain) = (cleaned(name), cleaned(domain));
        if let Some((before, after)) = name.split_once('\\') {
            (domain, name) = (before.to_owned(), after.to_owned());
        } else if let Some((before, after)) = name.split_once('@')
            && !after.is_empty()
        {
            (domain, name) = (after.to_owned(), before.to_owned());
        }
        let sid = match sid.trim() {
            "-" | "S-1-0-0" => String::new(),
            sid => sid.to_ascii_uppercase(),
        };
        let is_nobody = name.is_empty() && !sid.starts_with("S-1-5-21-");
        (!is_nobody && !is_of_windows(&name, &sid)).then_some(Self { name, domain, sid })
    }

    /// Returns the domain's first label, by which its two names are one: `CORP`, `corp.example`.
    pub(crate) fn domain_label(&self) -> &str {
        self.domain.split('.').next().unwrap_or_default()
    }

    /// Tells whether both may be the same account.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let (mine, other_label) = (self.domain_label(), other.domain_label());
        if self.name.is_empty() || other.name.is_empty() {
            return !self.sid.is_empty() && self.sid == other.sid;
        }
        let may_be_one = mine.is_empty() || other_label.is_empty() || mine == other_label;
        self.name == other.name && may_be_one
    }

    /// Fills in what the other name of the same account tells besides.
    pub(crate) fn complete(&mut self, other: &Self) {
        for (mine, other) in [
            (&mut self.name, &other.name),
            (&mut self.domain, &other.domain),
            (&mut self.sid, &other.sid),
        ] {
            // Of two names the lesser, so that the order of records does not matter.
            if !other.is_empty() && (mine.is_empty() || other < mine) {
                mine.clone_from(other);
            }
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.as_str(), self.domain.as_str()) {
            ("", _) => f.write_str(&self.sid),
            (name, "") => f.write_str(name),
            (name, domain) => write!(f, "{domain}\\{name}"),
        }
    }
}

fn cleaned(text: &str) -> String {
    match text.trim() {
        "-" | "." => String::new(),
        text => text.to_lowercase(),
    }
}

fn is_of_windows(name: &str, sid: &str) -> bool {
    matches!(sid, "S-1-5-18" | "S-1-5-19" | "S-1-5-20")
        || matches!(name, "system" | "local service" | "network service" | "localsystem")
        || name.starts_with("dwm-")
        || name.starts_with("umfd-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, domain: &str) -> Account {
        Account::new(name, domain, "").unwrap()
    }

    #[test]
    fn forms_of_a_name_are_one_account() {
        let plain = account("AdmMig", "OFFSEC");
        assert!(plain.is_same(&account("admmig", "offsec.lan")));
        assert!(plain.is_same(&account("OFFSEC\\admmig", "-")));
        assert!(plain.is_same(&account("admmig@offsec.lan", "")));
        assert!(plain.is_same(&account("admmig", "")));
        assert!(!plain.is_same(&account("admmig", "other")));
        assert!(!plain.is_same(&account("hack1", "offsec")));
        assert_eq!(plain.to_string(), "offsec\\admmig");
    }

    #[test]
    fn windows_own_accounts_are_nobody() {
        assert_eq!(Account::new("SYSTEM", "NT AUTHORITY", "S-1-5-18"), None);
        assert_eq!(Account::new("-", "-", "S-1-0-0"), None);
        assert_eq!(Account::new("", "", "S-1-5-19"), None);
        assert!(Account::new("FS03VULN$", "OFFSEC", "").is_some());
        let by_sid = Account::new("", "", "S-1-5-21-1-2-3-500").unwrap();
        assert_eq!(by_sid.to_string(), "S-1-5-21-1-2-3-500");
    }
}
