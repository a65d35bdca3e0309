//! `MEASURED.md`: what was counted, as a page of the package.

use super::measure::{BARS, Measured, RECALL_BAR, ratio, wilson};

/// Returns the page.
pub(super) fn page(measured: &Measured, seeds: u64, days: u32) -> String {
    let [without, with] = measured.rates();
    let [bar_without, bar_with] = BARS;
    let [found, made] = measured.found();
    let [reference, _] = measured.reference;
    let (low, high) = wilson(found, made);
    let days_of_one = usize::try_from(days).unwrap_or(1);
    let corpora = usize::try_from(seeds).unwrap_or(1);
    let hosts = measured.host_days.checked_div(days_of_one.saturating_mul(corpora)).unwrap_or(0);
    let mut lines = vec![format!(
        "# Measured

How often the rules cry wolf on a routine that is nothing but one, and how many attacks they find in it. Written by
`cargo xtask base-rates --page`; the events are made by it, from the seeds 1 to {seeds}, and the same seeds make the
same events.

{} events of {days} days of {hosts} hosts: offices, domain controllers that start, replicate and hand out policies,
printing, a cluster, administrators' mornings, backup, monitoring, deployment, inventories and scans with credentials, and
on the middle day a red team's. Made events are kinder than a network: they have the routine that somebody thought of.

| | measured | bar |
|---|--:|--:|
| medium and higher alerts per host and day, without exceptions | {without:.4} | {} |
| with the package's exceptions for known tools | {with:.4} | {} |
| planted attacks found at medium or higher | {found} of {made} | {:.0} % |

Found is {:.1} %; the true share lies between {:.1} and {:.1} % (Wilson's interval at 95 %). An alert that cites a record of a
planted attack is not counted as false. Rule 0, which is kept as it was published, is not in the sums: it raised {} without
exceptions.

## By rule

| rule | without exceptions | with |
|---|--:|--:|",
        measured.events,
        bar_without,
        bar_with,
        RECALL_BAR * 100.0,
        ratio(found, made) * 100.0,
        low * 100.0,
        high * 100.0,
        reference,
    )];
    let mut rules: Vec<_> = measured.by_rule.iter().collect();
    rules.sort_by_key(|(_, [without, _])| std::cmp::Reverse(*without));
    for (rule, [without, with]) in rules {
        lines.push(format!("| {rule} | {without} | {with} |"));
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
