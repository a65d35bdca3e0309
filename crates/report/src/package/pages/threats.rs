//! The page of who used the technique.

use std::fmt::Write as _;

use detection::Package;

use super::{cell, file_of};

/// Returns the page.
pub(super) fn page(package: &Package) -> String {
    let mut text = format!(
        "# Who used it\n\n{}: groups, campaigns, malware and tools, when they were seen, and the rules that see the like.\n\n\
         | who | seen | what they did | rules | source |\n|---|---|---|---|---|\n",
        package.name
    );
    for threat in &package.threats {
        let sees =
            |behaviours: &[String]| behaviours.iter().any(|id| threat.behaviours.contains(id));
        let rules: Vec<String> = package
            .rules
            .iter()
            .filter(|rule| sees(&rule.behaviours) && !rule.is_baseline)
            .map(|rule| format!("[`{0}`](rules/{0}.md)", file_of(rule)))
            .collect();
        let _infallible = writeln!(
            text,
            "| {} ({}) | {} | {} | {} | [{}]({}) |",
            cell(&threat.name),
            threat.id,
            cell(&threat.seen),
            cell(&threat.used),
            rules.join(", "),
            host(&threat.source),
            threat.source
        );
    }
    text
}

/// Returns the site that a link goes to.
fn host(url: &str) -> &str {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
