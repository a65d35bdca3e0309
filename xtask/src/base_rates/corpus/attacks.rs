//! The red team's day: what is known of public tools, each several times, between hosts by chance.
//!
//! What each leaves follows its documentation and the package's behaviours; no recording is copied.

use std::collections::BTreeSet;

use super::{
    Company, Planted,
    events::{Session, Started, Time, Writer},
    random::Random,
};

const MINUTE: Time = 60_000;

/// How often each attack is made.
const TIMES: u64 = 3;

/// An attack from a host on another one.
struct Attack<'a> {
    time: Time,
    source: &'a str,
    target: &'a str,
    user: &'a str,
}

/// The name of an attack and what writes its records.
type Kind = (&'static str, fn(&Attack<'_>, &mut Random, &mut Writer));

const KINDS: [Kind; 12] = [
    ("net use of C$ with another account", net_use),
    ("copy of a program to C$, then started by WMI", drop_and_run),
    ("PsExec of Sysinternals", psexec),
    ("PsExec under another name", psexec_renamed),
    ("Impacket's psexec", impacket_psexec),
    ("Impacket's smbexec", smbexec),
    ("Impacket's wmiexec", wmiexec),
    ("Impacket's atexec", atexec),
    ("Cobalt Strike's psexec_psh", service_command),
    ("sc.exe against another host", remote_service),
    ("schtasks.exe against another host", remote_task),
    ("secrets read through the remote registry", secrets),
];

/// Writes the day and returns what was planted; `begin` is in seconds.
pub(super) fn day(
    company: &Company,
    begin: u64,
    random: &mut Random,
    writer: &mut Writer,
) -> Vec<Planted> {
    let mut planted = Vec::new();
    let mut time = begin.saturating_mul(1_000).saturating_add(9 * 60 * MINUTE);
    let targets: Vec<&str> = company.hosts();
    for _ in 0..TIMES {
        for (name, write) in KINDS {
            time = time.saturating_add(5 * MINUTE).saturating_add(random.below(9 * MINUTE));
            let source = random.one_of(&company.workstations).to_owned();
            let others: Vec<&str> = targets.iter().copied().filter(|it| *it != source).collect();
            let target = random.one_of(&others).to_owned();
            let user = random.one_of(&company.administrators).to_owned();
            writer.taken();
            write(&Attack { time, source: &source, target: &target, user: &user }, random, writer);
            let records: BTreeSet<(String, u64)> = writer.taken().into_iter().collect();
            planted.push(Planted { name, records });
        }
    }
    planted
}

impl Attack<'_> {
    fn at(&self, milliseconds: u64) -> Time {
        self.time.saturating_add(milliseconds)
    }

    fn logon(&self, random: &mut Random, writer: &mut Writer) -> Session {
        writer.connection(self.time, self.source, "System", self.target);
        writer.logon(self.at(40), self.target, self.user, self.source, random)
    }

    /// A command on the source, by the shell.
    fn command(&self, image: &str, command: &str, writer: &mut Writer) {
        let parent = r"C:\Windows\System32\cmd.exe";
        let started = Started { host: self.source, user: self.user, image, command, parent };
        writer.process(self.time, &started);
    }

    /// A process on the target, as SYSTEM.
    fn on_target(&self, after: u64, image: &str, command: &str, parent: &str, writer: &mut Writer) {
        let user = format!("{}$", self.target.to_uppercase());
        let started = Started { host: self.target, user: &user, image, command, parent };
        writer.process(self.at(after), &started);
    }

    /// A service, made through the service control interface.
    fn service(&self, session: &Session, name: &str, image: &str, writer: &mut Writer) {
        writer.share(self.at(200), session, "IPC$");
        writer.file(self.at(210), session, ("IPC$", "svcctl"), "0x12019f");
        writer.service(self.at(400), self.target, Some(session), (name, image));
    }

    /// A file that arrives through a share.
    fn arrives(&self, session: &Session, place: (&str, &str), folder: &str, writer: &mut Writer) {
        let (share, path) = place;
        writer.share(self.at(100), session, share);
        writer.file(self.at(120), session, place, "0x2");
        writer.created(self.at(125), self.target, "System", &format!(r"{folder}\{path}"));
    }
}

