//! What ordinary software does to its host: services that installers make and the service manager starts, in the
//! places where products really put them, and copies that jobs make to other hosts.

use super::{
    Company, DEPLOYMENT,
    events::{Started, Time, Writer},
    random::Random,
};

const HOUR: Time = 3_600_000;
const MANAGER: &str = r"C:\Windows\System32\services.exe";
const SCHEDULER: &str = r"C:\Windows\System32\svchost.exe";

/// Services by name and program, as products install them.
const INSTALLED: [(&str, &str); 12] = [
    (
        "GoogleUpdaterService145.0",
        "\"C:\\Program Files (x86)\\Google\\GoogleUpdater\\145.0.7\\updater.exe\" --system --windows-service",
    ),
    (
        "edgeupdate",
        "\"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe\" /svc",
    ),
    (
        "WinDefend",
        "\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.26020.3-0\\MsMpEng.exe\"",
    ),
    ("Sysmon64", r"C:\Windows\Sysmon64.exe"),
    (
        "SplunkForwarder",
        "\"C:\\Program Files\\SplunkUniversalForwarder\\bin\\splunkd.exe\" service",
    ),
    (
        "MSSQL$LEDGER",
        "\"C:\\Program Files\\Microsoft SQL Server\\MSSQL16.LEDGER\\MSSQL\\Binn\\sqlservr.exe\" -sLEDGER",
    ),
    (
        "igfxCUIService2.0.0.0",
        r"C:\Windows\System32\DriverStore\FileRepository\cui_dch.inf_amd64_1f2e3d4c5b6a7988\igfxCUIService.exe",
    ),
    (
        "IntuneManagementExtension",
        "\"C:\\Program Files (x86)\\Microsoft Intune Management Extension\\Microsoft.Management.Services.IntuneWindowsAgent.exe\"",
    ),
    ("AdobeARMservice", "\"C:\\Program Files (x86)\\Common Files\\Adobe\\ARM\\1.0\\armsvc.exe\""),
    ("VMTools", "\"C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe\""),
    ("CsFalconService", "\"C:\\Program Files\\CrowdStrike\\CSFalconService.exe\""),
    ("WdiServiceHost", r"C:\Windows\System32\svchost.exe -k LocalService -p"),
];

/// Writes a day; `begin` is in seconds.
pub(super) fn day(
    company: &Company,
    begin: u64,
    is_working_day: bool,
    random: &mut Random,
    writer: &mut Writer,
) {
    let begin = begin.saturating_mul(1_000);
    for host in company.hosts() {
        if random.once_in(20) {
            let Some((name, image)) = random.any_of(&INSTALLED).copied() else { continue };
            installed(
                host,
                (name, image),
                begin.saturating_add(random.below(20 * HOUR)),
                random,
                writer,
            );
        }
        if random.once_in(10) {
            upkeep(host, begin.saturating_add(random.below(20 * HOUR)), random, writer);
        }
    }
    if is_working_day {
        site_server(company, begin, random, writer);
        for administrator in &company.administrators {
            let time = begin.saturating_add(10 * HOUR).saturating_add(random.below(6 * HOUR));
            browsing(company, administrator, time, random, writer);
        }
    }
    nightly_copy(company, begin.saturating_add(2 * HOUR), random, writer);
}

/// A product is installed, and the service manager starts its service.
fn installed(
    host: &str,
    (name, command): (&str, &str),
    time: Time,
    random: &mut Random,
    writer: &mut Writer,
) {
    let user = format!("{}$", host.to_uppercase());
    let package = format!(r"C:\Windows\Installer\MSI{}.tmp", random.letters(4).to_uppercase());
    let run = |writer: &mut Writer, after: Time, image: &str, command: &str, parent: &str| {
        let started = Started { host, user: &user, image, command, parent };
        writer.process(time.saturating_add(after), &started);
    };
    run(
        writer,
        0,
        r"C:\Windows\System32\msiexec.exe",
        r"C:\Windows\system32\msiexec.exe /V",
        MANAGER,
    );
    run(writer, 700, &package, &format!("\"{package}\""), r"C:\Windows\System32\msiexec.exe");
    writer.service(time.saturating_add(900), host, None, (name, command));
    let image = command.trim_start_matches('"').split('"').next().unwrap_or(command);
    let image = image.split(" -k").next().unwrap_or(image);
    run(writer, 1_900, image, command, MANAGER);
}

