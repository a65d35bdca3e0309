//! What administrators and their tools do: mornings, deployment, backup, monitoring, scans.

use super::{
    BACKUP, Company, DEPLOYMENT, JUMP, SCANNER,
    events::{Session, Started, Time, Writer},
    random::Random,
};

const HOUR: Time = 3_600_000;

/// Writes a day; `begin` is in seconds, `day` counts from 0, a Monday.
pub(super) fn day(
    company: &Company,
    day: u64,
    begin: u64,
    is_working_day: bool,
    random: &mut Random,
    writer: &mut Writer,
) {
    let begin = begin.saturating_mul(1_000);
    let servers: Vec<String> = company.servers().into_iter().map(str::to_owned).collect();
    let all: Vec<String> = company.hosts().into_iter().map(str::to_owned).collect();
    if is_working_day {
        for administrator in &company.administrators {
            morning(administrator, &servers, begin, random, writer);
        }
        helpdesk(company, begin, random, writer);
    }
    for server in servers.iter().filter(|server| *server != BACKUP) {
        backup(server, begin.saturating_add(random.below(4 * HOUR)), random, writer);
        monitoring(server, begin, random, writer);
    }
    match day.rem_euclid(7) {
        1 => {
            for workstation in company.workstations.iter().take(12) {
                let time = begin.saturating_add(20 * HOUR).saturating_add(random.below(HOUR));
                deployment(workstation, time, random, writer);
            }
        }
        2 => {
            let new = random.one_of(&company.workstations).to_owned();
            client_push(&new, begin.saturating_add(11 * HOUR), random, writer);
        }
        5 => {
            for host in all.iter().filter(|host| *host != SCANNER) {
                let time = begin.saturating_add(2 * HOUR).saturating_add(random.below(6 * HOUR));
                scan(host, time, random, writer);
            }
        }
        6 => {
            for host in all.iter().filter(|host| *host != DEPLOYMENT) {
                let time = begin.saturating_add(3 * HOUR).saturating_add(random.below(6 * HOUR));
                inventory(host, time, random, writer);
            }
        }
        _ => {}
    }
}

/// An administrator looks after servers from the jump host.
fn morning(
    administrator: &str,
    servers: &[String],
    begin: Time,
    random: &mut Random,
    writer: &mut Writer,
) {
    for _ in 0..3 {
        let server = random.one_of(servers).to_owned();
        if server == JUMP {
            continue;
        }
        let time = begin.saturating_add(8 * HOUR).saturating_add(random.below(2 * HOUR));
        let session = writer.logon(time, &server, administrator, JUMP, random);
        writer.share(time.saturating_add(20), &session, "IPC$");
        for pipe in ["srvsvc", "svcctl", "eventlog"] {
            writer.file(time.saturating_add(30), &session, ("IPC$", pipe), "0x12019f");
        }
        if random.once_in(2) {
            writer.share(time.saturating_add(60_000), &session, "C$");
            let log = r"inetpub\logs\LogFiles\u_ex260302.log";
            writer.file(time.saturating_add(61_000), &session, ("C$", log), "0x120089");
        }
        if random.once_in(30) {
            // An installer is put where it will be run from by hand.
            let installer = r"Install\ledger-7.4.msi";
            writer.share(time.saturating_add(80_000), &session, "C$");
            writer.file(time.saturating_add(81_000), &session, ("C$", installer), "0x2");
        }
    }
    if random.once_in(25) {
        let server = random.one_of(servers).to_owned();
        let command = format!(r"PsExec.exe  \\{server} ipconfig /flushdns");
        let time = begin.saturating_add(10 * HOUR);
        psexec(administrator, &server, &command, time, random, writer);
    }
}

fn psexec(
    administrator: &str,
    server: &str,
    command: &str,
    time: Time,
    random: &mut Random,
    writer: &mut Writer,
) {
    if server == JUMP {
        return;
    }
    writer.process(
        time,
        &Started {
            host: JUMP,
            user: administrator,
            image: r"C:\Tools\PsExec.exe",
            command,
            parent: r"C:\Windows\System32\cmd.exe",
        },
    );
    let session = writer.logon(time.saturating_add(200), server, administrator, JUMP, random);
    let (name, program) = ("PSEXESVC", r"%SystemRoot%\PSEXESVC.exe");
    install(&session, "PSEXESVC.exe", (name, program), time.saturating_add(300), writer);
    started(server, r"C:\Windows\PSEXESVC.exe", time.saturating_add(900), writer);
    writer.file(time.saturating_add(1_200), &session, ("IPC$", "PSEXESVC"), "0x12019f");
}

/// Somebody of the help desk looks at a workstation with its local administrator's password.
fn helpdesk(company: &Company, begin: Time, random: &mut Random, writer: &mut Writer) {
    let workstation = random.one_of(&company.workstations).to_owned();
    let time = begin.saturating_add(9 * HOUR).saturating_add(random.below(7 * HOUR));
    let address = writer.address(JUMP);
    let session =
        writer.logon_from(time, (&workstation, "Administrator"), &address, "NTLM", random);
    writer.share(time.saturating_add(20), &session, "IPC$");
    writer.share(time.saturating_add(300), &session, "C$");
    let document = r"Users\user-07\Desktop\error.png";
    writer.file(time.saturating_add(900), &session, ("C$", document), "0x120089");
}

