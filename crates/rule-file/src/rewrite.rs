//! Another text for a rule's query, and every other byte of the file as it was.

use granit_parser::ScalarStyle;

use crate::{
    places::header_len,
    rule::{Query, RuleFile},
};

impl RuleFile {
    /// Returns the file with another text in place of its query.
    ///
    /// - `file`: the text that the rule was read from.
    /// - `text`: the new text; line breaks at its end become what the file's block makes of them.
    ///
    /// Only a literal block (`query: |`) is rewritten, since no other form keeps the lines of a query
    /// as they are. `None` for any other, and wherever the file would not read back to the new text.
    pub fn with_query(&self, file: &str, text: &str) -> Option<String> {
        let query = self.query()?;
        if query.style != ScalarStyle::Literal {
            return None;
        }
        let block = Block::find(query, file)?;
        let line_end = if block.lines(file).contains("\r\n") { "\r\n" } else { "\n" };
        let lines = text.trim_end_matches('\n').split('\n').map(|line| match line {
            "" => String::new(),
            line => format!("{}{line}", block.indent),
        });
        let lines: Vec<String> = lines.collect();
        let before = file.get(..block.start)?;
        let after = file.get(block.end..)?;
        let rewritten = format!("{before}{}{after}", lines.join(line_end));
        let again = RuleFile::read(&rewritten).ok()?;
        let is_same = again.query()?.text.trim_end_matches('\n') == text.trim_end_matches('\n');
        is_same.then_some(rewritten)
    }
}

/// The lines of a literal block, from the start of the first to the end of the last that is not
/// empty, without its line break.
struct Block<'f> {
    start: usize,
    end: usize,
    /// What stands before each line and is not part of it.
    indent: &'f str,
}

impl<'f> Block<'f> {
    fn find(query: &Query, file: &'f str) -> Option<Self> {
        let scalar = query.span.start as usize;
        let after_header = scalar.checked_add(header_len(file.get(scalar..)?))?;
        let start = file.get(..after_header)?.rfind('\n')?.checked_add(1)?;
        let first = file.get(start..)?.lines().find(|line| !line.trim().is_empty())?;
        let value_first = query.text.lines().find(|line| !line.trim().is_empty())?;
        let indent = first.get(..leading(first).checked_sub(leading(value_first))?)?;
        let mut end = start;
        let mut line_start = start;
        for line in file.get(start..)?.split_inclusive('\n') {
            let text = line.trim_end();
            if !text.is_empty() {
                if !line.starts_with(indent) || indent.is_empty() {
                    break;
                }
                end = line_start.checked_add(text.len())?;
            }
            line_start = line_start.checked_add(line.len())?;
        }
        (end > start).then_some(Self { start, end, indent })
    }

    fn lines(&self, file: &'f str) -> &'f str {
        file.get(self.start..self.end).unwrap_or_default()
    }
}

fn leading(line: &str) -> usize {
    line.len().saturating_sub(line.trim_start().len())
}
