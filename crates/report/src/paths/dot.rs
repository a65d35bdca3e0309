//! `dot`: the hops for Graphviz.
//!
//! Source: Graphviz, "DOT language": in a quoted string only `"` and `\` have to be escaped.

use std::io;

use super::{Nodes, account, label, to_second};
use crate::{WriteError, findings::Findings, text::visible::Visible};

/// Longest text of a label.
const MAX_LABEL: usize = 200;

/// Writes the graph.
pub(crate) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let hops = &findings.movement.hops;
    let nodes = Nodes::new(hops);
    writeln!(out, "digraph hops {{\n  rankdir=LR;\n  node [shape=box];")?;
    for (number, place) in nodes.places.iter().enumerate() {
        writeln!(out, "  n{number} [label={}];", quoted(&label(place)))?;
    }
    for hop in hops {
        let text = format!("{} {}\n{}", to_second(hop.first), hop.how(), account(hop));
        let (source, target) = (nodes.number(&hop.source), nodes.number(&hop.target));
        let style =
            if hop.confidence < lateral::Confidence::Medium { ", style=dashed" } else { "" };
        writeln!(out, "  n{source} -> n{target} [label={}{style}];", quoted(&text))?;
    }
    Ok(writeln!(out, "}}")?)
}

fn quoted(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| Visible::new(line, MAX_LABEL).text.replace('\\', "\\\\").replace('"', "\\\""))
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}
