//! `Get-WinEvent | Export-Csv`: what an event has is read from its message, in any language of Windows.

use std::{collections::BTreeMap, fmt::Write as _};

use sources::Cause;

use crate::collect::{Collected, all_events, scan_bytes};

const AUDITING: &str = "Microsoft-Windows-Security-Auditing";

fn export(events: &[(&str, &str, &str)]) -> Collected {
    let row = |(provider, id, message): &(&str, &str, &str)| {
        let message = message.replace('"', "\"\"");
        format!(
            "\"{message}\",\"{id}\",\"Information\",\"{provider}\",\"Security\",\"h1\",\
             \"2026-02-09T10:15:02.0000000+01:00\",\
             \"System.Collections.Generic.List`1[System.Diagnostics.Eventing.Reader.EventProperty]\"\n"
        )
    };
    let rows: String = events.iter().map(row).collect();
    let header = "\"Message\",\"Id\",\"LevelDisplayName\",\"ProviderName\",\"LogName\",\"MachineName\",\
                  \"TimeCreated\",\"Properties\"\n";
    let collected = scan_bytes("x.csv", format!("{header}{rows}").as_bytes(), &all_events());
    collected.assert_balances();
    assert_eq!(collected.problem_texts(), [""; 0]);
    collected
}

/// Returns the data of each event.
fn data(collected: &Collected) -> Vec<BTreeMap<String, String>> {
    let data = |row: &BTreeMap<String, String>| serde_json::from_str(&row["EventData"]).unwrap();
    collected.rows().iter().map(data).collect()
}

fn causes(collected: &Collected) -> Vec<(Cause, u64)> {
    let losses = collected.summaries[0].losses.iter();
    losses.map(|(cause, loss)| (cause.clone(), loss.count)).collect()
}

/// A logon's message, its labels as one language has them.
fn logon(labels: &[&str], words: [&str; 3]) -> String {
    let values = [
        "",
        "",
        "S-1-5-18",
        "WEB7$",
        "CORP",
        "0x3E7",
        "",
        "10",
        "-",
        words[0],
        words[1],
        words[2],
        "",
        "S-1-5-21-7-8-9-1105",
        "mia",
        "CORP",
        "0x5AB31",
        "0x0",
        "-",
        "-",
        "{00000000-0000-0000-0000-000000000000}",
        "",
        "0x4d8",
        r"C:\Windows\System32\svchost.exe",
        "",
        "WEB7",
        "192.0.2.44",
        "0",
        "",
        "User32 ",
        "Negotiate",
        "-",
        "-",
        "0",
    ];
    let lines = labels.iter().zip(values).enumerate().map(|(at, (label, value))| match at {
        0 => format!("{label}\n"),
        1 | 6 | 12 | 21 | 24 | 28 => format!("\n{label}:\n"),
        11 => format!("\n{label}:\t\t{value}\n"),
        _ => format!("\t{label}:\t\t{value}\n"),
    });
    lines.collect::<String>().replace('\n', "\r\n")
}

#[test]
fn a_logon_is_read_in_any_language() {
    let english = [
        "An account was successfully logged on.",
        "Subject",
        "Security ID",
        "Account Name",
        "Account Domain",
        "Logon ID",
        "Logon Information",
        "Logon Type",
        "Restricted Admin Mode",
        "Virtual Account",
        "Elevated Token",
        "Impersonation Level",
        "New Logon",
        "Security ID",
        "Account Name",
        "Account Domain",
        "Logon ID",
        "Linked Logon ID",
        "Network Account Name",
        "Network Account Domain",
        "Logon GUID",
        "Process Information",
        "Process ID",
        "Process Name",
        "Network Information",
        "Workstation Name",
        "Source Network Address",
        "Source Port",
        "Detailed Authentication Information",
        "Logon Process",
        "Authentication Package",
        "Transited Services",
        "Package Name (NTLM only)",
        "Key Length",
    ];
    let german = english.map(|label| format!("Ä{label}ß"));
    let french = english.map(|label| format!("{label} "));
    let japanese = english.map(|_| "項目".to_owned());
    let messages = [
        logon(&english, ["No", "Yes", "Impersonation"]),
        logon(&german.each_ref().map(String::as_str), ["Nein", "Ja", "Identitätswechsel"]),
        logon(&french.each_ref().map(String::as_str), ["Non", "Oui", "Emprunt d’identité"]),
        logon(&japanese.each_ref().map(String::as_str), ["いいえ", "はい", "偽装"])
            .replace(":\t", "：\t")
            .replace(":\r", "：\r"),
    ];
    let explained = format!(
        "{}\r\nThis event is generated when a logon session is created.\r\n\r\nThe fields are:\r\n\t- \
         Logon GUID is an identifier: see there.\r\n",
        messages[0]
    );
    let messages = messages.iter().chain([&explained]);
    let events: Vec<_> = messages.map(|message| (AUDITING, "4624", message.as_str())).collect();
    let collected = export(&events);
    let data = data(&collected);
    for (at, event) in data.iter().enumerate() {
        assert_eq!(event, &data[0], "{at}");
    }
    insta::assert_debug_snapshot!(data[0]);
    assert_eq!(causes(&collected), []);
    assert_eq!(collected.rows()[0]["EventLevel"], "4");
}

