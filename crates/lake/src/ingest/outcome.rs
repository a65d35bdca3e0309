//! What became of one file.

use std::collections::BTreeMap;

use sources::{MemberSummary, Problem};

use crate::ledger::LedgerRow;

/// What became of one input.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The file and the members of it.
    pub(crate) rows: Vec<LedgerRow>,
    /// The path under which it was in already.
    pub(crate) known_as: Option<String>,
    pub(crate) problems: Vec<Problem>,
    /// The lines of records that could not be read, and which of the reasons each has.
    pub(crate) rejections: Vec<(u64, usize)>,
    pub(crate) reasons: Vec<String>,
    /// Rows by table.
    pub(crate) tables: BTreeMap<String, u64>,
    /// Whether nothing was lost.
    pub(crate) is_whole: bool,
}

impl Outcome {
    /// A file that is in already.
    pub(crate) fn known(path: String) -> Self {
        Self { known_as: Some(path), is_whole: true, ..Self::unreadable(Vec::new()) }
    }

    /// A file of which nothing could be read.
    pub(crate) fn unreadable(problems: Vec<Problem>) -> Self {
        let mut told = Rejections::default();
        for problem in &problems {
            told.note(problem);
        }
        let Rejections { lines: rejections, reasons } = told;
        let (rows, tables) = (Vec::new(), BTreeMap::new());
        Self { rows, known_as: None, problems, rejections, reasons, tables, is_whole: false }
    }
}

/// Lines of records that could not be read, and why.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    pub(crate) lines: Vec<(u64, usize)>,
    pub(crate) reasons: Vec<String>,
}

/// Different reasons that one offer is told.
const MOST_REASONS: usize = 50;

impl Rejections {
    /// Takes note of a problem.
    pub(crate) fn note(&mut self, problem: &Problem) {
        let mut reason = problem.reason.to_string();
        if self.reasons.len() >= MOST_REASONS && !self.reasons.contains(&reason) {
            "further reasons".clone_into(&mut reason);
        }
        let known = self.reasons.iter().position(|known| *known == reason);
        let at = known.unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len().saturating_sub(1)
        });
        if let Some(line) = problem.place.line {
            self.lines.push((line, at));
        }
    }
}

/// The members of a file, and what is known of them so far.
#[derive(Debug)]
pub(crate) struct Members {
    /// What holds for each of them.
    head: LedgerRow,
    /// In the order in which they were met.
    rows: Vec<LedgerRow>,
}

impl Members {
    /// Starts without any; `head` has what holds for all.
    pub(crate) fn new(head: LedgerRow) -> Self {
        Self { head, rows: Vec::new() }
    }

    /// Returns a member's row.
    ///
    /// - `source`: makes the member's number.
    pub(crate) fn of(
        &mut self,
        member: Option<&str>,
        source: impl FnOnce(Option<&str>) -> i64,
    ) -> &mut LedgerRow {
        let known = self.rows.iter().rposition(|row| row.member.as_deref() == member);
        let at = known.unwrap_or(self.rows.len());
        if known.is_none() {
            let place = i64::try_from(at).unwrap_or(i64::MAX).saturating_add(self.head.place);
            let (source, member) = (source(member), member.map(str::to_owned));
            self.rows.push(LedgerRow { source, member, place, ..self.head.clone() });
        }
        // There is one: it was found, or pushed.
        #[expect(clippy::indexing_slicing, reason = "`at` is the place of a row, found or pushed")]
        &mut self.rows[at]
    }

    /// Ends the file.
    pub(crate) fn finish(
        mut self,
        summaries: Vec<MemberSummary>,
        problems: Vec<Problem>,
        told: Rejections,
        tables: BTreeMap<String, u64>,
        source: impl Fn(Option<&str>) -> i64,
    ) -> Outcome {
        for summary in summaries {
            let member = summary.member.clone();
            self.of(member.as_deref(), &source).add(summary);
        }
        let is_whole =
            |row: &LedgerRow| row.reasons.is_empty() && row.losses.is_empty() && row.rejected == 0;
        let is_whole = self.rows.iter().all(is_whole);
        let Rejections { lines: rejections, reasons } = told;
        Outcome { rows: self.rows, known_as: None, problems, rejections, reasons, tables, is_whole }
    }
}
