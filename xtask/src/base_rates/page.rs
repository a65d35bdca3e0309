//! `MEASURED.md`: what was counted, as a page of the package.

use super::measure::{BARS, Measured, RECALL_BAR, TUNINGS, ratio, wilson};

/// Returns the page.
pub(super) fn page(measured: &Measured, seeds: u64, days: u32) -> String {
    let [found, made] = measured.found();
    let [reference, ..] = measured.reference;
    let (low, high) = wilson(found, made);
    let days_of_one = usize::try_from(days).unwrap_or(1);
    let corpora = usize::try_from(seeds).unwrap_or(1);
    let hosts = measured.host_days.checked_div(days_of_one.saturating_mul(corpora)).unwrap_or(0);
    let mut lines = vec![format!(
        "# Measured

How often the rules cry wolf on a routine that is nothing but one, and how many attacks they find in it. Written by
`cargo xtask base-rates --page FILE`; the events are made by it, from the seeds 1 to {seeds}, and the same seeds make the
same events.

{} events of {days} days of {hosts} hosts: offices, domain controllers that start, replicate and hand out policies,
printing, a cluster, administrators' mornings, backup, monitoring, deployment, inventories and scans with credentials, and
on the middle day a red team's. Made events are kinder than a network: they have the routine that somebody thought of.

| medium and higher alerts per host and day | measured | bar |
|---|--:|--:|",
        measured.events,
    )];
    let rates = measured.rates().into_iter().zip(BARS).zip(TUNINGS);
    lines.extend(rates.map(|((rate, bar), tuning)| format!("| {tuning} | {rate:.4} | {bar} |")));
    lines.push(format!(
        "
The company's own exceptions are six lines: its administrators and its help desk work from the jump host, its scanner and
its deployment have an account and an address each. With all exceptions, {found} of {made} planted attacks are found at
medium or higher: {:.1} %, and the true share lies between {:.1} and {:.1} % (Wilson's interval at 95 %; bar {:.0} %). An alert
that cites a record of a planted attack is not counted as false. Rule 0, which is kept as it was published, is not in the
sums: it raised {reference} without exceptions.

## By rule

| rule | without exceptions | with the package's | and the company's |
|---|--:|--:|--:|",
        ratio(found, made) * 100.0,
        low * 100.0,
        high * 100.0,
        RECALL_BAR * 100.0,
    ));
    for (rule, [without, package, own]) in measured.rules() {
        lines.push(format!("| {rule} | {without} | {package} | {own} |"));
    }
    lines.push("\n## What exceptions take away\n\n| exception | alerts |\n|---|--:|".to_owned());
    for (name, count) in &measured.by_exception {
        lines.push(format!("| `{name}` | {count} |"));
    }
    lines.push("\n## By attack\n\n| attack | found | made |\n|---|--:|--:|".to_owned());
    for (name, [found, made]) in &measured.attacks {
        lines.push(format!("| {name} | {found} | {made} |"));
    }
    lines.push(String::new());
    lines.join("\n")
}
