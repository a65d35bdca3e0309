//! Names that an intruder chooses, and names that depend on the language and the domain.

use std::collections::BTreeSet;

use super::{
    super::record::{COMMANDS, Record, is_source, replace},
    Kind,
};

pub(super) const CLIENT: Kind = Kind {
    name: "renamed client",
    what: "tools on the source have another file name; their version information stays",
    apply: |records| rename_clients(records, false),
};

pub(super) const CLIENT_WITHOUT_VERSION: Kind = Kind {
    name: "renamed client without version information",
    what: "tools on the source have another file name, and nothing says what they were called",
    apply: |records| rename_clients(records, true),
};

pub(super) const SERVICE: Kind = Kind {
    name: "renamed service",
    what: "services, and pipes and files called after them, have a name like Windows' own",
    apply: |records| rename_services(records),
};

pub(super) const SERVICE_PROGRAM: Kind = Kind {
    name: "renamed program of a service",
    what: "the program of a service has another file name, wherever it is named",
    apply: |records| rename_service_programs(records),
};

pub(super) const PIPE: Kind = Kind {
    name: "renamed pipe",
    what: "pipes that are not Windows' own have a name like a browser's",
    apply: |records| rename_pipes(records),
};

pub(super) const FILES: Kind = Kind {
    name: "renamed files",
    what: "programs and scripts that are written to shares have another name and the same ending",
    apply: |records| rename_files(records),
};

