//! A hop: one host reached from another.

pub(crate) mod confidence;
pub(crate) mod method;

use std::{collections::BTreeSet, net::IpAddr};

use detection::alert::{Evidence, Severity};
use kql_types::Ticks;

use crate::{
    account::Account,
    artefacts::Artefacts,
    hop::{confidence::Confidence, method::Method},
    names::NamedBy,
    place::Place,
};

/// One use of an account to reach one host from another, by one method, without a longer pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Where it came from.
    pub source: Place,
    /// What was reached.
    pub target: Place,
    /// The source's address, where a record has it.
    pub source_address: Option<IpAddr>,
    /// The target's address, where a record has it.
    pub target_address: Option<IpAddr>,
    /// How the source's name is known, if records have only its address.
    pub source_named_by: Option<NamedBy>,
    /// In whose name.
    pub account: Option<Account>,
    /// How.
    pub method: Method,
    /// No alert is about it: a logon by another way, which joins the hop before it to the one behind it.
    pub is_context: bool,
    /// The sessions on the target, by their ids.
    pub sessions: BTreeSet<u64>,
    /// The first trace of it.
    pub first: Ticks,
    /// The last.
    pub last: Ticks,
    /// What was touched and started.
    pub artefacts: Artefacts,
    /// The behaviours that rules saw.
    pub behaviours: BTreeSet<String>,
    /// The highest severity of its alerts.
    pub severity: Severity,
    /// How far it can be relied on.
    pub confidence: Confidence,
    /// What speaks for it or against it, in a few words each.
    pub reasons: BTreeSet<&'static str>,
    /// Whose records show it.
    pub seen_by: Ends,
    /// The alerts it is made of, by their places in the list, in that order.
    pub alerts: Vec<usize>,
    /// Every record behind it, in order of file and place, each once.
    pub evidence: Vec<Evidence>,
}

impl Hop {
    /// Returns how, for people: the method, and that a hop is context only.
    pub fn how(&self) -> String {
        let note = if self.is_context { " (context)" } else { "" };
        format!("{}{note}", self.method)
    }
}

/// Which ends recorded something of a hop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ends {
    /// The source did.
    pub source: bool,
    /// The target did.
    pub target: bool,
}

impl Ends {
    /// Returns which ends, for people.
    pub const fn name(self) -> &'static str {
        match (self.source, self.target) {
            (true, true) => "both ends",
            (true, false) => "source",
            (false, true) => "target",
            (false, false) => "neither end",
        }
    }
}