#[test]
fn sections_lists_and_sentences_are_read() {
    let share = "A network share object was checked.\r\n\t\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-21-7-1105\r\n\
                 \tAccount Name:\t\tmia\r\n\tAccount Domain:\t\tCORP\r\n\tLogon ID:\t\t0x5AB31\r\n\r\nNetwork \
                 Information:\t\r\n\tObject Type:\t\tFile\r\n\tSource Address:\t\t192.0.2.44\r\n\tSource \
                 Port:\t\t50010\r\n\t\r\nShare Information:\r\n\tShare Name:\t\t\\\\*\\C$\r\n\tShare \
                 Path:\t\t\\??\\C:\\\r\n\tRelative Target Name:\tTemp\\a: b.txt\r\n\r\nAccess Request \
                 Information:\r\n\tAccess Mask:\t\t0x120089\r\n\tAccesses:\t\tREAD_CONTROL\r\n\t\t\t\tSYNCHRONIZE\
                 \r\n\t\t\t\t\r\nAccess Check Results:\r\n\tREAD_CONTROL:\tGranted by Ownership\r\n\t\t\t\t\
                 SYNCHRONIZE:\tGranted by\tD:(A;;FA;;;BA)\r\n\r\n";
    let process = "A new process has been created.\n\nCreator Subject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount \
                   Name:\t\tWEB7$\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x3E7\n\nTarget \
                   Subject:\n\tSecurity ID:\t\tS-1-0-0\n\tAccount Name:\t\t-\n\tAccount Domain:\t\t-\n\tLogon \
                   ID:\t\t0x0\n\nProcess Information:\n\tNew Process ID:\t\t0x1A2C\n\tNew Process \
                   Name:\tC:\\x.exe\n\tToken Elevation Type:\tTokenElevationTypeDefault (1)\n\tMandatory \
                   Label:\t\tS-1-16-16384\n\tCreator Process ID:\t0x2B8\n\tCreator Process \
                   Name:\tC:\\y.exe\n\tProcess Command Line:\tx.exe /a\n\nToken Elevation Type indicates the \
                   type of token.\n";
    let service = "A service was installed in the system.\r\n\r\nService Name:  Updater\r\nService File \
                   Name:  %SystemRoot%\\u.exe -k\r\nService Type:  user mode service\r\nService Start \
                   Type:  demand start\r\nService Account:  ";
    let task = "A scheduled task was created.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount \
                Name:\t\tWEB7$\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x3E7\n\nTask \
                Information:\n\tTask Name: \t\t\\T1\n\tTask Content: \t\t<?xml version=\"1.0\"?>\n<Task>\n  \
                <A>b</A>\n</Task>\n\t\n";
    let cleared = "The audit log was cleared.\nSubject:\n\tSecurity ID:\tS-1-5-21-7-500\n\tAccount \
                   Name:\tmia\n\tDomain Name:\tCORP\n\tLogon ID:\t0xC61D9\n";
    let collected = export(&[
        (AUDITING, "5145", share),
        (AUDITING, "4688", process),
        ("Service Control Manager", "7045", service),
        (AUDITING, "4698", task),
        ("Microsoft-Windows-Eventlog", "1102", cleared),
        ("Service Control Manager", "7036", "The A service service entered the stopped state."),
        (
            "Service Control Manager",
            "7036",
            "Dienst \"A\" befindet sich jetzt im Status \"Beendet\".",
        ),
    ]);
    assert_eq!(causes(&collected), []);
    insta::assert_debug_snapshot!(data(&collected));
}