pub(super) const SHARE_C_FOR_ADMIN: Kind = Kind {
    name: "C$ in the place of ADMIN$",
    what: "the Windows folder is reached through C$",
    apply: |records| {
        move_share(records, "ADMIN$", "C$", r"Windows\");
    },
};

pub(super) const SHARE_D: Kind = Kind {
    name: "D$ in the place of C$",
    what: "another drive's share is used",
    apply: |records| move_share(records, "C$", "D$", ""),
};

pub(super) const SHARE_CUSTOM: Kind = Kind {
    name: "a share of the site's own",
    what: "a hidden share that administrators have made is used in the place of ADMIN$ and C$",
    apply: |records| {
        move_share(records, "ADMIN$", "Deploy$", "");
        move_share(records, "C$", "Deploy$", "");
    },
};

pub(super) const FRENCH: Kind = Kind {
    name: "French Windows",
    what: "accounts and groups of Windows' own have French names",
    apply: |records| {
        translate(
            records,
            &[
                (r"NT AUTHORITY\SYSTEM", r"AUTORITE NT\Système"),
                ("NT AUTHORITY", "AUTORITE NT"),
                ("Administrators", "Administrateurs"),
                ("Administrator", "Administrateur"),
                ("user mode service", "service en mode utilisateur"),
                ("demand start", "Démarrage à la demande"),
                ("auto start", "Démarrage automatique"),
            ],
        );
    },
};

pub(super) const RUSSIAN: Kind = Kind {
    name: "Russian Windows",
    what: "accounts and groups of Windows' own have Russian names",
    apply: |records| {
        translate(
            records,
            &[
                (r"NT AUTHORITY\SYSTEM", r"NT AUTHORITY\СИСТЕМА"),
                ("Administrators", "Администраторы"),
                ("Administrator", "Администратор"),
                ("user mode service", "служба режима пользователя"),
                ("demand start", "Вручную"),
                ("auto start", "Автоматически"),
            ],
        );
    },
};

pub(super) const LOCAL_ACCOUNT: Kind = Kind {
    name: "local account",
    what: "the account is one of the target's own, by its name as domain",
    apply: |records| {
        for record in records {
            let host = record.host().split('.').next().unwrap_or_default().to_uppercase();
            let local = |text: &str| if text == "CORP" { host.clone() } else { text.to_owned() };
            record.change(&["SubjectDomainName", "TargetDomainName", "AccountDomain"], local);
            record.change(&["User"], |text| replace(text, r"CORP\", &format!(r"{host}\")));
        }
    },
};

pub(super) const OTHER_ACCOUNT: Kind = Kind {
    name: "an account without a telling name",
    what: "an administrator's account is called like any person's",
    apply: |records| {
        for record in records {
            record.change_all(&|text| {
                replace(&replace(text, "adm-okafor", "m.okafor"), "svc-", "t.")
            });
        }
    },
};

/// Programs of Windows that start others, and do not have another name for it.
const OF_WINDOWS: [&str; 6] =
    ["services.exe", "svchost.exe", "wmiprvse.exe", "lsass.exe", "system", "psexesvc.exe"];

/// Fields that hold the program of a process.
const PROGRAM: [&str; 4] = ["Image", "NewProcessName", "FileName", "FolderPath"];

/// Fields that hold the program that something else was done by.
const ACTOR: [&str; 6] = [
    "Image",
    "ParentImage",
    "ParentProcessName",
    "ProcessName",
    "InitiatingProcessFileName",
    "InitiatingProcessFolderPath",
];

fn rename_clients(records: &mut [Record], strips_version: bool) {
    const OTHER: &str = "updatehelper.exe";
    let clients: BTreeSet<String> = records.iter().filter_map(client).collect();
    for client in &clients {
        let stem = client.strip_suffix(".exe").unwrap_or(client);
        for record in records.iter_mut().filter(|record| is_source(record)) {
            let is_its_start = self::client(record).as_ref() == Some(client);
            record.change(&ACTOR, |text| replace(text, client, OTHER));
            if !is_its_start {
                continue;
            }
            record.change(&PROGRAM, |text| replace(text, client, OTHER));
            // The command line begins with the program, with or without its ending.
            record.change(&["CommandLine", "ProcessCommandLine"], |text| {
                let (program, rest) = split_program(text);
                let program = replace(&replace(program, client, OTHER), stem, "updatehelper");
                format!("{program}{rest}")
            });
            if strips_version {
                for field in ["OriginalFileName", "Description", "Product", "Company"] {
                    record.change(&[field], |_| "-".to_owned());
                }
                record.remove(&["ProcessVersionInfoOriginalFileName"]);
            } else if let Some(original) = original_name(client).filter(|_| record.is("Sysmon", 1))
                && let Some(fields) = record.fields()
            {
                // Sysmon has it of each program; cases may leave it out.
                fields.entry("OriginalFileName").or_insert_with(|| original.into());
            }
        }
    }
}

/// Returns the name that the version information of a client has, if it has any.
fn original_name(client: &str) -> Option<&str> {
    match client {
        "remcom.exe" => None,
        "psexec.exe" | "psexec64.exe" | "psexec64a.exe" => Some("psexec.c"),
        other => Some(other),
    }
}

/// Returns the file name, in lower case, of a program that an intruder starts on the source.
fn client(record: &Record) -> Option<String> {
    if !record.is_process() || !is_source(record) {
        return None;
    }
    let file = |fields: &[&str]| {
        let path: String =
            fields.iter().map(|field| record.text(field)).find(|it| !it.is_empty())?;
        Some(last_part(&path).to_lowercase())
    };
    let of_windows =
        |file: &Option<String>| file.as_deref().is_some_and(|file| OF_WINDOWS.contains(&file));
    let program = file(&["Image", "NewProcessName", "FileName"]);
    let parent = file(&["ParentImage", "ParentProcessName", "InitiatingProcessFileName"]);
    if of_windows(&program) || of_windows(&parent) { None } else { program }
}

/// Splits a command line behind its program.
fn split_program(text: &str) -> (&str, &str) {
    let at = match text.strip_prefix('"') {
        Some(rest) => rest.find('"').map(|at| at.saturating_add(2)),
        None => text.find(' '),
    };
    text.split_at_checked(at.unwrap_or(text.len())).unwrap_or((text, ""))
}

fn rename_services(records: &mut [Record]) {
    let names: BTreeSet<String> = records.iter().filter_map(installed).collect();
    for name in names.iter().filter(|name| name.len() > 2) {
        for record in records.iter_mut() {
            record.change_all(&|text| replace(text, name, "UpdateHelperSvc"));
        }
    }
}

/// Returns the service that a record says was installed, or given a program in the registry.
fn installed(record: &Record) -> Option<String> {
    if record.is("System", 7045) || record.is("Security", 4697) {
        return Some(record.text("ServiceName"));
    }
    let key = record.text("TargetObject") + &record.text("RegistryKey");
    let (_, behind) = key.split_once(r"\Services\")?;
    let is_program =
        key.ends_with(r"\ImagePath") || record.text("RegistryValueName") == "ImagePath";
    is_program.then(|| behind.split('\\').next().unwrap_or_default().to_owned())
}

fn rename_service_programs(records: &mut [Record]) {
    let mut programs = BTreeSet::new();
    for record in records.iter().filter(|record| installed(record).is_some()) {
        let path = record.text("ImagePath") + &record.text("ServiceFileName");
        let file = path.trim_matches('"').rsplit(['\\', '/']).next().unwrap_or_default();
        let file = file.split([' ', '"']).next().unwrap_or_default().to_owned();
        let is_windows_own =
            ["cmd.exe", "powershell.exe", "rundll32.exe"].contains(&file.to_lowercase().as_str());
        if file.to_lowercase().ends_with(".exe") && !is_windows_own {
            programs.insert(file);
        }
    }
    for program in programs {
        for record in records.iter_mut() {
            record.change_all(&|text| replace(text, &program, "updatehelper.exe"));
        }
    }
}

/// Pipes of Windows' own, which keep their names.
const OWN_PIPES: [&str; 12] = [
    "svcctl", "srvsvc", "atsvc", "winreg", "samr", "lsarpc", "lsass", "wkssvc", "spoolss",
    "epmapper", "netlogon", "netdfs",
];

fn rename_pipes(records: &mut [Record]) {
    for record in records {
        let other = |text: &str| {
            let bare = text.trim_start_matches('\\');
            let is_own = OWN_PIPES.iter().any(|own| bare.eq_ignore_ascii_case(own));
            if is_own || bare.is_empty() {
                return text.to_owned();
            }
            let slash = if text.starts_with('\\') { r"\" } else { "" };
            // PsExec is told a name and puts the client's host, process and direction behind it.
            match psexec_suffix(bare) {
                Some(suffix) => format!("{slash}UpdateHelperSvc{suffix}"),
                None => format!("{slash}chrome.4711.12.3456789"),
            }
        };
        record.change(&["PipeName"], other);
        if record.text("ShareName").to_uppercase().ends_with("IPC$") {
            record.change(&["RelativeTargetName"], other);
        }
    }
}

/// Returns `-WS-117-4711-stdin` of the pipe `PSEXESVC-WS-117-4711-stdin`.
fn psexec_suffix(pipe: &str) -> Option<&str> {
    let (before, direction) = pipe.rsplit_once('-')?;
    let (_, process) = before.rsplit_once('-')?;
    let is_its = ["stdin", "stdout", "stderr"].contains(&direction)
        && process.bytes().all(|byte| byte.is_ascii_digit());
    let at = pipe.find('-')?;
    if is_its { pipe.get(at..) } else { None }
}

fn rename_files(records: &mut [Record]) {
    let mut files = BTreeSet::new();
    for record in records.iter() {
        let share = record.text("ShareName").to_uppercase();
        if share.ends_with('$') && !share.ends_with("IPC$") && is_write(record) {
            files.insert(last_part(&record.text("RelativeTargetName")));
        }
        if record.is("Sysmon", 11) {
            files.insert(last_part(&record.text("TargetFilename")));
        }
        if record.text("RequestProtocol") == "SMB" {
            files.insert(record.text("FileName"));
        }
    }
    for file in files {
        let Some((stem, ending)) = file.rsplit_once('.') else { continue };
        if stem.len() < 3 || !ENDINGS.contains(&ending.to_lowercase().as_str()) {
            continue;
        }
        let other = format!("quarterly-report.{ending}");
        for record in records.iter_mut() {
            record.change_all(&|text| replace(text, &file, &other));
        }
    }
}

/// Tells whether a record's access mask has writing or appending, or it has no mask.
fn is_write(record: &Record) -> bool {
    const WRITE_OR_APPEND: u64 = 6;
    let mask = record.text("AccessMask");
    let mask = mask.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16));
    mask.is_none_or(|mask| mask.is_ok_and(|mask| mask & WRITE_OR_APPEND != 0))
}

/// Endings of what runs.
const ENDINGS: [&str; 7] = ["exe", "dll", "bat", "cmd", "ps1", "vbs", "js"];

fn last_part(path: &str) -> String {
    path.rsplit('\\').next().unwrap_or_default().to_owned()
}

/// Reaches what is on a share through another one, below a folder.
fn move_share(records: &mut [Record], from: &str, to: &str, folder: &str) {
    for record in records {
        let share = record.text("ShareName");
        let is_it = share.rsplit('\\').next().is_some_and(|name| name.eq_ignore_ascii_case(from));
        if is_it {
            let windows_folder = from == "ADMIN$";
            record.set("ShareName", replace(&share, from, to));
            if record.is("Security", 5140) || record.is("Security", 5145) {
                // Windows says which folder a share is of; cases may leave it out.
                let drive = if to.len() == 2 { to } else { "C$" };
                let path = format!(r"\??\{}:\", drive.trim_end_matches('$'));
                let path =
                    if windows_folder && folder.is_empty() { path + "Windows" } else { path };
                record.insert("ShareLocalPath", path);
            }
            if !folder.is_empty() {
                record.change(&["RelativeTargetName"], |text| {
                    format!("{folder}{}", text.trim_start_matches('\\'))
                });
            }
        }
        let (old, new) = (format!(r"\{from}"), format!(r"\{to}"));
        let new_folder = if folder.is_empty() {
            new.clone()
        } else {
            format!(r"{new}\{}", folder.trim_end_matches('\\'))
        };
        record.change(&COMMANDS, |text| replace(text, &old, &new_folder));
    }
}

fn translate(records: &mut [Record], words: &[(&str, &str)]) {
    for record in records {
        let is_security = record.log() == "Security";
        record.change_all(&|text| {
            words.iter().fold(text.to_owned(), |text, (from, to)| replace(&text, from, to))
        });
        // In the Security log, SYSTEM stands without its authority.
        if is_security {
            let system = words.first().and_then(|(_, to)| to.rsplit('\\').next());
            let own = |text: &str| match system {
                Some(system) if text == "SYSTEM" => system.to_owned(),
                _ => text.to_owned(),
            };
            record.change(&["SubjectUserName", "TargetUserName", "AccountName"], own);
        }
    }
}