/// A program arrives through ADMIN$ and is made a service.
fn install(session: &Session, path: &str, service: (&str, &str), time: Time, writer: &mut Writer) {
    writer.share(time, session, "ADMIN$");
    writer.file(time.saturating_add(30), session, ("ADMIN$", path), "0x2");
    writer.created(
        time.saturating_add(35),
        &session.host,
        "System",
        &format!(r"C:\Windows\{path}"),
    );
    writer.share(time.saturating_add(60), session, "IPC$");
    writer.file(time.saturating_add(70), session, ("IPC$", "svcctl"), "0x12019f");
    writer.service(time.saturating_add(100), &session.host, Some(session), service);
}

fn started(host: &str, image: &str, time: Time, writer: &mut Writer) {
    let user = format!("{}$", host.to_uppercase());
    let parent = r"C:\Windows\System32\services.exe";
    writer.process(time, &Started { host, user: &user, image, command: image, parent });
}

/// PDQ Deploy pushes its runner to a workstation.
fn deployment(workstation: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let session = writer.logon(time, workstation, "svc-deploy", DEPLOYMENT, random);
    let path = r"AdminArsenal\PDQDeployRunner\service-1\PDQDeployRunner-1.exe";
    let program = format!(r"C:\Windows\{path}");
    install(&session, path, ("PDQDeployRunner-1", &program), time.saturating_add(100), writer);
    started(workstation, &program, time.saturating_add(800), writer);
    let user = format!("{}$", workstation.to_uppercase());
    let (image, command) = (
        r"C:\Windows\System32\msiexec.exe",
        r"C:\Windows\System32\msiexec.exe /i C:\Windows\AdminArsenal\ledger.msi /qn",
    );
    let later = time.saturating_add(4_000);
    writer.process(
        later,
        &Started { host: workstation, user: &user, image, command, parent: &program },
    );
}

/// Configuration Manager pushes its client.
fn client_push(workstation: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let session = writer.logon(time, workstation, "svc-sccm", DEPLOYMENT, random);
    let service = ("ccmsetup", r"C:\Windows\ccmsetup\ccmsetup.exe");
    install(&session, r"ccmsetup\ccmsetup.exe", service, time.saturating_add(100), writer);
    started(workstation, r"C:\Windows\ccmsetup\ccmsetup.exe", time.saturating_add(900), writer);
}

/// A backup prepares the applications of a server each night.
fn backup(server: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let session = writer.logon(time, server, "svc-backup", BACKUP, random);
    let path = r"VeeamVssSupport\VeeamGuestHelper.exe";
    let program = r"C:\Windows\VeeamVssSupport\VeeamGuestHelper.exe";
    install(&session, path, ("VeeamVssSupport", program), time.saturating_add(100), writer);
    started(server, program, time.saturating_add(900), writer);
    writer.share(time.saturating_add(5_000), &session, "C$");
    let data = r"ProgramData\Ledger\ledger.mdf";
    writer.file(time.saturating_add(6_000), &session, ("C$", data), "0x120089");
}

/// Monitoring asks for the state of services, four times a day.
fn monitoring(server: &str, begin: Time, random: &mut Random, writer: &mut Writer) {
    for round in 0..4_u64 {
        let time =
            begin.saturating_add(round.saturating_mul(6 * HOUR)).saturating_add(random.below(HOUR));
        let session = writer.logon(time, server, "svc-monitor", DEPLOYMENT, random);
        writer.share(time.saturating_add(20), &session, "IPC$");
        writer.file(time.saturating_add(30), &session, ("IPC$", "svcctl"), "0x12019f");
    }
}

/// A vulnerability scan with credentials.
fn scan(host: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let address = writer.address(SCANNER);
    let session = writer.logon_from(time, (host, "svc-scan"), &address, "NTLM", random);
    writer.connection(time, SCANNER, r"C:\Program Files\Tenable\Nessus\nessusd.exe", host);
    writer.share(time.saturating_add(20), &session, "IPC$");
    for pipe in ["svcctl", "winreg", "srvsvc", "samr"] {
        writer.file(time.saturating_add(30), &session, ("IPC$", pipe), "0x12019f");
    }
    for share in ["ADMIN$", "C$"] {
        writer.share(time.saturating_add(100), &session, share);
    }
    for path in [r"System32\ntoskrnl.exe", r"System32\drivers\srv2.sys"] {
        writer.file(time.saturating_add(200), &session, ("ADMIN$", path), "0x120089");
    }
    let name = format!("tenable_mw_scan_{}", random.letters(8));
    let program = format!(r"C:\Windows\Temp\{name}.exe");
    let path = format!(r"Temp\{name}.exe");
    install(&session, &path, (&name, &program), time.saturating_add(400), writer);
    started(host, &program, time.saturating_add(1_500), writer);
}

/// An inventory reads the registry of every host.
fn inventory(host: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let session = writer.logon(time, host, "svc-inventory", DEPLOYMENT, random);
    writer.share(time.saturating_add(20), &session, "IPC$");
    for pipe in ["winreg", "srvsvc"] {
        writer.file(time.saturating_add(30), &session, ("IPC$", pipe), "0x12019f");
    }
}