#[test]
fn messages_that_cannot_be_read_are_counted() {
    let too_short = "An account was logged off.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount \
                     Name:\t\tx\n\nLogon Type:\t\t\t3\n";
    let too_long = "An account was logged off.\n\nSubject:\n\ta:\t\tS-1-5-18\n\tb:\t\tx\n\tc:\t\ty\n\td:\t\t0x1\n\n\
                    Logon Type:\t\t\t3\n\nMore:\n\tNews:\t\t7\n";
    let words = "The Windows Filtering Platform has permitted a connection.\n\nApplication:\n\ta:\t\t4\n\t\
                 b:\t\tSystem\n\nNetwork:\n\tDirection:\t\tSisääntuleva\n\tc:\t\t192.0.2.1\n\td:\t\t445\n\t\
                 e:\t\t192.0.2.2\n\tf:\t\t50000\n\tg:\t\t6\n\nFilter:\n\th:\t\t66\n\ti:\t\tConnect\n\tj:\t\t48\n";
    let collected = export(&[
        (AUDITING, "4634", too_short),
        (AUDITING, "4634", too_long),
        (AUDITING, "4999", "Something new.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-18\n"),
        ("Service Control Manager", "7036", "Palvelu A siirtyi tilaan pysäytetty."),
        (AUDITING, "5156", words),
        (AUDITING, "4634", ""),
    ]);
    assert_eq!(
        causes(&collected),
        [
            (Cause::UnknownMessage, 1),
            (Cause::UnreadMessage, 4),
            (Cause::Words { field: "Direction" }, 1)
        ]
    );
    let rows = collected.rows();
    assert_eq!((rows.len(), &*rows[0]["EventID"]), (6, "4634"));
    assert_eq!(data(&collected)[4]["Direction"], "Sisääntuleva");
    assert_eq!(data(&collected)[4]["LayerName"], "%%14611");
}

/// A value may have breaks in it, and what stands behind a break may look like a field: such a message
/// is not read by its places, and that is told.
#[test]
fn lines_within_a_value_do_not_move_the_others() {
    let service = |path: &str, account: &str| {
        format!(
            "A service was installed in the system.\r\n\r\nService Name:  k\r\nService File Name:  {path}\r\n\
             Service Type:  user mode service\r\nService Start Type:  demand start\r\nService Account:  {account}"
        )
    };
    let process = |command: &str| {
        format!(
            "A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tAccount \
             Name:\t\tW$\r\n\tAccount Domain:\t\tCORP\r\n\tLogon ID:\t\t0x3E7\r\n\r\nTarget Subject:\r\n\tSecurity \
             ID:\t\tS-1-0-0\r\n\tAccount Name:\t\t-\r\n\tAccount Domain:\t\t-\r\n\tLogon ID:\t\t0x0\r\n\r\nProcess \
             Information:\r\n\tNew Process ID:\t\t0x1A2C\r\n\tNew Process Name:\tC:\\x.exe\r\n\tToken Elevation \
             Type:\tTokenElevationTypeDefault (1)\r\n\tMandatory Label:\t\tS-1-16-16384\r\n\tCreator Process \
             ID:\t0x2B8\r\n\tCreator Process Name:\tC:\\y.exe\r\n\tProcess Command Line:\t{command}\r\n\r\nToken.\r\n\
             \r\nType 1.\r\n\r\nType 2.\r\n\r\nType 3.\r\n"
        )
    };
    let read = export(&[
        ("Service Control Manager", "7045", &service("a: b", "LocalSystem")),
        ("Service Control Manager", "7045", &service("a: b", "")),
        (AUDITING, "4688", &process("x.exe /a: b\nc")),
    ]);
    assert_eq!(causes(&read), []);
    assert_eq!(data(&read)[1]["ImagePath"], "a: b");
    assert_eq!(data(&read)[2]["CommandLine"], "x.exe /a: b\nc");
    for (provider, id, message) in [
        ("Service Control Manager", "7045", service("x\r\nService Type:  y", "LocalSystem")),
        ("Service Control Manager", "7045", service("x\r\nService Type:  y", "")),
        ("Service Control Manager", "7045", service("x\r\ny:", "")),
        (AUDITING, "4688", process("x\r\n\tMandatory Label:\t\ty")),
        (AUDITING, "4688", process("x\r\n\r\ny:\t\tz")),
        (AUDITING, "4688", process("x\r\n\r\ny:\r\n\tz:\t\tw")),
        (AUDITING, "4688", process("x\r\n\r\nrun this as well")),
    ] {
        let collected = export(&[(provider, id, &message)]);
        assert_eq!(causes(&collected), [(Cause::UnreadMessage, 1)], "{message}");
        assert!(data(&collected)[0].is_empty(), "{message}");
    }
    let sysmon = "Process Create:\r\nRuleName: -\r\nCommandLine: a\r\nb: c\r\nImage: C:\\x.exe";
    let collected = export(&[("Microsoft-Windows-Sysmon", "1", sysmon)]);
    assert_eq!(causes(&collected), [(Cause::LineOfValue, 1)]);
    assert_eq!(data(&collected)[0]["CommandLine"], "a\nb: c");
}

