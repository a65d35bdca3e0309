//! What formats with fields of their own want to know of an alert, by one name each.

use std::borrow::Cow;

use detection::alert::Alert;
use lateral::{Account, Hop, Place};

use super::summary;
use crate::cell::Cell;

/// An alert's facts; what is not known is `""`.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) domain: String,
    pub(crate) sid: String,
    pub(crate) source_host: String,
    pub(crate) source_ip: String,
    pub(crate) target_host: String,
    pub(crate) target_ip: String,
    pub(crate) command_line: String,
    pub(crate) file: String,
    pub(crate) path: String,
    pub(crate) sha256: String,
    pub(crate) share: String,
    pub(crate) service: String,
    pub(crate) pipe: String,
    pub(crate) message: String,
}

impl Facts {
    /// Gathers them from the alert and the hop it is part of.
    pub(crate) fn new(alert: &Alert, hop: Option<&Hop>) -> Self {
        let text = |name: &str| column(alert, name).into_owned();
        let account = summary::account(alert);
        let (domain, user) = account.rsplit_once('\\').unwrap_or(("", &account));
        let mut this = Self {
            host: summary::host(alert).into_owned(),
            user: user.to_owned(),
            domain: domain.to_owned(),
            sid: text("AccountSid"),
            source_host: text("SourceDevice"),
            source_ip: text("SourceIP"),
            target_host: text("TargetDevice"),
            target_ip: text("TargetIP"),
            command_line: text("ProcessCommandLine"),
            file: text("FileName"),
            path: text("FolderPath"),
            sha256: text("SHA256"),
            share: text("ShareName"),
            service: text("ServiceName"),
            pipe: text("PipeName"),
            message: message(alert),
        };
        if let Some(hop) = hop {
            this.complete(hop);
        }
        this
    }

    /// What the hop knows better: names of addresses, who it was.
    fn complete(&mut self, hop: &Hop) {
        for (place, host, ip) in [
            (&hop.source, &mut self.source_host, &mut self.source_ip),
            (&hop.target, &mut self.target_host, &mut self.target_ip),
        ] {
            match place {
                Place::Host(name) => *host = name.to_string(),
                Place::Address(address) => *ip = address.to_string(),
                Place::Unknown => {}
            }
        }
        for (known, address) in
            [(&mut self.source_ip, hop.source_address), (&mut self.target_ip, hop.target_address)]
        {
            if let Some(address) = address.filter(|_| known.is_empty()) {
                *known = address.to_string();
            }
        }
        if self.user.is_empty()
            && let Some(Account { name, domain, sid }) = &hop.account
        {
            (self.user, self.domain, self.sid) = (name.clone(), domain.clone(), sid.clone());
        }
    }
}

/// Returns what happened in one line: `Rule: what was done`.
fn message(alert: &Alert) -> String {
    let activity = summary::activity(alert);
    if activity.is_empty() {
        return alert.rule.name.clone();
    }
    format!("{}: {activity}", alert.rule.name)
}

/// Returns a column's text, `""` if there is none.
pub(crate) fn column<'a>(alert: &'a Alert, name: &str) -> Cow<'a, str> {
    alert.column(name).map(|value| Cell::from(value).text()).unwrap_or_default()
}
