//! The kinds of change, in the order in which reports list them.

mod commands;
mod hosts;
mod logs;
mod names;
mod order;
mod systems;

use super::record::Record;

/// A kind of change.
pub(super) struct Kind {
    /// Its name.
    pub(super) name: &'static str,
    /// What changes.
    pub(super) what: &'static str,
    /// Makes the change; what it does not concern stays as it is.
    pub(super) apply: fn(&mut Vec<Record>),
}

impl Kind {
    /// Returns the records with the change made, `None` if there is nothing in them that it concerns.
    pub(super) fn applied_to(&self, records: &[Record]) -> Option<Vec<Record>> {
        let mut changed = records.to_vec();
        (self.apply)(&mut changed);
        (!changed.is_empty() && changed != records).then_some(changed)
    }
}

/// All kinds.
pub(super) const KINDS: &[Kind] = &[
    names::CLIENT,
    names::CLIENT_WITHOUT_VERSION,
    names::SERVICE,
    names::SERVICE_PROGRAM,
    names::PIPE,
    names::FILES,
    names::SHARE_C_FOR_ADMIN,
    names::SHARE_D,
    names::SHARE_CUSTOM,
    hosts::IPV6,
    hosts::IPV4_MAPPED,
    hosts::LINK_LOCAL,
    hosts::FULL_NAME,
    hosts::NETBIOS_NAME,
    hosts::BY_ADDRESS,
    hosts::SHORT_COMPUTER,
    hosts::UPPER_COMPUTER,
    names::FRENCH,
    names::RUSSIAN,
    names::LOCAL_ACCOUNT,
    names::OTHER_ACCOUNT,
    order::TIME_ZONE,
    systems::WINDOWS_7,
    systems::SERVER_2012,
    systems::SERVER_2025,
    systems::OLD_SYSMON,
    systems::NEW_SYSMON,
    systems::OTHER_DRIVE,
    logs::NO_PARENT,
    logs::NO_LOGON_ID,
    logs::NO_PORTS,
    logs::NO_SIDS,
    logs::NO_HASHES,
    logs::WITHOUT_SECURITY,
    logs::WITHOUT_SYSMON,
    logs::WITHOUT_SYSTEM,
    logs::WITHOUT_SOURCE,
    logs::WITHOUT_TARGET,
    order::REVERSED,
    order::TWICE,
    order::SLOW,
    commands::UPPER,
    commands::BLANKS,
    commands::QUOTES,
    commands::FULL_PATH,
];

#[cfg(test)]
mod tests;
