//! `json`: one array of all alerts.

use std::io;

use detection::alert::Alert;

use super::{AlertWriter, object::write_alert};
use crate::WriteError;

/// Writes an array, one alert a line.
pub(super) struct JsonAlertWriter<W> {
    out: W,
    text: String,
    is_empty: bool,
}

impl<W: io::Write> JsonAlertWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, text: String::new(), is_empty: true }
    }
}

impl<W: io::Write> AlertWriter for JsonAlertWriter<W> {
    fn alert(&mut self, alert: &Alert) -> Result<(), WriteError> {
        self.text.clear();
        self.text.push_str(if self.is_empty { "[\n" } else { ",\n" });
        self.is_empty = false;
        write_alert(alert, &mut self.text);
        Ok(self.out.write_all(self.text.as_bytes())?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.out.write_all(if self.is_empty { b"[]\n" } else { b"\n]\n" })?;
        Ok(self.out.flush()?)
    }
}
