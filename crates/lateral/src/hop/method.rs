//! How a host was reached or used, told from the behaviours that rules saw.

use std::fmt;

use detection::{Package, alert::RuleRef};

/// A way to move, least telling first: of several traces the last in this order names the hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A network logon
    Logon,
    /// SMB, of which no more is known
    Smb,
    /// A look at what shares there are
    ShareListing,
    /// A pipe that was opened
    Pipe,
    /// A share that was opened or mapped
    ShareAccess,
    /// Files that were copied
    FileCopy,
    /// Files that were changed in masses
    Encryption,
    /// Credentials or secrets that were read
    Theft,
    /// Something that starts by itself, left behind
    Persistence,
    /// A program run from a path on another host
    RemotePath,
    /// A process started through WMI or DCOM
    Wmi,
    /// Impacket's wmiexec or dcomexec
    Wmiexec,
    /// Remote desktop
    RemoteDesktop,
    /// PowerShell remoting, winrs and other clients of Windows Remote Management
    RemoteShell,
    /// A scheduled task
    ScheduledTask,
    /// A service
    Service,
    /// A service that is a command, as Cobalt Strike and Metasploit make them
    ServiceCommand,
    /// Impacket's smbexec
    Smbexec,
    /// Impacket's or Metasploit's psexec
    RandomService,
    /// A clone of PsExec
    PsexecClone,
    /// Sysinternals' PsExec
    Psexec,
}

/// Methods that belong together: traces of one family in one session are one hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Nothing is known to have been started.
    Access,
    /// Started from a path on another host
    RemotePath,
    /// Started through WMI
    Wmi,
    /// Started through Windows Remote Management
    RemoteShell,
    /// Started by the task scheduler
    Task,
    /// Started as a service
    Service,
}

impl Method {
    /// Every method, least telling first.
    pub const ALL: [Self; 21] = [
        Self::Logon,
        Self::Smb,
        Self::ShareListing,
        Self::Pipe,
        Self::ShareAccess,
        Self::FileCopy,
        Self::Encryption,
        Self::Theft,
        Self::Persistence,
        Self::RemotePath,
        Self::Wmi,
        Self::Wmiexec,
        Self::RemoteDesktop,
        Self::RemoteShell,
        Self::ScheduledTask,
        Self::Service,
        Self::ServiceCommand,
        Self::Smbexec,
        Self::RandomService,
        Self::PsexecClone,
        Self::Psexec,
    ];

    /// Returns the name that people see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Logon => "network logon",
            Self::Smb => "SMB",
            Self::ShareListing => "share listing",
            Self::Pipe => "pipe",
            Self::ShareAccess => "share access",
            Self::FileCopy => "file copy",
            Self::Encryption => "mass encryption",
            Self::Theft => "credential theft",
            Self::Persistence => "persistence drop",
            Self::RemotePath => "run from share",
            Self::Wmi => "WMI",
            Self::Wmiexec => "wmiexec",
            Self::RemoteDesktop => "remote desktop",
            Self::RemoteShell => "remote shell",
            Self::ScheduledTask => "scheduled task",
            Self::Service => "service",
            Self::ServiceCommand => "service command",
            Self::Smbexec => "smbexec",
            Self::RandomService => "psexec (Impacket, Metasploit)",
            Self::PsexecClone => "PsExec clone",
            Self::Psexec => "PsExec",
        }
    }

    /// Returns what it belongs to.
    pub const fn family(self) -> Family {
        match self {
            Self::RemotePath => Family::RemotePath,
            Self::Wmi | Self::Wmiexec => Family::Wmi,
            Self::RemoteShell => Family::RemoteShell,
            Self::ScheduledTask => Family::Task,
            Self::Service
            | Self::ServiceCommand
            | Self::Smbexec
            | Self::RandomService
            | Self::PsexecClone
            | Self::Psexec => Family::Service,
            _ => Family::Access,
        }
    }

    /// Tells whether something was started on the target.
    pub fn executes(self) -> bool {
        self.family() != Family::Access
    }

    /// Returns the method that packages and people call so.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Returns what a behaviour shows, as its package says; `None` if it is no movement by itself.
    pub(crate) fn of_behaviour(rule: &RuleRef, id: &str) -> Option<Self> {
        Self::of_name(rule.methods.get(id)?)
    }

    /// Returns the methods that a package gives its behaviours and that nobody knows.
    pub fn unknown(package: &Package) -> Vec<&str> {
        let named = package.behaviours.values().filter_map(|behaviour| behaviour.method.as_deref());
        named.filter(|name| Self::of_name(name).is_none()).collect()
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_listed_in_order_and_each_once() {
        assert!(Method::ALL.is_sorted());
        assert!(Method::ALL.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn every_behaviour_but_counts_and_settings_is_a_movement() {
        let package = Package::builtin().unwrap();
        assert_eq!(Method::unknown(&package), Vec::<&str>::new());
        let without = package.behaviours.values().filter(|behaviour| behaviour.method.is_none());
        let without: Vec<&str> = without.map(|behaviour| behaviour.id.as_str()).collect();
        assert_eq!(without, ["B08", "B28"]);
    }
}
