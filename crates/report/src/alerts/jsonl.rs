//! `jsonl`: one alert per line.

use std::io;

use detection::alert::Alert;

use super::{AlertWriter, object::write_alert};
use crate::WriteError;

/// Writes one line per alert.
pub(super) struct JsonlAlertWriter<W> {
    out: W,
    line: String,
}

impl<W: io::Write> JsonlAlertWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, line: String::new() }
    }
}

impl<W: io::Write> AlertWriter for JsonlAlertWriter<W> {
    fn alert(&mut self, alert: &Alert) -> Result<(), WriteError> {
        self.line.clear();
        write_alert(alert, &mut self.line);
        self.line.push('\n');
        Ok(self.out.write_all(self.line.as_bytes())?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        Ok(self.out.flush()?)
    }
}
