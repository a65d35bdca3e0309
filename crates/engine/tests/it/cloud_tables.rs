//! Exports of tables that no event fills: known by a name or by their columns, typed by their schema.

use engine::{Environment, check};
use testkit::Folder;

use crate::answer::{Row, answer_with_balance};

/// Returns the rows of a query over one file, and what could not be read of it.
#[track_caller]
fn ask(query: &str, file: &str, text: &str) -> (Vec<Row>, Vec<String>) {
    let folder = Folder::with(&[(file, text.to_owned())]);
    answer_with_balance(query, &[folder.path().to_owned()])
}

/// Returns one row, as its cells in order of the columns' names.
#[track_caller]
fn row(query: &str, file: &str, text: &str) -> Vec<String> {
    let (rows, problems) = ask(query, file, text);
    assert_eq!(problems, [""; 0]);
    let [row] = &rows[..] else { panic!("{rows:?}") };
    row.values().cloned().collect()
}

const SIGN_IN: &str = r#"{"TimeGenerated":"2025-03-01T10:00:00Z","UserPrincipalName":"a@b.c","ResultType":"50126","ConditionalAccessPolicies":[{"ok":false}],"IsRisky":true,"Type":"SigninLogs"}"#;

#[test]
fn a_row_says_its_table_and_the_schema_its_types() {
    let query = "SigninLogs
        | project A = TimeGenerated + 1h, B = ConditionalAccessPolicies[0].ok, C = gettype(IsRisky)";
    let expected = ["2025-03-01T11:00:00.0000000Z", "false", "bool"];
    assert_eq!(row(query, "x.jsonl", SIGN_IN), expected);
    for column in ["$table", "TableName"] {
        assert_eq!(
            row(query, "x.jsonl", &SIGN_IN.replace("Type\":\"S", &format!("{column}\":\"S"))),
            expected
        );
    }
}

#[test]
fn columns_tell_the_table_where_no_name_does() {
    let audit = "TimeGenerated [UTC],Category,InitiatedBy,LoggedByService,TargetResources\r\n\
                 2025-03-01 10:00:00,Roles,\"{\"\"user\"\":{\"\"id\"\":7}}\",Core,\"[]\"\r\n";
    let query = "AuditLogs | project A = TimeGenerated, B = InitiatedBy.user.id";
    assert_eq!(row(query, "query_data.csv", audit), ["2025-03-01T10:00:00.0000000Z", "7"]);
    let app = r#"{"Timestamp":"2025-03-01T10:00:00Z","ActionType":"FileDownloaded","Application":"SharePoint","IsAdminOperation":false,"OAuthAppId":"x","ActivityObjects":"[{\"Type\":\"File\"}]"}"#;
    let query = "CloudAppEvents | project A = ActivityObjects[0].Type, B = TimeGenerated";
    assert_eq!(row(query, "export.jsonl", app), ["File", "2025-03-01T10:00:00.0000000Z"]);
}

#[test]
fn what_fits_several_tables_or_too_loosely_is_not_guessed() {
    let problem = |file: &str, text: &str| {
        let (rows, problems) = ask("SigninLogs | count", file, text);
        assert_eq!(rows[0]["Count"], "0");
        problems.join("\n")
    };
    let twins = "TimeGenerated,OperationName,ActivityName,ActivityRunId,ActivityType\n\
                 2025-03-01T10:00:00Z,a,b,c,d\n";
    let said = problem("x.csv", twins);
    assert!(said.contains("`ADFActivityRun`, `ADFSandboxActivityRun`"), "{said}");
    let few = r#"{"TimeGenerated":"2025-03-01T10:00:00Z","FlaggedForReview":true}"#;
    let said = problem("x.jsonl", few);
    assert!(said.contains("the few columns fit"), "{said}");
    let query = "ADFSandboxActivityRun | project ActivityType";
    assert_eq!(row(query, "ADFSandboxActivityRun.csv", twins), ["d"]);
}

#[test]
fn tables_of_states_need_no_time() {
    let text = r#"[{"DeviceId":"1","DeviceName":"a","SoftwareVendor":"v","SoftwareName":"n","SoftwareVersion":"1.0","EndOfSupportDate":null},
        {"DeviceId":"2","DeviceName":"b","SoftwareVendor":"v","SoftwareName":"n","SoftwareVersion":"2.0","EndOfSupportDate":"2025-01-01T00:00:00Z"}]"#;
    let query =
        "DeviceTvmSoftwareInventory | where isnotnull(EndOfSupportDate) | project DeviceName";
    assert_eq!(row(query, "software.json", text), ["b"]);
    // Events are not read without their time.
    let event = r#"{"DeviceId":"1","DeviceName":"a","ActionType":"x","FolderPath":"c","PreviousFileName":"y"}"#;
    let (rows, problems) = ask("DeviceFileEvents | count", "x.jsonl", event);
    assert_eq!((&*rows[0]["Count"], problems.len()), ("0", 1), "{problems:?}");
}

#[test]
fn several_tables_are_read_from_one_file_and_joined() {
    let risk = r#"{"TimeGenerated":"2025-03-01T10:01:00Z","UserPrincipalName":"a@b.c","RiskLevel":"high","Type":"AADUserRiskEvents"}"#;
    let query = "SigninLogs | join kind=inner AADUserRiskEvents on UserPrincipalName
        | project RiskLevel1, Type, Type1";
    let text = format!("{SIGN_IN}\n{risk}\n");
    assert_eq!(row(query, "x.jsonl", &text), ["high", "SigninLogs", "AADUserRiskEvents"]);
}

#[test]
fn what_microsoft_has_renamed_is_a_help_line() {
    let help = |query: &str, of| {
        let found = check(query, &Environment::builtin(of)).diagnostics;
        found.into_iter().map(|it| it.help.unwrap_or_default()).collect::<Vec<_>>()
    };
    let both = tables::Environment::Both;
    assert_eq!(
        help("ProcessCreationEvents | take 1", both),
        ["Microsoft has replaced it by `DeviceProcessEvents`"]
    );
    assert_eq!(
        help("AlertEvents | take 1", both),
        ["Microsoft has replaced it by `AlertInfo` and `AlertEvidence`"]
    );
    assert_eq!(
        help("DeviceInfo | where MachineId == ''", both),
        ["Microsoft has replaced it by `DeviceId`"]
    );
    // The table that took its place is there in Defender alone.
    assert_eq!(
        help("AADSignInEventsBeta | take 1", tables::Environment::Defender),
        ["Microsoft has replaced it by `EntraIdSignInEvents`"]
    );
    assert_eq!(help("AADSignInEventsBeta | take 1", tables::Environment::Sentinel), [""; 0]);
    assert_eq!(help("SigninLog | take 1", both), ["did you mean `SigninLogs`?"]);
}
