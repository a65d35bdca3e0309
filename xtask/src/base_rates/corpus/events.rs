//! Events in the form of `evtx_dump -o jsonl`.

use std::collections::BTreeMap;

use kql_types::{Ticks, datetime};
use serde_json::{Map, Value, json};

use super::random::Random;

/// 2026-03-02T00:00:00Z, a Monday.
const BEGIN: Ticks = 639_080_064_000_000_000;
const TICKS_PER_MILLISECOND: Ticks = 10_000;

/// A time, in milliseconds since the corpus begins.
pub(super) type Time = u64;

/// Writes events, each with a record id of its host's.
pub(super) struct Writer {
    lines: Vec<(Time, String)>,
    hosts: BTreeMap<String, Host>,
    /// Records since the last call of [`Writer::taken`].
    recent: Vec<(String, u64)>,
}

struct Host {
    address: String,
    records: u64,
    logons: u64,
}

/// A session of an account on a host.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) host: String,
    pub(super) user: String,
    pub(super) id: String,
    pub(super) address: String,
}

/// A process that was started.
pub(super) struct Started<'a> {
    pub(super) host: &'a str,
    /// Its account; one that ends in `$` stands for SYSTEM.
    pub(super) user: &'a str,
    pub(super) image: &'a str,
    pub(super) command: &'a str,
    pub(super) parent: &'a str,
}

impl Writer {
    pub(super) fn new(hosts: &[&str]) -> Self {
        let host = |(number, name): (usize, &&str)| {
            let last = (number % 200).saturating_add(10);
            let address = format!("10.12.{}.{last}", number / 200);
            ((*name).to_owned(), Host { address, records: 1_000, logons: 0x10_000 })
        };
        let hosts = hosts.iter().enumerate().map(host).collect();
        Self { lines: Vec::new(), hosts, recent: Vec::new() }
    }

    /// Returns the lines in order of time.
    pub(super) fn into_lines(mut self) -> Vec<(Time, String)> {
        // Stable: events of one millisecond stay in the order in which they were made.
        self.lines.sort_by_key(|(time, _)| *time);
        self.lines
    }

