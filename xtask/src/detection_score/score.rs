//! What the alerts of a file are worth against its labels, and the totals against the bars.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    alert::Alert,
    manifest::{Dataset, Grade, lines},
};

/// Companions of which so many have to be found.
const COMPANIONS_BAR: usize = 10;
/// Lookalike and benign files that may raise a medium or higher alert.
const LOUD_BAR: usize = 1;

/// The alerts of one file against its labels.
#[derive(Debug)]
pub(super) struct DatasetScore {
    name: String,
    grade: Grade,
    /// Alerts by severity, in the order of [`SEVERITIES`].
    by_severity: [usize; 4],
    behaviours: BTreeSet<String>,
    /// An alert cites a record that is labelled as evidence.
    cites_evidence: bool,
    /// A medium or higher alert does.
    cites_evidence_loudly: bool,
    precision: Precision,
    loud_precision: Precision,
}

const SEVERITIES: [&str; 4] = ["High", "Medium", "Low", "Informational"];

/// Of the labelled records that alerts cite, how many are evidence and how many are lookalikes.
#[derive(Clone, Copy, Debug, Default)]
struct Precision {
    evidence: usize,
    lookalikes: usize,
}

impl DatasetScore {
    /// The head of the table.
    pub(super) const HEADER: &'static str = "grade      high  med  low info  found  cited evidence/lookalikes (medium and higher)  data set: behaviours";

    /// Compares the alerts with the labels.
    pub(super) fn new(dataset: &Dataset, alerts: &[Alert]) -> Self {
        let count = |severity| alerts.iter().filter(|alert| alert.severity == severity).count();
        let evidence = lines(&dataset.evidence);
        let lookalikes = lines(&dataset.benign_lookalikes);
        let precision = |loud: bool| {
            let cited: BTreeSet<u64> = alerts
                .iter()
                .filter(|alert| !loud || alert.is_loud())
                .flat_map(|alert| alert.evidence.iter().map(|record| record.line))
                .collect();
            Precision {
                evidence: cited.intersection(&evidence).count(),
                lookalikes: cited.intersection(&lookalikes).count(),
            }
        };
        let (all, loud) = (precision(false), precision(true));
        Self {
            name: dataset.name.clone(),
            grade: dataset.grade,
            by_severity: SEVERITIES.map(count),
            behaviours: alerts.iter().flat_map(|alert| alert.rule.behaviours.clone()).collect(),
            cites_evidence: all.evidence > 0,
            cites_evidence_loudly: loud.evidence > 0,
            precision: all,
            loud_precision: loud,
        }
    }

    fn is_loud(&self) -> bool {
        self.by_severity.iter().take(2).any(|count| *count > 0)
    }

    fn verdict(&self) -> &'static str {
        match (self.grade.is_attack(), self.cites_evidence_loudly, self.cites_evidence) {
            (true, true, _) => "yes",
            (true, false, true) => "low",
            (true, ..) => "NO",
            (false, ..) if self.is_loud() => "LOUD",
            (false, ..) => "-",
        }
    }
}

impl fmt::Display for DatasetScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [high, medium, low, informational] = self.by_severity;
        let behaviours: Vec<&str> = self.behaviours.iter().map(String::as_str).collect();
        let (all, loud) = (self.precision, self.loud_precision);
        write!(
            f,
            "{grade:9} {high:5} {medium:4} {low:4} {informational:4}  {verdict:5} {all:>9} ({loud:>9})  {name}: {behaviours}",
            grade = self.grade.name(),
            verdict = self.verdict(),
            all = format!("{}/{}", all.evidence, all.lookalikes),
            loud = format!("{}/{}", loud.evidence, loud.lookalikes),
            name = self.name,
            behaviours = behaviours.join(" "),
        )
    }
}

/// Sums over all files.
#[derive(Debug, Default)]
pub(super) struct Totals {
    files: BTreeMap<&'static str, usize>,
    found: BTreeMap<&'static str, usize>,
    found_loudly: BTreeMap<&'static str, usize>,
    quiet_files: usize,
    loud_files: Vec<String>,
    precision: Precision,
    loud_precision: Precision,
}

