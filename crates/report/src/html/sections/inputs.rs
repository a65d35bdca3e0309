//! Where every record went.

use std::io;

use super::super::escape::Text;
use crate::{
    WriteError,
    findings::{Findings, InputFacts},
};

/// Files listed one by one; the sum counts all.
const MAX_FILES: usize = 500;
/// Problems told one by one.
const MAX_PROBLEMS: usize = 200;

/// Writes the balance and what could not be read.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(
        out,
        "<section id=\"inputs\" aria-labelledby=\"inputs-title\">\n<h2 id=\"inputs-title\">Input</h2>\n\
         <p>Every record read was looked at by a rule, not needed by any, or rejected as damaged.</p>\n\
         <div class=\"scroll\"><table><thead><tr><th scope=\"col\">File</th><th scope=\"col\">Format</th>\
         <th scope=\"col\" class=\"number\">Read</th><th scope=\"col\" class=\"number\">Looked at</th>\
         <th scope=\"col\" class=\"number\">Not needed</th><th scope=\"col\" class=\"number\">Rejected</th>\
         </tr></thead><tbody>"
    )?;
    let mut total = InputFacts { file: "All".to_owned(), ..InputFacts::default() };
    for input in &findings.inputs {
        total.read = total.read.saturating_add(input.read);
        total.matched = total.matched.saturating_add(input.matched);
        total.not_needed = total.not_needed.saturating_add(input.not_needed);
        total.rejected = total.rejected.saturating_add(input.rejected);
    }
    row(&total, out)?;
    for input in findings.inputs.iter().take(MAX_FILES) {
        row(input, out)?;
    }
    writeln!(out, "</tbody></table></div>")?;
    let left = findings.inputs.len().saturating_sub(MAX_FILES);
    if left > 0 {
        writeln!(out, "<p class=\"soft\">{left} more files are in the sum.</p>")?;
    }
    problems(findings, out)?;
    unfilled(findings, out)?;
    Ok(writeln!(out, "</section>")?)
}

fn row(input: &InputFacts, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let place = match &input.member {
        Some(member) => format!("{} / {member}", input.file),
        None => input.file.clone(),
    };
    writeln!(
        out,
        "<tr><td>{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
        Text(&place),
        Text(&input.format),
        input.read,
        input.matched,
        input.not_needed,
        input.rejected
    )?;
    Ok(())
}

/// Writes which rules read columns that nothing fills.
fn unfilled(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    if findings.unfilled.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Columns that nothing in the input fills</h3>\n<ul>")?;
    for column in &findings.unfilled {
        writeln!(out, "<li>{}</li>", Text(column))?;
    }
    Ok(writeln!(out, "</ul>")?)
}

fn problems(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let inputs = findings.inputs.iter();
    let losses: Vec<&String> = inputs.clone().flat_map(|input| &input.losses).collect();
    let left_out: Vec<&String> = inputs.filter_map(|input| input.left_out.as_ref()).collect();
    if findings.problems.is_empty() && losses.is_empty() {
        writeln!(out, "<p>Everything could be read.</p>")?;
    }
    list("What could not be read", &findings.problems.iter().collect::<Vec<_>>(), out)?;
    list("What records have lost", &losses, out)?;
    list("Columns left out", &left_out, out)
}

/// Writes a list under its title, unless there is nothing in it.
fn list(title: &str, lines: &[&String], out: &mut dyn io::Write) -> Result<(), WriteError> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>{title} ({})</h3>\n<ul>", lines.len())?;
    for line in lines.iter().take(MAX_PROBLEMS) {
        writeln!(out, "<li>{}</li>", Text(line))?;
    }
    writeln!(out, "</ul>")?;
    let left = lines.len().saturating_sub(MAX_PROBLEMS);
    if left > 0 {
        writeln!(out, "<p class=\"soft\">And {left} more, which <code>--stats</code> writes.</p>")?;
    }
    Ok(())
}