/// Writes a message: a title, then sections of labelled values, with labels that no language has.
fn message(sections: &[&[&str]]) -> String {
    let mut text = "Titel.\r\n".to_owned();
    for (at, values) in sections.iter().enumerate() {
        write!(text, "\r\nAbschnitt {at}:\r\n").unwrap();
        for (place, value) in values.iter().enumerate() {
            write!(text, "\tFeld {place}:\t\t{value}\r\n").unwrap();
        }
    }
    text
}

const SUBJECT: &[&str] = &["S-1-5-18", "WEB7$", "CORP", "0x3E7"];

#[test]
fn events_of_accounts_registry_and_network_are_read_by_place() {
    let registry = message(&[
        SUBJECT,
        &[r"\REGISTRY\MACHINE\SYSTEM\Kettle", "Start", "0x1F4", "Existing registry value modified"],
        &["0x4D8", r"C:\reg.exe"],
        &["REG_DWORD", "3", "REG_DWORD", "4"],
    ]);
    let failure = message(&[
        &["S-1-5-21-7-8-9-1105", "mia"],
        &["krbtgt/CORP"],
        &["::ffff:192.0.2.44", "50111"],
        &["0x40810010", "0x18", "2"],
        &["", "", ""],
    ]);
    let share = message(&[
        SUBJECT,
        &[
            "Directory",
            r"\\*\Tea",
            r"C:\Tea",
            "",
            "green",
            "0xFFFFFFFF",
            "0x5",
            "0x0",
            "0x0",
            "O:BA",
            "O:SY",
        ],
    ]);
    let bind = message(&[
        &["700", r"\device\harddiskvolume2\kettle.exe"],
        &["0.0.0.0", "445", "6"],
        &["0", "Resource Assignment", "36"],
    ]);
    let task = message(&[SUBJECT, &[r"\Tea", "<Task/>"], &["77", "4812", "960", "0"]]);
    let events = [
        (AUDITING, "4657", &*registry),
        (AUDITING, "4771", &failure),
        (AUDITING, "5143", &share),
        (AUDITING, "5158", &bind),
        (AUDITING, "4698", &task),
    ];
    let collected = export(&events);
    assert_eq!(causes(&collected), []);
    let found = data(&collected);
    for (row, name, expected) in [
        (0, "ObjectValueName", "Start"),
        (0, "OperationType", "%%1905"),
        (0, "NewValueType", "%%1876"),
        (0, "NewValue", "4"),
        (0, "ProcessId", "0x4d8"),
        (1, "TargetSid", "S-1-5-21-7-8-9-1105"),
        (1, "TargetUserName", "mia"),
        (1, "IpAddress", "::ffff:192.0.2.44"),
        (1, "Status", "0x18"),
        (1, "PreAuthType", "2"),
        (2, "ShareName", r"\\*\Tea"),
        (2, "NewRemark", "green"),
        (2, "OldMaxUsers", "0xffffffff"),
        (2, "NewSD", "O:SY"),
        (3, "SourcePort", "445"),
        (3, "LayerName", "%%14608"),
        (4, "TaskContent", "<Task/>"),
        (4, "ClientProcessId", "4812"),
    ] {
        assert_eq!(found[row].get(name).map(String::as_str), Some(expected), "{row} {name}");
    }
    assert_eq!(found[4].len(), 9);
}

