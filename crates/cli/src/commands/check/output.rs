//! The forms in which it is written what is said of a file.

use std::io::{self, Write};

use kql_syntax::{LineIndex, Severity};
use serde::Serialize;

use super::{CheckFormat, sarif, verdict::Verdict};
use crate::ui::Ui;

/// Writes verdicts as they come; SARIF is one document and waits for the last.
pub(super) struct Output<'u> {
    ui: &'u Ui,
    format: CheckFormat,
    verdicts: Vec<Verdict>,
}

impl<'u> Output<'u> {
    pub(super) fn new(ui: &'u Ui, format: CheckFormat) -> Self {
        Self { ui, format, verdicts: Vec::new() }
    }

    pub(super) fn write(&mut self, verdict: Verdict) -> io::Result<()> {
        match self.format {
            CheckFormat::Text => {
                self.ui.diagnostics(&verdict.file, &verdict.text, &verdict.diagnostics);
                Ok(())
            }
            CheckFormat::Jsonl => {
                let mut stdout = self.ui.stdout();
                serde_json::to_writer(&mut stdout, &json(&verdict))?;
                stdout.write_all(b"\n")?;
                stdout.flush()
            }
            CheckFormat::Sarif => {
                self.verdicts.push(verdict);
                Ok(())
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        if self.format == CheckFormat::Sarif {
            let mut stdout = self.ui.stdout();
            serde_json::to_writer_pretty(&mut stdout, &sarif::log(&self.verdicts))?;
            stdout.write_all(b"\n")?;
            stdout.flush()?;
        }
        Ok(())
    }
}

/// A verdict as JSON; a contract with scripts.
#[derive(Serialize)]
struct JsonVerdict<'a> {
    file: &'a str,
    ok: bool,
    diagnostics: Vec<JsonDiagnostic<'a>>,
    columns: Option<&'a [(String, &'static str)]>,
}

/// A diagnostic; `start` and `end` are byte offsets into the file, `line` and `column` count from 1,
/// columns in code points.
#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: String,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    start: usize,
    end: usize,
    line: usize,
    column: usize,
}

fn json(verdict: &Verdict) -> JsonVerdict<'_> {
    let index = LineIndex::new(&verdict.text);
    let diagnostics = verdict.diagnostics.iter().map(|diagnostic| {
        let place = index.line_column(diagnostic.span.start);
        JsonDiagnostic {
            code: diagnostic.code.to_string(),
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            start: diagnostic.span.range().start,
            end: diagnostic.span.range().end,
            line: place.line,
            column: place.column,
        }
    });
    JsonVerdict {
        file: &verdict.file,
        ok: verdict.is_ok(),
        diagnostics: diagnostics.collect(),
        columns: verdict.columns.as_deref(),
    }
}
