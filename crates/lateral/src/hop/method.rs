//! How a host was reached or used, told from the behaviours that rules saw.

use std::fmt;

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
    /// Started by the task scheduler
    Task,
    /// Started as a service
    Service,
}

impl Method {
    /// Every method, least telling first.
    pub const ALL: [Self; 19] = [
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

    /// Returns what a behaviour of the package shows; `None` if it is no movement by itself.
    pub(crate) fn of_behaviour(id: &str) -> Option<Self> {
        Some(match id {
            "B01" | "B02" | "B06" | "B07" => Self::ShareAccess,
            "B03" | "B04" => Self::FileCopy,
            // What arrived is run: by whom, the other traces of the session say.
            "B05" => Self::FileCopy,
            "B09" | "B30" => Self::Smb,
            "B10" | "B11" | "B12" => Self::Psexec,
            "B13" => Self::PsexecClone,
            "B14" => Self::RandomService,
            "B15" => Self::Smbexec,
            "B16" => Self::Wmiexec,
            "B17" => Self::ScheduledTask,
            "B18" | "B19" => Self::Service,
            "B20" => Self::ServiceCommand,
            "B21" => Self::RemotePath,
            "B22" => Self::Wmi,
            "B23" => Self::ShareListing,
            "B24" => Self::Pipe,
            "B25" => Self::Theft,
            "B26" => Self::Persistence,
            "B27" => Self::Encryption,
            "B29" => Self::Logon,
            _ => return None,
        })
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
        let without: Vec<String> = (1..=30)
            .map(|number| format!("B{number:02}"))
            .filter(|id| Method::of_behaviour(id).is_none())
            .collect();
        assert_eq!(without, ["B08", "B28"]);
    }
}
