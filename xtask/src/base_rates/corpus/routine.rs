//! What hosts and people do by themselves: offices, domain controllers, printing, clusters, starts.

use super::{
    Company, PRINT, WEB,
    events::{Started, Time, Writer},
    random::Random,
};

const MINUTE: Time = 60_000;
const HOUR: Time = 60 * MINUTE;

const OFFICE: [&str; 5] = [
    r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE",
    r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Vendor\Ledger\ledger.exe",
    r"C:\Windows\System32\notepad.exe",
];

/// Services that a start of a host brings up, by program and command.
const SERVICES: [(&str, &str); 5] = [
    (
        r"C:\Windows\System32\svchost.exe",
        r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule",
    ),
    (r"C:\Windows\System32\spoolsv.exe", r"C:\Windows\System32\spoolsv.exe"),
    (
        r"C:\Program Files\VMware\VMware Tools\vmtoolsd.exe",
        "\"C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe\"",
    ),
    (r"C:\Windows\System32\SearchIndexer.exe", r"C:\Windows\system32\SearchIndexer.exe /Embedding"),
    (
        r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.26010.5-0\MsMpEng.exe",
        "\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.26010.5-0\\MsMpEng.exe\"",
    ),
];

/// Writes a day of all hosts; `begin` is in seconds.
pub(super) fn day(
    company: &Company,
    begin: u64,
    is_working_day: bool,
    random: &mut Random,
    writer: &mut Writer,
) {
    let begin = begin.saturating_mul(1_000);
    for host in company.hosts() {
        if host.starts_with("ws-") && is_working_day || random.once_in(30) {
            start(host, at(begin, 6, 3, random), random, writer);
        }
        upkeep(host, at(begin, 1, 22, random), random, writer);
    }
    for host in company.hosts() {
        for _ in 0..4 {
            policies(company, host, at(begin, 0, 24, random), random, writer);
        }
    }
    controllers(company, begin, random, writer);
    cluster(company, begin, random, writer);
    if is_working_day {
        for (number, workstation) in company.workstations.iter().enumerate() {
            let user = company.users.get(number).map_or("user-01", String::as_str);
            office(company, (workstation, user), begin, random, writer);
        }
    }
}

/// Returns a time of a day within some hours.
fn at(begin: Time, from_hour: u64, hours: u64, random: &mut Random) -> Time {
    let of_day = random.below(hours.saturating_mul(HOUR));
    begin.saturating_add(from_hour.saturating_mul(HOUR)).saturating_add(of_day)
}

fn machine(host: &str) -> String {
    format!("{}$", host.to_uppercase())
}

/// A host starts: its services come up.
fn start(host: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let account = machine(host);
    for (number, (image, command)) in (0..).zip(SERVICES) {
        let parent = r"C:\Windows\System32\services.exe";
        let started = Started { host, user: &account, image, command, parent };
        writer.process(time.saturating_add(900_u64.saturating_mul(number)), &started);
    }
    if random.once_in(12) {
        // Defender's own driver, whose name is new each time.
        let name = format!("MpKsl{}", random.letters(8));
        let image = format!(
            r"C:\ProgramData\Microsoft\Windows Defender\Definition Updates\{{8C1F}}\{name}.sys"
        );
        writer.service(time.saturating_add(9_000), host, None, (&name, &image));
    }
}

/// What a host does to itself: scheduled tasks, updates, installers of drivers.
fn upkeep(host: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let account = machine(host);
    let services = r"C:\Windows\System32\services.exe";
    let scheduler = r"C:\Windows\System32\svchost.exe";
    let run = |writer: &mut Writer, image: &str, command: &str, parent: &str| {
        writer.process(time, &Started { host, user: &account, image, command, parent });
    };
    match random.below(6) {
        0 => run(writer, r"C:\Windows\System32\taskhostw.exe", "taskhostw.exe Regular", scheduler),
        1 => run(
            writer,
            r"C:\Windows\servicing\TrustedInstaller.exe",
            r"C:\Windows\servicing\TrustedInstaller.exe",
            services,
        ),
        2 => run(
            writer,
            r"C:\Windows\System32\msiexec.exe",
            r"C:\Windows\system32\msiexec.exe /V",
            services,
        ),
        3 => run(
            writer,
            r"C:\Windows\System32\cmd.exe",
            r"cmd.exe /c C:\ProgramData\Vendor\rotate-logs.cmd",
            scheduler,
        ),
        4 if random.once_in(9) => writer.service(
            time,
            host,
            None,
            ("MicrosoftEdgeElevationService", "\"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\145.0.3800.58\\elevation_service.exe\""),
        ),
        _ => run(writer, r"C:\Windows\System32\wbem\WmiPrvSE.exe", r"C:\Windows\system32\wbem\wmiprvse.exe -Embedding", scheduler),
    }
}

/// A host asks a controller for its policies.
fn policies(company: &Company, host: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let controller = random.one_of(&company.controllers).to_owned();
    if controller == host {
        return;
    }
    let session = writer.logon(time, &controller, &machine(host), host, random);
    writer.share(time.saturating_add(20), &session, "IPC$");
    for pipe in ["lsarpc", "netlogon"] {
        writer.file(time.saturating_add(30), &session, ("IPC$", pipe), "0x12019f");
    }
    writer.share(time.saturating_add(60), &session, "SYSVOL");
    let policy = r"corp.example\Policies\{31B2F340-016D-11D2-945F-00C04FB984F9}\gpt.ini";
    writer.file(time.saturating_add(70), &session, ("SYSVOL", policy), "0x120089");
    let script = r"corp.example\scripts\logon.cmd";
    writer.file(time.saturating_add(80), &session, ("SYSVOL", script), "0x120089");
}

