//! What came of a package's tests: for people, and as JUnit's XML for what runs them.

pub mod evasion;

use std::io;

use detection::testing::{MutationReport, TestReport};

use crate::{
    WriteError,
    grid::{Grid, GridCell, GridColumn, TableOptions},
    text::visible::Visible,
};

/// Writes what failed, which behaviours are covered by which events, and how many cases passed.
///
/// # Errors
///
/// If the writer fails.
pub fn write_summary(
    report: &TestReport,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    for case in report.cases.iter().filter(|case| !case.passed()) {
        writeln!(out, "FAILED {}: {}", shown(&case.suite), shown(&case.name))?;
        for failure in &case.failures {
            writeln!(out, "    {}", shown(failure))?;
        }
    }
    for problem in &report.problems {
        writeln!(out, "PROBLEM {}", shown(problem))?;
    }
    write_coverage(report, options, out)?;
    let passed = report.cases.iter().filter(|case| case.passed()).count();
    writeln!(out, "{passed} of {} cases passed", report.cases.len())?;
    Ok(())
}

fn write_coverage(
    report: &TestReport,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let columns = [("behaviour", false), ("seen in", true)].map(|(name, is_cuttable)| GridColumn {
        name: name.to_owned(),
        is_right_aligned: false,
        is_cuttable,
    });
    let mut grid = Grid::new(columns.into(), options, out);
    for (behaviour, events) in &report.coverage.events {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let cells = [GridCell::plain(behaviour.as_str()), GridCell::plain(events.join(", "))];
        grid.row(cells.into_iter())?;
    }
    grid.finish("behaviour")?;
    Ok(())
}

/// Returns text as a terminal may show it: names come from files.
fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    Visible::new(text, LONGEST).cut(LONGEST)
}

/// Writes the predicates that no test misses, how many there are, and reasons that none needs.
///
/// # Errors
///
/// If the writer fails.
pub fn write_mutation(
    mutation: &MutationReport,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let mutants = &mutation.mutants;
    let survivors = mutants.iter().filter(|mutant| !mutant.is_caught);
    for mutant in survivors.clone() {
        let reason = mutant.reason.as_deref().unwrap_or("no test misses it");
        let (rule, predicate) = (shown(&mutant.rule), shown(&mutant.predicate));
        writeln!(out, "{rule}: `{predicate}`: {}", shown(reason))?;
    }
    for stale in &mutation.stale {
        let stale = shown(stale);
        writeln!(out, "{stale}: has a reason to survive, but is gone or missed by a test")?;
    }
    let unexplained = survivors.filter(|mutant| mutant.reason.is_none()).count();
    let caught = mutants.iter().filter(|mutant| mutant.is_caught).count();
    writeln!(
        out,
        "{} predicates deleted one by one: tests miss {caught}, {unexplained} survive without a reason",
        mutants.len()
    )?;
    Ok(())
}

/// Writes JUnit's XML, a test suite for each of the package's.
///
/// # Errors
///
/// If the writer fails.
pub fn write_junit(
    package: &str,
    report: &TestReport,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let failed = |failures: usize| format!("failures=\"{failures}\"");
    let broken = report.cases.iter().filter(|case| !case.passed()).count();
    let problems = report.problems.len();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"{}\" tests=\"{}\" {}>",
        Xml(package),
        report.cases.len().saturating_add(problems),
        failed(broken.saturating_add(problems))
    )?;
    let mut suites: Vec<&str> = report.cases.iter().map(|case| case.suite.as_str()).collect();
    suites.dedup();
    for suite in suites {
        let cases = || report.cases.iter().filter(|case| case.suite == suite);
        let failures = failed(cases().filter(|case| !case.passed()).count());
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" {failures}>",
            Xml(suite),
            cases().count()
        )?;
        for case in cases() {
            write_case(out, suite, &case.name, &case.failures)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if problems > 0 {
        writeln!(out, "  <testsuite name=\"package\" tests=\"{problems}\" {}>", failed(problems))?;
        for problem in &report.problems {
            write_case(out, "package", problem, std::slice::from_ref(problem))?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")?;
    Ok(())
}

fn write_case(
    out: &mut dyn io::Write,
    suite: &str,
    name: &str,
    failures: &[String],
) -> Result<(), WriteError> {
    let (suite, name) = (Xml(suite), Xml(name));
    if failures.is_empty() {
        writeln!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"/>")?;
        return Ok(());
    }
    writeln!(out, "    <testcase classname=\"{suite}\" name=\"{name}\">")?;
    for failure in failures {
        writeln!(out, "      <failure message=\"{}\"/>", Xml(failure))?;
    }
    writeln!(out, "    </testcase>")?;
    Ok(())
}

/// Text in an XML attribute; what XML cannot hold at all is left out.
struct Xml<'a>(&'a str);

impl std::fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c))?,
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
                _ => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use detection::testing::CaseOutcome;

    use super::*;

    fn case(name: &str, failures: &[&str]) -> CaseOutcome {
        CaseOutcome {
            suite: "source".to_owned(),
            name: name.to_owned(),
            fired: BTreeMap::new(),
            failures: failures.iter().map(|failure| (*failure).to_owned()).collect(),
        }
    }

    #[test]
    fn junit_names_what_failed() {
        let report = TestReport {
            cases: vec![case("a < b", &[]), case("c", &["`x` did not \"fire\""])],
            ..TestReport::default()
        };
        let mut out = Vec::new();
        write_junit("p", &report, &mut out).unwrap();
        let xml = String::from_utf8(out).unwrap();
        assert!(xml.contains(r#"<testsuites name="p" tests="2" failures="1">"#), "{xml}");
        assert!(xml.contains(r#"name="a &lt; b"/>"#), "{xml}");
        assert!(xml.contains(r#"<failure message="`x` did not &quot;fire&quot;"/>"#), "{xml}");
    }
}
