//! Ranges and edits in the protocol's words.

use kql_language::{Range, Utf16};
use lsp_types::{Position, TextEdit};

/// Returns a range of bytes as lines and columns.
pub(crate) fn range(lines: &Utf16<'_>, range: Range) -> lsp_types::Range {
    lsp_types::Range { start: position(lines, range.start), end: position(lines, range.end) }
}

fn position(lines: &Utf16<'_>, offset: u32) -> Position {
    let (line, character) = lines.position(offset);
    Position { line, character }
}

/// Returns the edit that makes one text of another: of the lines in which they differ.
pub(crate) fn difference(old: &str, new: &str) -> Option<TextEdit> {
    if old == new {
        return None;
    }
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let same =
        |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut old_lines.iter().zip(&new_lines));
    let (old_rest, new_rest) = (old_lines.get(head..)?, new_lines.get(head..)?);
    let tail = same(&mut old_rest.iter().rev().zip(new_rest.iter().rev()));
    let old_changed = old_rest.get(..old_rest.len().checked_sub(tail)?)?;
    let new_changed = new_rest.get(..new_rest.len().checked_sub(tail)?)?;
    let start: usize = old_lines.get(..head)?.iter().map(|line| line.len()).sum();
    let len: usize = old_changed.iter().map(|line| line.len()).sum();
    let end = start.checked_add(len)?;
    let bytes = Range { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? };
    Some(TextEdit { range: range(&Utf16::new(old), bytes), new_text: new_changed.concat() })
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn an_edit_covers_the_lines_that_differ() {
        let edit = difference("a\nb\nc\n", "a\nx\ny\nc\n").expect("they differ");
        assert_eq!((edit.range.start.line, edit.range.end.line), (1, 2));
        assert_eq!(edit.new_text, "x\ny\n");
        assert_eq!(difference("a\n", "a\n"), None);
        let edit = difference("a", "a\n").expect("they differ");
        assert_eq!(edit.new_text, "a\n");
    }
}