/// What agents and tasks run as SYSTEM.
fn upkeep(host: &str, time: Time, random: &mut Random, writer: &mut Writer) {
    let user = format!("{}$", host.to_uppercase());
    let agent = r"C:\Program Files (x86)\Microsoft Intune Management Extension\AgentExecutor.exe";
    let (image, command, parent) = match random.below(6) {
        0 => (
            r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
            "\"powershell.exe\" -NoProfile -ExecutionPolicy Bypass -File \"C:\\Program Files (x86)\\Microsoft Intune Management Extension\\Content\\DetectionScripts\\detect.ps1\"",
            agent,
        ),
        1 => (
            r"C:\Windows\System32\cmd.exe",
            "C:\\Windows\\system32\\cmd.exe /c \"\"C:\\Program Files\\Ledger\\bin\\service.bat\" run\"",
            r"C:\Program Files\Ledger\bin\nssm.exe",
        ),
        2 => (
            r"C:\Windows\System32\schtasks.exe",
            r"schtasks.exe /Create /TN Ledger\Rotate /TR C:\ProgramData\Ledger\rotate.cmd /SC DAILY /F",
            r"C:\Windows\System32\msiexec.exe",
        ),
        3 => (
            r"C:\Windows\System32\sc.exe",
            r"sc.exe config Ledger start= delayed-auto",
            r"C:\Windows\System32\msiexec.exe",
        ),
        4 => (
            r"C:\Windows\System32\wevtutil.exe",
            "wevtutil.exe im \"C:\\Program Files\\Ledger\\events.man\"",
            r"C:\Windows\System32\msiexec.exe",
        ),
        _ => (
            r"C:\Windows\System32\net1.exe",
            r"C:\Windows\system32\net1 start Ledger",
            r"C:\Windows\System32\net.exe",
        ),
    };
    writer.process(time, &Started { host, user: &user, image, command, parent });
}

/// The site server looks after workstations with its own account.
fn site_server(company: &Company, begin: Time, random: &mut Random, writer: &mut Writer) {
    let account = format!("{}$", DEPLOYMENT.to_uppercase());
    for _ in 0..4 {
        let workstation = random.one_of(&company.workstations).to_owned();
        let time = begin.saturating_add(7 * HOUR).saturating_add(random.below(10 * HOUR));
        let session = writer.logon(time, &workstation, &account, DEPLOYMENT, random);
        writer.share(time.saturating_add(15), &session, "IPC$");
        writer.share(time.saturating_add(40), &session, "ADMIN$");
        let log = r"CCM\Logs\ClientLocation.log";
        writer.file(time.saturating_add(60), &session, ("ADMIN$", log), "0x120089");
    }
}

/// An administrator looks at a drive with the Explorer of the jump host, and at times puts a script there.
fn browsing(
    company: &Company,
    administrator: &str,
    time: Time,
    random: &mut Random,
    writer: &mut Writer,
) {
    let server = random.one_of(&company.file_servers).to_owned();
    let session = writer.logon(time, &server, administrator, super::JUMP, random);
    writer.share(time.saturating_add(20), &session, "IPC$");
    writer.file(time.saturating_add(25), &session, ("IPC$", "srvsvc"), "0x12019f");
    writer.share(time.saturating_add(60), &session, "D$");
    for path in ["desktop.ini", r"Shares\Projects\desktop.ini", r"Shares\Projects\plan.xlsx"] {
        writer.file(time.saturating_add(90), &session, ("D$", path), "0x120089");
    }
    if random.once_in(20) {
        let script = r"Scripts\clean-up.ps1";
        writer.file(time.saturating_add(9_000), &session, ("D$", script), "0x12019f");
    }
}

/// A job copies last day's export to another server, through a share made for it.
fn nightly_copy(company: &Company, time: Time, random: &mut Random, writer: &mut Writer) {
    let Some(target) = company.file_servers.first() else { return };
    let command = format!(r"robocopy.exe D:\Export \\{target}\Export$ /MIR /R:1");
    writer.process(
        time,
        &Started {
            host: super::WEB,
            user: "svc-export",
            image: r"C:\Windows\System32\Robocopy.exe",
            command: &command,
            parent: SCHEDULER,
        },
    );
    let session = writer.logon(time.saturating_add(300), target, "svc-export", super::WEB, random);
    writer.share(time.saturating_add(320), &session, "Export$");
    for number in 1..=3_u64 {
        let path = format!(r"2026\ledger-{number}.csv");
        writer.file(
            time.saturating_add(number.saturating_mul(400)),
            &session,
            ("Export$", &path),
            "0x2",
        );
    }
}
