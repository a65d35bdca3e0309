//! Counting: alerts per host and day, what exceptions take away, and how many attacks are found nevertheless.

use std::collections::{BTreeMap, BTreeSet};

use super::{alert::Alert, corpus::Corpus};

/// The most medium and higher alerts per host and day, under each of [`TUNINGS`]. What the package can know of products
/// has no bar of its own: whose PsExec it was, only the company knows.
pub(super) const BARS: [f64; 3] = [0.02, 0.02, 0.002];
/// What sets alerts aside: nothing, the package's list of known products, and the list of the invented company's own
/// scanner, jump host and deployment besides.
pub(super) const TUNINGS: [&str; 3] =
    ["without exceptions", "with the package's for known products", "and with the company's own"];
/// The least part of the planted attacks that has to be found.
pub(super) const RECALL_BAR: f64 = 0.99;

/// What was counted over all corpora.
#[derive(Default)]
pub(super) struct Measured {
    /// How many events there are.
    pub(super) events: usize,
    /// Hosts times days.
    pub(super) host_days: usize,
    /// False alerts by rule, under each of [`TUNINGS`].
    pub(super) by_rule: BTreeMap<String, [usize; 3]>,
    /// False alerts of the published reference, which is kept as it is and counts by itself.
    pub(super) reference: [usize; 3],
    /// False alerts that an exception takes away.
    pub(super) by_exception: BTreeMap<String, usize>,
    /// Planted attacks by name: found at medium or higher with all exceptions, made.
    pub(super) attacks: BTreeMap<&'static str, [usize; 2]>,
}

impl Measured {
    /// Counts the alerts of a corpus: those of a hunt without exceptions, and those of a hunt with the package's and
    /// of one with all, in which what was set aside says by what.
    pub(super) fn add(&mut self, corpus: &Corpus, untuned: &[Alert], tuned: [&[Alert]; 2]) {
        self.events = self.events.saturating_add(corpus.events());
        let host_days = corpus.hosts.saturating_mul(usize::try_from(corpus.days).unwrap_or(0));
        self.host_days = self.host_days.saturating_add(host_days);
        let planted: BTreeSet<&(String, u64)> =
            corpus.planted.iter().flat_map(|attack| &attack.records).collect();
        let is_false = |alert: &&Alert| !alert.records().any(|record| planted.contains(&record));
        let [of_package, of_all] = tuned.map(set_aside);
        for alert in untuned.iter().filter(|alert| alert.is_loud()).filter(is_false) {
            let counts = if alert.is_of_reference() {
                &mut self.reference
            } else {
                self.by_rule.entry(alert.rule().to_owned()).or_default()
            };
            let is_left =
                [true, !of_package.contains_key(alert.id()), !of_all.contains_key(alert.id())];
            for (count, is_left) in counts.iter_mut().zip(is_left) {
                *count = count.saturating_add(usize::from(is_left));
            }
            if let Some(entry) = of_all.get(alert.id()) {
                let count = self.by_exception.entry((*entry).to_owned()).or_default();
                *count = count.saturating_add(1);
            }
        }
        for attack in &corpus.planted {
            let is_found = untuned
                .iter()
                .filter(|it| it.is_loud() && !it.is_of_reference() && !of_all.contains_key(it.id()))
                .any(|alert| alert.records().any(|record| attack.records.contains(&record)));
            let [found, made] = self.attacks.entry(attack.name).or_default();
            *found = found.saturating_add(usize::from(is_found));
            *made = made.saturating_add(1);
        }
    }

    /// Returns false alerts per host and day, under each of [`TUNINGS`].
    pub(super) fn rates(&self) -> [f64; 3] {
        [0, 1, 2].map(|column| {
            let alerts = self.by_rule.values().filter_map(|counts| counts.get(column)).sum();
            ratio(alerts, self.host_days)
        })
    }

    /// Returns how many attacks were found, and how many there are.
    pub(super) fn found(&self) -> [usize; 2] {
        self.attacks.values().fold([0, 0], |[found, made], [of, all]| {
            [found.saturating_add(*of), made.saturating_add(*all)]
        })
    }

    /// Tells whether every bar is met.
    pub(super) fn is_good(&self) -> bool {
        let [found, made] = self.found();
        self.rates().iter().zip(BARS).all(|(rate, bar)| *rate <= bar)
            && ratio(found, made) >= RECALL_BAR
    }

    /// Yields the rules with false alerts, most of them first.
    pub(super) fn rules(&self) -> Vec<(&str, [usize; 3])> {
        let mut rules: Vec<_> =
            self.by_rule.iter().map(|(rule, it)| (rule.as_str(), *it)).collect();
        rules.sort_by_key(|(_, [without, ..])| std::cmp::Reverse(*without));
        rules
    }

    /// Returns the report.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{} events of {} host days", self.events, self.host_days),
            "medium and higher per host and day:".to_owned(),
        ];
        let rates = self.rates().into_iter().zip(BARS).zip(TUNINGS);
        lines
            .extend(rates.map(|((rate, bar), tuning)| format!("  {rate:.4} {tuning} (bar {bar})")));
        lines.push(format!("\n{:>7} {:>7} {:>7}  rule", "without", "package", "own"));
        let row = |[without, package, own]: [usize; 3], rule: &str| {
            format!("{without:>7} {package:>7} {own:>7}  {rule}")
        };
        lines.extend(self.rules().into_iter().map(|(rule, counts)| row(counts, rule)));
        lines.push(row(self.reference, "(rule 0, not in the sums)"));
        lines.push(String::new());
        lines.push("taken away by exceptions:".to_owned());
        lines.extend(self.by_exception.iter().map(|(name, count)| format!("{count:>7}  {name}")));
        lines.push(String::new());
        lines.extend(
            self.attacks
                .iter()
                .map(|(name, [found, made])| format!("{found:>3} of {made:>3}  {name}")),
        );
        let [found, made] = self.found();
        let (low, high) = wilson(found, made);
        lines.push(format!(
            "found at medium or higher: {found} of {made}, {:.1} % (Wilson's interval at 95 %: {:.1} to {:.1}; bar {:.0})",
            ratio(found, made) * 100.0, low * 100.0, high * 100.0, RECALL_BAR * 100.0
        ));
        lines
    }
}

/// Returns the exception by alert, of those alerts that one set aside.
fn set_aside(alerts: &[Alert]) -> BTreeMap<&str, &str> {
    alerts.iter().filter_map(|alert| Some((alert.id(), alert.set_aside_by()?))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Returns the interval that holds the true share with 95 %.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub(super) fn wilson(part: usize, whole: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if whole == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (whole as f64, ratio(part, whole));
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        let (low, high) = wilson(95, 100);
        assert!((low - 0.888_2).abs() < 5e-4 && (high - 0.978_5).abs() < 5e-4, "{low} {high}");
        let (low, high) = wilson(10, 10);
        assert!((low - 0.722_5).abs() < 5e-4 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    }
}