const SERVICES: &str = r"C:\Windows\System32\services.exe";

fn net_use(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let Attack { target, user, .. } = attack;
    let command = format!(r"net  use \\{target}\C$ /user:CORP\{user} *");
    attack.command(r"C:\Windows\System32\net.exe", &command, writer);
    let session = attack.logon(random, writer);
    writer.share(attack.at(90), &session, "IPC$");
    writer.share(attack.at(100), &session, "C$");
}

fn drop_and_run(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    let name = format!("{}.exe", random.letters(7));
    let path = format!(r"Users\Public\{name}");
    attack.arrives(&session, ("C$", &path), "C:", writer);
    let image = format!(r"C:\{path}");
    let parent = r"C:\Windows\System32\wbem\WmiPrvSE.exe";
    attack.on_target(40_000, &image, &image, parent, writer);
}

fn psexec(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let command = format!(r"PsExec64.exe  \\{} -s cmd.exe", attack.target);
    attack.command(r"C:\Users\Public\PsExec64.exe", &command, writer);
    let session = attack.logon(random, writer);
    attack.arrives(&session, ("ADMIN$", "PSEXESVC.exe"), r"C:\Windows", writer);
    attack.service(&session, "PSEXESVC", r"%SystemRoot%\PSEXESVC.exe", writer);
    attack.on_target(900, r"C:\Windows\PSEXESVC.exe", r"C:\Windows\PSEXESVC.exe", SERVICES, writer);
    writer.file(attack.at(1_200), &session, ("IPC$", "PSEXESVC"), "0x12019f");
}

fn psexec_renamed(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    let name = format!("{}svc", random.letters(6));
    let program = format!("{name}.exe");
    attack.arrives(&session, ("ADMIN$", &program), r"C:\Windows", writer);
    attack.service(&session, &name, &format!(r"%SystemRoot%\{program}"), writer);
    let image = format!(r"C:\Windows\{program}");
    attack.on_target(900, &image, &image, SERVICES, writer);
    for end in ["stdin", "stdout", "stderr"] {
        let pipe = format!("{name}-{}-4711-{end}", attack.source.to_uppercase());
        writer.file(attack.at(1_300), &session, ("IPC$", &pipe), "0x12019f");
    }
}

fn impacket_psexec(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    let program = format!("{}.exe", random.letters(8));
    attack.arrives(&session, ("ADMIN$", &program), r"C:\Windows", writer);
    let name = random.letters(4);
    attack.service(&session, &name, &format!(r"%systemroot%\{program}"), writer);
    let image = format!(r"C:\Windows\{program}");
    attack.on_target(900, &image, &image, SERVICES, writer);
    writer.file(attack.at(1_300), &session, ("IPC$", "RemCom_communicaton"), "0x12019f");
}

fn smbexec(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    let batch = format!(r"%SYSTEMROOT%\{}.bat", random.letters(8));
    let image = format!(
        r"%COMSPEC% /Q /c echo whoami ^> \\%COMPUTERNAME%\C$\__output 2^>^&1 > {batch} & %COMSPEC% /Q /c {batch} & del {batch}"
    );
    attack.service(&session, &random.letters(8), &image, writer);
    let command = image.replace("%COMSPEC%", r"C:\Windows\system32\cmd.exe");
    attack.on_target(600, r"C:\Windows\System32\cmd.exe", &command, SERVICES, writer);
    writer.share(attack.at(900), &session, "C$");
    writer.file(attack.at(910), &session, ("C$", "__output"), "0x120089");
}

