//! What a measure found: figures with their bars, and the differences that remain.

use std::fmt;

/// The outcome of one measure.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was measured.
    pub title: &'static str,
    /// How much agrees.
    pub figures: Vec<Figure>,
    /// What does not agree, in the order of the figures, then of the cases.
    pub differences: Vec<Difference>,
    /// Cases for which a reason is listed although they agree.
    pub stale: Vec<String>,
}

/// A share of cases, and what it has to be at least.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What is the same.
    pub what: &'static str,
    /// The cases that agree.
    pub agreeing: usize,
    /// All cases.
    pub of: usize,
    /// The bar, in thousandths.
    pub bar_per_mille: usize,
}

/// A case that does not agree.
#[derive(Clone, Debug)]
pub struct Difference {
    /// In what it differs.
    pub what: &'static str,
    /// The case.
    pub id: String,
    /// What was found, and what was expected if that is not plain.
    pub found: String,
    /// Why; `None` if nobody has looked.
    pub reason: Option<String>,
}

impl Figure {
    /// Tells whether the share reaches the bar.
    pub fn is_met(&self) -> bool {
        self.of > 0
            && self.agreeing.saturating_mul(1_000) >= self.of.saturating_mul(self.bar_per_mille)
    }
}

impl Report {
    /// Tells whether all figures reach their bars.
    pub fn is_met(&self) -> bool {
        self.figures.iter().all(Figure::is_met)
    }

    /// Yields the differences that nobody has explained.
    pub fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|it| it.reason.is_none())
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, agreeing, of, bar_per_mille } = self;
        let verdict = if self.is_met() { "met" } else { "NOT MET" };
        let share = percent(agreeing.saturating_mul(10_000).checked_div(*of).unwrap_or(0), 2);
        let bar = percent(*bar_per_mille, 1);
        write!(f, "{what}: {agreeing} of {of}, {share} %; at least {bar} %: {verdict}")
    }
}

/// Writes a share given in units of 10^-`digits` percent.
fn percent(share: usize, digits: usize) -> String {
    let digits = digits.max(1);
    let text = format!("{share:0width$}", width = digits.saturating_add(1));
    let (whole, rest) = text.split_at(text.len().saturating_sub(digits));
    format!("{whole}.{rest}")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for figure in &self.figures {
            writeln!(f, "  {figure}")?;
        }
        if !self.differences.is_empty() {
            writeln!(f, "\n  {} remaining differences:", self.differences.len())?;
        }
        for Difference { what, id, found, reason } in &self.differences {
            let reason = reason.as_deref().unwrap_or("NO REASON KNOWN");
            writeln!(f, "  {id} ({what}): {reason}")?;
            writeln!(f, "      {found}")?;
        }
        for id in &self.stale {
            writeln!(f, "  {id} is listed as different and is not")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(agreeing: usize, of: usize, bar_per_mille: usize) -> Figure {
        Figure { what: "verdict", agreeing, of, bar_per_mille }
    }

    #[test]
    fn a_figure_meets_its_bar_or_does_not() {
        let met = figure(995, 1_000, 995);
        assert!(met.is_met());
        assert_eq!(met.to_string(), "verdict: 995 of 1000, 99.50 %; at least 99.5 %: met");
        let missed = figure(994, 1_000, 995);
        assert!(!missed.is_met());
        assert_eq!(missed.to_string(), "verdict: 994 of 1000, 99.40 %; at least 99.5 %: NOT MET");
        assert!(!figure(0, 0, 990).is_met(), "nothing was measured");
    }
}
