//! `json`: one array of all alerts.

use std::io;

use crate::{WriteError, alert::object::write_alert, findings::Findings};

/// Writes an array, one alert a line.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let mut text = String::new();
    for (position, alert) in findings.alerts.iter().enumerate() {
        text.clear();
        text.push_str(if position == 0 { "[\n" } else { ",\n" });
        write_alert(alert, &mut text);
        out.write_all(text.as_bytes())?;
    }
    let end: &[u8] = if findings.alerts.is_empty() { b"[]\n" } else { b"\n]\n" };
    Ok(out.write_all(end)?)
}