fn wmiexec(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    let output = format!("__1772{}.{}", random.below(999_999), random.below(9_999_999));
    let command = format!(r"cmd.exe /Q /c whoami 1> \\127.0.0.1\ADMIN$\{output} 2>&1");
    let parent = r"C:\Windows\System32\wbem\WmiPrvSE.exe";
    attack.on_target(400, r"C:\Windows\System32\cmd.exe", &command, parent, writer);
    writer.share(attack.at(900), &session, "ADMIN$");
    writer.file(attack.at(910), &session, ("ADMIN$", &output), "0x120089");
}

fn atexec(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    writer.share(attack.at(100), &session, "IPC$");
    writer.file(attack.at(110), &session, ("IPC$", "atsvc"), "0x12019f");
    let name = random.letters(8);
    let content = format!(
        "<Task><Actions><Exec><Command>cmd.exe</Command><Arguments>/C whoami &gt; %windir%\\Temp\\{name}.tmp 2&gt;&amp;1</Arguments></Exec></Actions></Task>"
    );
    let fields = [
        ("SubjectUserSid", "S-1-5-21-3104988312-2266001174-911005124-1108"),
        ("SubjectUserName", attack.user),
        ("SubjectDomainName", "CORP"),
        ("SubjectLogonId", session.id.as_str()),
        ("TaskName", &format!(r"\{name}")),
        ("TaskContent", content.as_str()),
    ];
    writer.emit(attack.at(300), attack.target, ("Security", 4698), &fields);
    let command = format!(r"cmd.exe /C whoami > C:\Windows\Temp\{name}.tmp 2>&1");
    let parent = r"C:\Windows\System32\svchost.exe";
    attack.on_target(700, r"C:\Windows\System32\cmd.exe", &command, parent, writer);
    writer.share(attack.at(1_500), &session, "ADMIN$");
    writer.file(attack.at(1_510), &session, ("ADMIN$", &format!(r"Temp\{name}.tmp")), "0x120089");
}

fn service_command(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    let image = "%COMSPEC% /b /c start /b /min powershell -nop -w hidden -encodedcommand JABzAD0ATgBlAHcALQBPAGIAagBlAGMAdAA=";
    attack.service(&session, &random.letters(7), image, writer);
    let command = image.replace("%COMSPEC%", r"C:\Windows\system32\cmd.exe");
    attack.on_target(700, r"C:\Windows\System32\cmd.exe", &command, SERVICES, writer);
}

fn remote_service(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let name = format!("{}Svc", random.letters(6));
    let program = format!(r"C:\ProgramData\{}.exe", random.letters(6));
    let command = format!(r"sc.exe  \\{} create {name} binPath= {program}", attack.target);
    attack.command(r"C:\Windows\System32\sc.exe", &command, writer);
    let session = attack.logon(random, writer);
    attack.service(&session, &name, &program, writer);
    attack.on_target(900, &program, &program, SERVICES, writer);
}

fn remote_task(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let Attack { target, .. } = attack;
    let name = random.letters(6);
    let command = format!(
        r"schtasks  /create /s {target} /ru SYSTEM /tn {name} /tr C:\ProgramData\{name}.exe /sc once /st 23:00"
    );
    attack.command(r"C:\Windows\System32\schtasks.exe", &command, writer);
    attack.logon(random, writer);
}

fn secrets(attack: &Attack<'_>, random: &mut Random, writer: &mut Writer) {
    let session = attack.logon(random, writer);
    writer.share(attack.at(100), &session, "IPC$");
    for pipe in ["svcctl", "winreg"] {
        writer.file(attack.at(110), &session, ("IPC$", pipe), "0x12019f");
    }
    writer.share(attack.at(900), &session, "ADMIN$");
    for _ in 0..2 {
        let path = format!(r"SYSTEM32\{}.tmp", random.letters(8));
        writer.file(attack.at(950), &session, ("ADMIN$", &path), "0x120089");
    }
}
