//! Which accounts were seen on which hosts, from when on.

use std::{collections::BTreeMap, sync::Arc};

use kql_types::Ticks;

use crate::{
    account::Account,
    names::host_names::HostNames,
    same_account::{Form, forms_like, forms_of},
};

/// What the logs say of the accounts on hosts, names as the records have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// When an account was first seen on a host.
    pub first_seen: BTreeMap<(String, Account), Ticks>,
    /// First and last record of any logon of a host: whether an account that is not seen there
    /// could have been.
    pub covered: BTreeMap<String, (Ticks, Ticks)>,
}

impl Presence {
    /// Takes note of an account on a host, from a record of its logon; tells whether that is new.
    pub(crate) fn add_logon(&mut self, host: &str, account: Option<&Account>, time: Ticks) -> bool {
        let host = host.to_lowercase();
        let before = self.covered.len().saturating_add(self.first_seen.len());
        let covered = self.covered.entry(host.clone()).or_insert((time, time));
        *covered = (covered.0.min(time), covered.1.max(time));
        if let Some(account) = account {
            let first = self.first_seen.entry((host, account.clone())).or_insert(time);
            *first = time.min(*first);
        }
        self.covered.len().saturating_add(self.first_seen.len()) > before
    }
}

/// Whether an account was on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It was seen there by then.
    Yes,
    /// The host's logons are there, and it is not among them.
    No,
    /// The host's logons of that time are not there.
    Unknown,
}

/// Presence under the hosts' one names.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    of_host: BTreeMap<Arc<str>, OnHost>,
}

#[derive(Debug, Default)]
struct OnHost {
    /// When an account of each form was first seen.
    by_form: BTreeMap<Form, Ticks>,
    covered: Option<(Ticks, Ticks)>,
}

impl Accounts {
    pub(crate) fn new(presence: &Presence, hosts: &HostNames) -> Self {
        let mut this = Self::default();
        for ((host, account), first) in &presence.first_seen {
            if let Some(host) = hosts.canonical(host) {
                this.add(&host, account, *first);
            }
        }
        for (host, (first, last)) in &presence.covered {
            let Some(host) = hosts.canonical(host) else { continue };
            let covered = &mut this.of_host.entry(host).or_default().covered;
            let (from, to) = covered.unwrap_or((*first, *last));
            *covered = Some((from.min(*first), to.max(*last)));
        }
        this
    }

    /// Takes note of an account that was used on a host.
    pub(crate) fn add(&mut self, host: &Arc<str>, account: &Account, time: Ticks) {
        let on_host = self.of_host.entry(Arc::clone(host)).or_default();
        for form in forms_of(account) {
            let first = on_host.by_form.entry(form).or_insert(time);
            *first = time.min(*first);
        }
    }

    /// Tells whether the account was on the host at that time or before.
    pub(crate) fn seen(&self, host: &str, account: &Account, time: Ticks) -> Seen {
        let Some(on_host) = self.of_host.get(host) else { return Seen::Unknown };
        let forms = forms_like(account).into_iter();
        if forms.filter_map(|form| on_host.by_form.get(&form)).any(|first| *first <= time) {
            return Seen::Yes;
        }
        match on_host.covered {
            Some((from, to)) if from <= time && time <= to => Seen::No,
            _ => Seen::Unknown,
        }
    }
}