    /// Returns the records that were written since it was last asked, by host and record id.
    pub(super) fn taken(&mut self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.recent)
    }

    pub(super) fn address(&self, host: &str) -> String {
        self.hosts.get(host).map_or_else(|| "10.12.9.9".to_owned(), |host| host.address.clone())
    }

    /// Writes an event: its log, its id and its fields.
    pub(super) fn emit(
        &mut self,
        time: Time,
        host: &str,
        event: (&str, u64),
        data: &[(&str, &str)],
    ) {
        let (log, id) = event;
        let (provider, channel) = match log {
            "Sysmon" => ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational"),
            "System" => ("Service Control Manager", "System"),
            _ => ("Microsoft-Windows-Security-Auditing", "Security"),
        };
        let Some(known) = self.hosts.get_mut(host) else { return };
        known.records = known.records.saturating_add(1);
        let number = known.records;
        let millis = Ticks::try_from(time).unwrap_or(0);
        let ticks = BEGIN.saturating_add(millis.saturating_mul(TICKS_PER_MILLISECOND));
        let mut fields: Map<String, Value> =
            data.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
        if log == "Sysmon" {
            let spaced: String =
                datetime::format_spaced(ticks).to_string().chars().take(23).collect();
            fields.insert("UtcTime".to_owned(), json!(spaced));
        }
        let event = json!({"Event": {
            "System": {
                "Provider": {"#attributes": {"Name": provider}},
                "EventID": id, "Version": 1, "Level": 4, "Task": 0, "Opcode": 0,
                "Keywords": "0x8020000000000000",
                "TimeCreated": {"#attributes": {"SystemTime": datetime::format_json(ticks).to_string()}},
                "EventRecordID": number,
                "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}},
                "Channel": channel,
                "Computer": format!("{host}.corp.example"),
            },
            "EventData": fields,
        }});
        self.lines.push((time, event.to_string()));
        self.recent.push((host.to_owned(), number));
    }

    /// Writes a network logon by Kerberos.
    pub(super) fn logon(
        &mut self,
        time: Time,
        host: &str,
        user: &str,
        source: &str,
        random: &mut Random,
    ) -> Session {
        let address = self.address(source);
        self.logon_from(time, (host, user), &address, "Kerberos", random)
    }

    /// Writes a network logon of an account on a host, from an address, by a protocol.
    pub(super) fn logon_from(
        &mut self,
        time: Time,
        (host, user): (&str, &str),
        address: &str,
        package: &str,
        random: &mut Random,
    ) -> Session {
        let id = self.hosts.get_mut(host).map_or(0, |host| {
            host.logons = host.logons.saturating_add(random.below(900)).saturating_add(7);
            host.logons
        });
        let id = format!("{id:#x}");
        let port = random.below(15_000).saturating_add(50_000).to_string();
        let (process, length) =
            if package == "Kerberos" { ("Kerberos", "0") } else { ("NtLmSsp ", "128") };
        let fields = [
            ("SubjectUserSid", "S-1-0-0"),
            ("SubjectUserName", "-"),
            ("SubjectDomainName", "-"),
            ("SubjectLogonId", "0x0"),
            ("TargetUserSid", &sid(user)),
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("TargetLogonId", &id),
            ("LogonType", "3"),
            ("LogonProcessName", process),
            ("AuthenticationPackageName", package),
            ("WorkstationName", "-"),
            ("LmPackageName", "-"),
            ("KeyLength", length),
            ("ProcessId", "0x0"),
            ("ProcessName", "-"),
            ("IpAddress", address),
            ("IpPort", &port),
        ];
        self.emit(time, host, ("Security", 4624), &fields);
        Session { host: host.to_owned(), user: user.to_owned(), id, address: address.to_owned() }
    }

    /// Writes that a session opens a share.
    pub(super) fn share(&mut self, time: Time, session: &Session, share: &str) {
        let fields = [
            ("SubjectUserSid", &*sid(&session.user)),
            ("SubjectUserName", &session.user),
            ("SubjectDomainName", "CORP"),
            ("SubjectLogonId", &session.id),
            ("ObjectType", "File"),
            ("IpAddress", &session.address),
            ("IpPort", "51877"),
            ("ShareName", &format!(r"\\*\{share}")),
            ("ShareLocalPath", ""),
            ("AccessMask", "0x1"),
            ("AccessList", "%%4416"),
        ];
        self.emit(time, &session.host, ("Security", 5140), &fields);
    }

    /// Writes that a session reaches a file or pipe of a share.
    pub(super) fn file(&mut self, time: Time, session: &Session, place: (&str, &str), mask: &str) {
        let (share, path) = place;
        let fields = [
            ("SubjectUserSid", &*sid(&session.user)),
            ("SubjectUserName", &session.user),
            ("SubjectDomainName", "CORP"),
            ("SubjectLogonId", &session.id),
            ("ObjectType", "File"),
            ("IpAddress", &session.address),
            ("IpPort", "51877"),
            ("ShareName", &format!(r"\\*\{share}")),
            ("ShareLocalPath", ""),
            ("RelativeTargetName", path),
            ("AccessMask", mask),
            ("AccessList", "%%1538"),
            ("AccessReason", "-"),
        ];
        self.emit(time, &session.host, ("Security", 5145), &fields);
    }

    /// Writes that a process was started, in the Security log and, on hosts that have it, by Sysmon.
    pub(super) fn process(&mut self, time: Time, started: &Started<'_>) {
        let Started { host, user, image, command, parent } = *started;
        let (logon, account) = if user.ends_with('$') {
            ("0x3e7", r"NT AUTHORITY\SYSTEM".to_owned())
        } else {
            ("0x2b7f1", format!(r"CORP\{user}"))
        };
        let fields = [
            ("SubjectUserSid", &*sid(user)),
            ("SubjectUserName", user),
            ("SubjectDomainName", "CORP"),
            ("SubjectLogonId", logon),
            ("NewProcessId", "0x1a2c"),
            ("NewProcessName", image),
            ("TokenElevationType", "%%1936"),
            ("ProcessId", "0x2a8"),
            ("CommandLine", command),
            ("TargetUserSid", "S-1-0-0"),
            ("TargetUserName", "-"),
            ("TargetDomainName", "-"),
            ("TargetLogonId", "0x0"),
            ("ParentProcessName", parent),
            ("MandatoryLabel", "S-1-16-12288"),
        ];
        self.emit(time, host, ("Security", 4688), &fields);
        if has_sysmon(host) {
            let file = image.rsplit('\\').next().unwrap_or_default();
            let fields = [
                ("RuleName", "-"),
                ("ProcessId", "6700"),
                ("Image", image),
                ("OriginalFileName", file),
                ("CommandLine", command),
                ("CurrentDirectory", r"C:\"),
                ("User", &account),
                ("LogonId", logon),
                ("IntegrityLevel", "High"),
                ("ParentProcessId", "680"),
                ("ParentImage", parent),
                ("ParentCommandLine", parent),
            ];
            self.emit(time.saturating_add(3), host, ("Sysmon", 1), &fields);
        }
    }

    /// Writes that a service was installed, by a session or by the host itself.
    pub(super) fn service(
        &mut self,
        time: Time,
        host: &str,
        by: Option<&Session>,
        (name, image): (&str, &str),
    ) {
        let machine = format!("{}$", host.to_uppercase());
        let (user, id) = by.map_or((machine.as_str(), "0x3e7"), |it| (&*it.user, &*it.id));
        let fields = [
            ("SubjectUserSid", &*sid(user)),
            ("SubjectUserName", user),
            ("SubjectDomainName", "CORP"),
            ("SubjectLogonId", id),
            ("ServiceName", name),
            ("ServiceFileName", image),
            ("ServiceType", "0x10"),
            ("ServiceStartType", "3"),
            ("ServiceAccount", "LocalSystem"),
        ];
        self.emit(time, host, ("Security", 4697), &fields);
        let fields = [
            ("ServiceName", name),
            ("ImagePath", image),
            ("ServiceType", "user mode service"),
            ("StartType", "demand start"),
            ("AccountName", "LocalSystem"),
        ];
        self.emit(time.saturating_add(1), host, ("System", 7045), &fields);
    }

    /// Writes that the host's kernel or a program created a file, on hosts that have Sysmon.
    pub(super) fn created(&mut self, time: Time, host: &str, image: &str, path: &str) {
        if has_sysmon(host) {
            let process = if image == "System" { "4" } else { "5210" };
            let fields = [
                ("RuleName", "-"),
                ("ProcessId", process),
                ("Image", image),
                ("TargetFilename", path),
                ("User", r"NT AUTHORITY\SYSTEM"),
            ];
            self.emit(time, host, ("Sysmon", 11), &fields);
        }
    }

    /// Writes that the kernel or a program connects to a host, where there is Sysmon.
    pub(super) fn connection(&mut self, time: Time, source: &str, image: &str, target: &str) {
        let (own, other) = (self.address(source), self.address(target));
        if has_sysmon(source) {
            let process = if image == "System" { "4" } else { "5210" };
            let fields = [
                ("RuleName", "-"),
                ("ProcessId", process),
                ("Image", image),
                ("User", r"NT AUTHORITY\SYSTEM"),
                ("Protocol", "tcp"),
                ("Initiated", "true"),
                ("SourceIp", &own),
                ("SourcePort", "52011"),
                ("DestinationIp", &other),
                ("DestinationPort", "445"),
            ];
            self.emit(time, source, ("Sysmon", 3), &fields);
        }
    }
}

/// Two hosts of three have Sysmon.
fn has_sysmon(host: &str) -> bool {
    host.bytes().map(u32::from).sum::<u32>() % 3 != 0
}

fn sid(user: &str) -> String {
    const DOMAIN: &str = "S-1-5-21-3104988312-2266001174-911005124";
    if user == "Administrator" {
        return format!("{DOMAIN}-500");
    }
    let sum: u64 =
        user.bytes().map(u64::from).fold(0, |sum, b| sum.wrapping_mul(31).wrapping_add(b));
    format!("{DOMAIN}-{}", (sum % 80_000).saturating_add(1_100))
}