impl Totals {
    /// Adds a file.
    pub(super) fn add(&mut self, dataset: &Dataset, score: &DatasetScore) {
        let grade = dataset.grade.name();
        let add = |counts: &mut BTreeMap<&'static str, usize>, one: bool| {
            let count = counts.entry(grade).or_default();
            *count = count.saturating_add(usize::from(one));
        };
        add(&mut self.files, true);
        if dataset.grade.is_attack() {
            add(&mut self.found, score.cites_evidence);
            add(&mut self.found_loudly, score.cites_evidence_loudly);
            self.precision.add(score.precision);
            self.loud_precision.add(score.loud_precision);
        } else {
            self.quiet_files = self.quiet_files.saturating_add(1);
            if score.is_loud() {
                self.loud_files.push(score.name.clone());
            }
        }
    }

    /// Tells whether every bar is met.
    pub(super) fn is_good(&self) -> bool {
        let (core, companion) = (Grade::Core.name(), Grade::Companion.name());
        self.found.get(core) == self.files.get(core)
            && self.found.get(companion).is_none_or(|found| *found >= self.companions_bar())
            && self.loud_files.len() <= LOUD_BAR
    }

    /// The bar, or all where a part of the manifest is looked at.
    fn companions_bar(&self) -> usize {
        self.files.get(Grade::Companion.name()).copied().unwrap_or_default().min(COMPANIONS_BAR)
    }

    /// Returns the summary.
    pub(super) fn lines(&self) -> Vec<String> {
        let of = |counts: &BTreeMap<&'static str, usize>, grade: Grade| {
            counts.get(grade.name()).copied().unwrap_or_default()
        };
        let mut lines: Vec<String> = [Grade::Core, Grade::Companion]
            .into_iter()
            .map(|grade| {
                let bar = match grade {
                    Grade::Core => of(&self.files, grade),
                    _ => self.companions_bar(),
                };
                format!(
                    "{}: evidence cited in {} of {} (bar: {bar}), by medium or higher alerts in {}",
                    grade.name(),
                    of(&self.found, grade),
                    of(&self.files, grade),
                    of(&self.found_loudly, grade),
                )
            })
            .collect();
        lines.push(format!(
            "lookalike and benign: medium or higher alerts in {} of {} (bar: {LOUD_BAR}) {}",
            self.loud_files.len(),
            self.quiet_files,
            self.loud_files.join(", "),
        ));
        lines.push(format!(
            "precision on labelled records of attack files: {}, of medium and higher alerts {}",
            self.precision, self.loud_precision
        ));
        lines
    }
}

impl Precision {
    fn add(&mut self, other: Self) {
        self.evidence = self.evidence.saturating_add(other.evidence);
        self.lookalikes = self.lookalikes.saturating_add(other.lookalikes);
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.evidence.saturating_add(self.lookalikes);
        let percent = self.evidence.saturating_mul(100).checked_div(all);
        let percent = percent.map_or_else(|| "nothing cited".to_owned(), |p| format!("{p} %"));
        write!(f, "{percent} ({} evidence, {} lookalikes)", self.evidence, self.lookalikes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(grade: &str) -> Dataset {
        let json = format!(
            r#"{{"dataset":"d","grade":"{grade}","file":"d.evtx","evidence":[{{"line":1}},{{"line":2}}],"benign_lookalikes":[{{"line":3}}]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn alert(severity: &str, line: u64) -> Alert {
        let json = format!(
            r#"{{"rule":{{"behaviours":["B01"]}},"severity":"{severity}","evidence":[{{"line":{line}}}]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn totals(grade: &str, alerts: &[Alert]) -> Totals {
        let dataset = dataset(grade);
        let mut totals = Totals::default();
        totals.add(&dataset, &DatasetScore::new(&dataset, alerts));
        totals
    }

    #[test]
    fn an_attack_is_found_if_an_alert_cites_evidence() {
        assert!(totals("core", &[alert("Low", 2)]).is_good());
        assert!(!totals("core", &[alert("High", 3)]).is_good());
        assert!(!totals("core", &[]).is_good());
    }

    #[test]
    fn quiet_files_may_raise_low_alerts() {
        let dataset = dataset("benign");
        let loud = |severity| DatasetScore::new(&dataset, &[alert(severity, 9)]).is_loud();
        assert!(loud("High") && loud("Medium"));
        assert!(!loud("Low") && !loud("Informational"));
    }

    #[test]
    fn precision_counts_each_labelled_record_once() {
        let score = DatasetScore::new(
            &dataset("core"),
            &[alert("Low", 1), alert("Medium", 1), alert("Low", 3)],
        );
        assert_eq!(score.precision.to_string(), "50 % (1 evidence, 1 lookalikes)");
        assert_eq!(score.loud_precision.to_string(), "100 % (1 evidence, 0 lookalikes)");
    }
}
