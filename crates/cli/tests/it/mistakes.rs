//! Mistakes that people really make, as the terminal shows them: read the snapshot, not only its diff.

use insta::assert_snapshot;
use testkit::Folder;

use crate::quarry::quarry;

/// What is wrong, and the query.
const MISTAKES: &[(&str, &str)] = &[
    ("wrong case of a column", "DeviceProcessEvents\n| where filename =~ 'net.exe'"),
    ("wrong case of a table", "deviceProcessEvents\n| take 5"),
    ("wrong case of an operator", "DeviceProcessEvents\n| Where FileName =~ 'net.exe'"),
    ("wrong case of a function", "DeviceProcessEvents\n| extend Name = ToLower(FileName)"),
    ("a misspelt column", "DeviceProcessEvents\n| where ProcesCommandLine has 'use'"),
    ("a misspelt operator", "DeviceProcessEvents\n| sumarize count() by DeviceName"),
    ("a negation that is none", "DeviceProcessEvents\n| where FileName !has_any ('net', 'cmd')"),
    ("not as an operator", "DeviceProcessEvents\n| where not FileName has 'net'"),
    ("one equals sign", "DeviceProcessEvents\n| where FileName = 'net.exe'"),
    (
        "operators of other languages",
        "DeviceProcessEvents\n| where FileName == 'a' && ProcessId > 4",
    ),
    ("SQL", "SELECT FileName FROM DeviceProcessEvents WHERE ProcessId = 4"),
    (
        "a comparison of dynamics",
        "DeviceEvents\n| extend Fields = parse_json(AdditionalFields)\n| where Fields == dynamic(['a'])",
    ),
    (
        "grouping by a dynamic",
        "DeviceEvents\n| extend Fields = parse_json(AdditionalFields)\n| summarize count() by Fields",
    ),
    ("a property of a text", "DeviceProcessEvents\n| where ProcessCommandLine.Path has 'svcctl'"),
    ("a missing pipe", "DeviceProcessEvents\nwhere FileName =~ 'net.exe'"),
    ("a missing semicolon", "let since = ago(1d)\nDeviceProcessEvents\n| where Timestamp > since"),
    ("quotes of a web page", "DeviceProcessEvents\n| where FileName == “net.exe”"),
    (
        "a path in quotes",
        "DeviceProcessEvents\n| where FolderPath startswith \"C:\\Windows\\PSEXESVC.exe\"",
    ),
    (
        "a column that summarize left out",
        "DeviceProcessEvents\n| summarize count() by DeviceName\n| where FileName =~ 'net.exe'",
    ),
    ("a column that is not aggregated", "DeviceProcessEvents\n| summarize DeviceName, count()"),
    ("an aggregate in where", "DeviceProcessEvents\n| where count() > 5"),
    ("a list without parentheses", "DeviceProcessEvents\n| where FileName in 'net.exe', 'cmd.exe'"),
    (
        "an unclosed parenthesis",
        "DeviceProcessEvents\n| where (FileName =~ 'net.exe' or FileName =~ 'cmd.exe'\n| take 5",
    ),
    ("a number for a time", "DeviceProcessEvents\n| where Timestamp > ago(7)"),
    ("a text for a time", "DeviceProcessEvents\n| where Timestamp > '2024-01-01'"),
    ("a text operator on a number", "DeviceNetworkEvents\n| where RemotePort has '445'"),
    ("texts in order", "DeviceProcessEvents\n| where FileName < 'n'"),
    (
        "join keys of two types",
        "DeviceProcessEvents\n| join (DeviceLogonEvents | extend Key = tostring(LogonId)) on $left.LogonId == $right.Key",
    ),
    (
        "a join key of one side only",
        "DeviceProcessEvents\n| join DeviceNetworkEvents on ProcessCommandLine",
    ),
    ("a kind of join that is none", "DeviceProcessEvents\n| join kind=left DeviceInfo on DeviceId"),
    ("a chained comparison", "DeviceNetworkEvents\n| where 1024 < RemotePort < 49152"),
    ("a comma too many", "DeviceProcessEvents\n| project DeviceName, FileName,\n| take 5"),
    ("a comment of another language", "DeviceProcessEvents /* all of them */\n| take 5"),
    ("a name with a dash", "DeviceNetworkEvents\n| project source-ip = LocalIP"),
    ("an argument too few", "DeviceProcessEvents\n| extend Part = substring(FileName)"),
    (
        "a unit that is none",
        "DeviceProcessEvents\n| extend Days = datetime_diff('days', now(), Timestamp)",
    ),
    ("a function's name without a call", "DeviceProcessEvents\n| extend Name = tolower FileName"),
    (
        "a plugin's misspelt name",
        "DeviceEvents\n| evaluate bag_unpak(parse_json(AdditionalFields))",
    ),
];

#[test]
fn what_people_are_told() {
    let names: Vec<String> = MISTAKES.iter().map(|(name, _)| format!("{name}.kql")).collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(MISTAKES).map(|(name, (_, query))| (&**name, *query)).collect();
    let folder = Folder::with(&files);
    let outcome = quarry(["--quiet".as_ref(), "check".as_ref(), folder.path().as_os_str()]);
    assert_eq!(outcome.status, 1);
    for name in &names {
        assert!(outcome.stderr.contains(&format!("{name}:")), "nothing is said of `{name}`");
    }
    let folder = format!("{}/", folder.path().display());
    assert_snapshot!(outcome.stderr.replace(&folder, ""));
}