/// Controllers replicate, and reach themselves.
fn controllers(company: &Company, begin: Time, random: &mut Random, writer: &mut Writer) {
    for controller in &company.controllers {
        for other in company.controllers.iter().filter(|other| *other != controller) {
            for _ in 0..6 {
                let time = at(begin, 0, 24, random);
                let session = writer.logon(time, controller, &machine(other), other, random);
                writer.share(time.saturating_add(10), &session, "IPC$");
                for pipe in ["lsarpc", "samr"] {
                    writer.file(time.saturating_add(15), &session, ("IPC$", pipe), "0x12019f");
                }
            }
        }
        let time = at(begin, 0, 24, random);
        let own =
            writer.logon_from(time, (controller, &machine(controller)), "::1", "Kerberos", random);
        writer.share(time.saturating_add(10), &own, "SYSVOL");
        writer.share(time.saturating_add(11), &own, "IPC$");
        let policy = r"corp.example\Policies\{6AC1786C-016F-11D2-945F-00C04FB984F9}\gpt.ini";
        writer.file(time.saturating_add(20), &own, ("SYSVOL", policy), "0x120089");
    }
}

/// Nodes of a cluster look after each other through ADMIN$ and their own pipes.
fn cluster(company: &Company, begin: Time, random: &mut Random, writer: &mut Writer) {
    let [one, other] = company.cluster.as_slice() else { return };
    for (node, peer) in [(one, other), (other, one)] {
        for _ in 0..3 {
            let time = at(begin, 0, 24, random);
            let session = writer.logon(time, node, &machine(peer), peer, random);
            writer.share(time.saturating_add(10), &session, "IPC$");
            writer.file(time.saturating_add(12), &session, ("IPC$", "srvsvc"), "0x12019f");
            writer.share(time.saturating_add(20), &session, "ADMIN$");
            let registry = r"Cluster\CLUSDB";
            writer.file(time.saturating_add(30), &session, ("ADMIN$", registry), "0x120089");
        }
    }
}

/// A person's day: programs, files on servers, printing, a logon script.
fn office(
    company: &Company,
    (workstation, user): (&str, &str),
    begin: Time,
    random: &mut Random,
    writer: &mut Writer,
) {
    let morning = at(begin, 7, 2, random);
    let script = r"\\corp.example\NETLOGON\logon.cmd";
    writer.process(
        morning,
        &Started {
            host: workstation,
            user,
            image: r"C:\Windows\System32\cmd.exe",
            command: &format!("C:\\Windows\\system32\\cmd.exe /c \"{script}\""),
            parent: r"C:\Windows\System32\userinit.exe",
        },
    );
    writer.process(
        morning.saturating_add(900),
        &Started {
            host: workstation,
            user,
            image: r"C:\Windows\System32\net.exe",
            command: r"net  use H: \\srv-files-01\home /persistent:no",
            parent: r"C:\Windows\System32\cmd.exe",
        },
    );
    for _ in 0..3 {
        let image = random.one_of(&OFFICE).to_owned();
        let started = Started {
            host: workstation,
            user,
            image: &image,
            command: &format!("\"{image}\""),
            parent: r"C:\Windows\explorer.exe",
        };
        writer.process(at(begin, 8, 9, random), &started);
    }
    for _ in 0..2 {
        let server = random.one_of(&company.file_servers).to_owned();
        documents((workstation, user), &server, at(begin, 8, 9, random), random, writer);
    }
    if random.once_in(3) {
        let time = at(begin, 8, 9, random);
        let session = writer.logon(time, PRINT, user, workstation, random);
        writer.share(time.saturating_add(15), &session, "IPC$");
        writer.file(time.saturating_add(16), &session, ("IPC$", "spoolss"), "0x12019f");
        writer.share(time.saturating_add(30), &session, "print$");
        let driver = r"x64\3\PScript5.dll";
        writer.file(time.saturating_add(40), &session, ("print$", driver), "0x120089");
    }
    if random.once_in(25) {
        // The web server's service writes what people upload, through the share of its own host.
        let time = at(begin, 8, 9, random);
        let own = writer.logon_from(time, (WEB, "svc-web"), "::1", "Kerberos", random);
        writer.share(time.saturating_add(9), &own, "uploads");
        let upload = format!(r"2026\{}.pdf", random.letters(8));
        writer.file(time.saturating_add(20), &own, ("uploads", &upload), "0x120116");
    }
}

fn documents(
    (workstation, user): (&str, &str),
    server: &str,
    time: Time,
    random: &mut Random,
    writer: &mut Writer,
) {
    writer.connection(time, workstation, "System", server);
    let session = writer.logon(time.saturating_add(20), server, user, workstation, random);
    writer.share(time.saturating_add(30), &session, "IPC$");
    writer.file(time.saturating_add(31), &session, ("IPC$", "srvsvc"), "0x12019f");
    let share = random.one_of(&["Public", "home", "Projects"]).to_owned();
    writer.share(time.saturating_add(40), &session, &share);
    for number in 0..random.below(4).saturating_add(1) {
        let path = format!(r"{}\{}.docx", random.letters(5), random.letters(7));
        let mask = random.one_of(&["0x120089", "0x120089", "0x12019f", "0x2"]).to_owned();
        let later = time.saturating_add(100).saturating_add(number.saturating_mul(40_000));
        writer.file(later, &session, (&share, &path), &mask);
    }
}