#[test]
fn what_a_message_has_in_words_is_counted_by_field() {
    let groups = format!(
        "{}\r\nMitglied:\t\t\t\r\n\t\tBUILTIN\\Users\r\n\t\tEveryone\r\n\r\nErklärung.\r\n",
        message(&[SUBJECT]).replace("Titel.", "Gruppen.")
            + "\r\nTyp:\t\t\t3\r\n"
            + &message(&[&["S-1-5-21-7-8-9-1105", "mia", "CORP", "0x5AB31"]])
                .replace("Titel.\r\n", "")
            + "\r\nFolge:\t\t1 von 2\r\n"
    );
    let account = format!(
        "{}\tRechte\t\t-\r\n",
        message(&[
            SUBJECT,
            &["S-1-5-21-7-8-9-1107", "otto", "CORP"],
            &[
                "otto",
                "Otto",
                "-",
                "-",
                "-",
                "-",
                "-",
                "-",
                "<never>",
                "<never>",
                "513",
                "-",
                "0x0",
                "0x15",
                "\r\n\t\tAccount Disabled",
                "-",
                "-",
                "All",
            ],
            &[],
        ])
    );
    let collected = export(&[(AUDITING, "4627", &groups), (AUDITING, "4720", &account)]);
    let found = data(&collected);
    for (row, name, expected) in [
        (0, "LogonType", "3"),
        (0, "TargetUserName", "mia"),
        (0, "EventIdx", "1"),
        (0, "EventCountTotal", "2"),
        (1, "SamAccountName", "otto"),
        (1, "PasswordLastSet", "%%1794"),
        (1, "NewUacValue", "0x15"),
        (1, "LogonHours", "%%1797"),
        (1, "PrivilegeList", "-"),
    ] {
        assert_eq!(found[row].get(name).map(String::as_str), Some(expected), "{row} {name}");
    }
    assert!(found[0]["GroupMembership"].contains("Everyone"), "{found:?}");
    let words = |field| (Cause::Words { field }, 1);
    assert_eq!(causes(&collected), [words("GroupMembership"), words("UserAccountControl")]);
}

#[test]
fn exports_of_get_eventlog_are_refused_by_name() {
    let csv = "\"EventID\",\"MachineName\",\"Data\",\"Index\",\"Category\",\"CategoryNumber\",\"EntryType\",\
               \"Message\",\"Source\",\"ReplacementStrings\",\"InstanceId\",\"TimeGenerated\",\"TimeWritten\",\
               \"UserName\",\"Site\",\"Container\"\r\n\"7036\",\"h1\",\"System.Byte[]\",\"9\",\"(0)\",\"0\",\
               \"Information\",\"The tea is ready.\",\"Kettle\",\"System.String[]\",\"1073748860\",\
               \"2/9/2026 10:15:02 AM\",\"2/9/2026 10:15:02 AM\",,,\r\n";
    let json = r#"[{"EventID":7036,"MachineName":"h1","Data":[],"Index":9,"Category":"(0)","CategoryNumber":0,"EntryType":4,"Message":"m","Source":"Kettle","ReplacementStrings":["a"],"InstanceId":1073748860,"TimeGenerated":"\/Date(1770632102000)\/","TimeWritten":"\/Date(1770632102000)\/","UserName":null}]"#;
    for (name, text) in [("x.csv", csv), ("x.json", json)] {
        let collected = scan_bytes(name, text.as_bytes(), &all_events());
        let told = collected.problem_texts();
        assert!(told.len() == 1 && told[0].contains("an export of Get-EventLog"), "{told:?}");
        assert_eq!(collected.rows().len(), 0);
    }
}
