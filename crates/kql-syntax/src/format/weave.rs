//! Tokens, comments and marks to a document.

use super::{
    doc::Item,
    gap::Gap,
    layout::Mark,
    source::{Source, SourceGap},
};
use crate::lexer::TokenKind;

/// Returns the document of a text.
///
/// - `marks`: one for each token, and one for the end of the text.
pub(super) fn weave<'t>(source: &Source<'t>, marks: &[Mark]) -> Vec<Item<'t>> {
    let mut items = Vec::with_capacity(source.len().saturating_mul(3));
    for (at, mark) in marks.iter().enumerate() {
        if mark.levels != 0 {
            items.push(Item::Nest(mark.levels));
        }
        items.extend((0..mark.closed).map(|_| Item::Close));
        let gap = mark.gap.unwrap_or(Gap::Space);
        match source.gap(at) {
            Some(written) if !written.comments.is_empty() => {
                comments(source, at, gap, written, &mut items);
            }
            Some(written) => items.extend(without_comments(gap, written)),
            None => {}
        }
        items.extend((0..mark.opened).map(|_| Item::Open));
        if at < source.len() {
            items.push(Item::Text(source.text(at)));
        }
    }
    items
}

/// Returns what a gap without comments becomes.
fn without_comments(gap: Gap, written: &SourceGap<'_>) -> Option<Item<'static>> {
    Some(match gap {
        Gap::None => return None,
        Gap::Keep if written.is_empty => return None,
        Gap::Keep | Gap::Space => Item::Text(" "),
        Gap::Soft => Item::Line(""),
        Gap::Line => Item::Line(" "),
        Gap::Statement if written.has_blank_line => Item::BlankLine,
        Gap::Hard | Gap::Statement => Item::HardLine,
    })
}

/// Writes the comments of a gap, each up to the end of its line, and the line break after them.
fn comments<'t>(
    source: &Source<'t>,
    at: usize,
    gap: Gap,
    written: &SourceGap<'t>,
    items: &mut Vec<Item<'t>>,
) {
    let next = source.kind(at);
    let is_end = at == source.len();
    let keeps_blank_lines = at == 0 || is_end || gap == Gap::Statement;
    let line = |has_blank_line| {
        if has_blank_line && keeps_blank_lines { Item::BlankLine } else { Item::HardLine }
    };
    let closes =
        matches!(next, TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace);
    // A line that starts where none would have is indented, to show that it goes on.
    let goes_on = matches!(gap, Gap::None | Gap::Space | Gap::Keep) && at > 0 && !is_end;
    if closes || goes_on {
        items.push(Item::Nest(1));
    }
    for (index, comment) in written.comments.iter().enumerate() {
        if index == 0 && !comment.owns_line {
            items.push(Item::Trailing(comment.text));
            continue;
        }
        if at > 0 || index > 0 {
            items.push(line(comment.has_blank_line));
        }
        items.push(Item::Text(comment.text));
    }
    if closes {
        items.push(Item::Nest(-1));
    }
    if !is_end {
        items.push(line(written.has_blank_line));
    }
    if goes_on && !closes {
        items.push(Item::Nest(-1));
    }
}
