//! The times of an input's records, told in a few numbers: which years they are of.

use windows_event_model::Ticks;

/// A year of 365.25 days.
const YEAR: Ticks = 8_766 * 36_000_000_000;

/// When the records of an input were written.
///
/// However many there are, there is one entry for each year that has some, so that a clock that was
/// wrong for some records can be told from the clock of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordTimes {
    /// In no order: nearly always there are one or two.
    spans: Vec<TimeSpan>,
}

/// Records of one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    /// How many there are.
    pub records: u64,
    /// The oldest time.
    pub oldest: Ticks,
    /// The newest time.
    pub newest: Ticks,
    /// The line of the first record with the newest time; absent where lines are not known.
    pub line: Option<u64>,
}

impl TimeSpan {
    /// Returns the span of one record.
    pub const fn of(time: Ticks, line: Option<u64>) -> Self {
        Self { records: 1, oldest: time, newest: time, line }
    }

    fn year(&self) -> i64 {
        self.newest.div_euclid(YEAR)
    }
}

impl RecordTimes {
    /// The longest time that may lie between two records of one span.
    pub const SPAN: Ticks = YEAR;

    /// Takes note of records that were written within a year; those noted before come before them.
    pub fn add(&mut self, span: TimeSpan) {
        let year = span.year();
        let Some(known) = self.spans.iter_mut().find(|known| known.year() == year) else {
            self.spans.push(span);
            return;
        };
        known.records = known.records.saturating_add(span.records);
        known.oldest = known.oldest.min(span.oldest);
        if span.newest > known.newest {
            (known.newest, known.line) = (span.newest, span.line);
        }
    }

    /// Takes note of a record.
    pub fn saw(&mut self, time: Ticks, line: u64) {
        self.add(TimeSpan::of(time, Some(line)));
    }

    /// Takes note of the records of a part of the input, of which the first has the line after
    /// `lines_before`.
    pub fn append(&mut self, part: &Self, lines_before: u64) {
        for span in &part.spans {
            let line = span.line.map(|line| line.saturating_add(lines_before));
            self.add(TimeSpan { line, ..*span });
        }
    }

    /// Yields the spans in order of time.
    pub fn spans(&self) -> impl Iterator<Item = TimeSpan> {
        let mut spans = self.spans.clone();
        spans.sort_unstable_by_key(|span| span.newest);
        spans.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_a_year_are_one_span_and_the_newest_has_its_line() {
        let mut part = RecordTimes::default();
        part.saw(YEAR * 7 + 5, 1);
        part.saw(YEAR * 7 + 9, 2);
        part.saw(YEAR * 7 + 9, 3);
        part.saw(-1, 4);
        let mut all = RecordTimes::default();
        all.saw(YEAR * 7 + 8, 1);
        all.append(&part, 10);
        let spans: Vec<TimeSpan> = all.spans().collect();
        assert_eq!(
            spans,
            [
                TimeSpan::of(-1, Some(14)),
                TimeSpan { records: 4, oldest: YEAR * 7 + 5, newest: YEAR * 7 + 9, line: Some(12) },
            ]
        );
    }
}
