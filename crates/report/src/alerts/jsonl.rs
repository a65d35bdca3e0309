//! `jsonl`: one alert per line.

use std::io;

use crate::{WriteError, alert::object::write_alert, findings::Findings};

/// Writes one line per alert.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let mut line = String::new();
    for alert in &findings.alerts {
        line.clear();
        write_alert(alert, &mut line);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}
