//! `junit`: one test case per rule, which fails if the rule found something.
//!
//! Source: the XML that CI servers read; elements and attributes are those of Jenkins' schema.

use std::io;

use detection::alert::Alert;

use crate::{WriteError, alert::summary, findings::Findings, text::xml::Xml};

/// Alerts named in one failure; how many there are stands in its message.
const MAX_NAMED: usize = 100;

/// Writes the suite.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let tests = findings.rules.len().to_string();
    let is_failing = |id: &str| alerts_of(findings, id).next().is_some();
    let failures = findings.rules.iter().filter(|rule| is_failing(&rule.id)).count().to_string();
    let counts = [("tests", tests.as_str()), ("failures", &failures), ("errors", "0")];
    let mut xml = Xml::begin(out)?;
    let named = |name| [&[("name", name)][..], &counts[..]].concat();
    xml.open("testsuites", &named("quarry"))?;
    xml.open("testsuite", &named("quarry hunt"))?;
    for rule in &findings.rules {
        let case = [("name", rule.name.as_str()), ("classname", rule.id.as_str())];
        let count = alerts_of(findings, &rule.id).count();
        if count == 0 {
            xml.empty("testcase", &case)?;
            continue;
        }
        xml.open("testcase", &case)?;
        let message = if count == 1 { "1 alert".to_owned() } else { format!("{count} alerts") };
        let lines: Vec<String> = alerts_of(findings, &rule.id).take(MAX_NAMED).map(line).collect();
        let attributes = [("message", message.as_str()), ("type", rule.severity.name())];
        xml.text("failure", &attributes, &lines.join("\n"))?;
        xml.close("testcase")?;
    }
    xml.close("testsuite")?;
    xml.close("testsuites")?;
    Ok(xml.finish()?)
}

fn alerts_of<'a>(findings: &'a Findings, id: &'a str) -> impl Iterator<Item = &'a Alert> {
    findings.alerts.iter().filter(move |alert| alert.rule.id == id)
}

fn line(alert: &Alert) -> String {
    let parts = [
        alert.time.map(|time| kql_types::datetime::format(time).to_string()).unwrap_or_default(),
        summary::host(alert).into_owned(),
        summary::account(alert).into_owned(),
        summary::activity(alert).into_owned(),
        summary::evidence(alert),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}
