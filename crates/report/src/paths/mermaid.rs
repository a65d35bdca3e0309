//! `mermaid`: the hops as a flow chart, for Markdown.
//!
//! Source: Mermaid, "Flowcharts": text stands in quotes, and characters that mean something there
//! are written as `#number;`.

use std::{fmt::Write, io};

use super::{Nodes, account, label, to_second};
use crate::{WriteError, findings::Findings, text::visible::Visible};

/// Longest text of a label.
const MAX_LABEL: usize = 120;

/// Writes the chart.
pub(crate) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let hops = &findings.movement.hops;
    let nodes = Nodes::new(hops);
    writeln!(out, "flowchart LR")?;
    for (number, place) in nodes.places.iter().enumerate() {
        writeln!(out, "  n{number}[\"{}\"]", escaped(&label(place)))?;
    }
    for hop in hops {
        let text = format!("{} {} as {}", to_second(hop.first), hop.how(), account(hop));
        let (source, target) = (nodes.number(&hop.source), nodes.number(&hop.target));
        let arrow = if hop.confidence < lateral::Confidence::Medium { "-.->" } else { "-->" };
        writeln!(out, "  n{source} {arrow}|\"{}\"| n{target}", escaped(&text))?;
    }
    Ok(())
}

/// Letters, digits and what is harmless stay; all else is a number.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in Visible::new(text, MAX_LABEL).text.chars() {
        if char.is_alphanumeric() || " .,:-_$?".contains(char) {
            escaped.push(char);
        } else {
            let written = write!(escaped, "#{};", u32::from(char));
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
    }
    escaped
}
