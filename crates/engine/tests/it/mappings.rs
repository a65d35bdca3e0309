//! Every mapping from an event to a table, on a real event where the shared logs have one.
//!
//! Each test names what is mapped; `made` says that no shared log has such an event, so that the
//! event is made after its documentation.

mod other_channels;
mod security;
mod sysmon;

use testkit::Reference;

use crate::answer::{Row, answer};

/// Returns the first row of the table among those of a log that the filter lets pass.
#[track_caller]
fn first(reference: &Reference, table: &str, filter: &str, log: &str) -> Row {
    let rows = answer(reference, &format!("{table} | where {filter} | take 1"), log);
    rows.into_iter().next().unwrap_or_else(|| panic!("no row of {table} where {filter} in {log}"))
}

/// Fails unless the row's columns all have a value.
#[track_caller]
fn assert_filled(row: &Row, columns: &[&str]) {
    for column in columns {
        assert!(row.get(*column).is_some_and(|value| !value.is_empty()), "{column} of {row:#?}");
    }
}

const PSEXEC: &str = "ID11,13,17,18-PSexec as system execution.evtx";
const BITSADMIN: &str = "cmd_bitsadmin_download_psh_script.zip";
const SHARPSC: &str = "covenant_sharpsc_create_dcerpc_smb_svcctl.zip";
const COPY_SMB: &str = "covenant_copy_smb_CreateRequest.zip";
const SCHTASK: &str = "schtask_create.zip";

/// What every row of a Defender table has.
const COMMON: &[&str] =
    &["Timestamp", "TimeGenerated", "DeviceId", "DeviceName", "ActionType", "Type"];
