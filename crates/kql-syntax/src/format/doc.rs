//! A document: text with places where lines may break, and the choice of those that do.
//!
//! The algebra is Wadler's (text, line, nest, group), written as a flat list with brackets instead
//! of a tree, so that neither depth nor length costs stack. A group is laid out on one line if it
//! fits up to the next possible break after it; else all of its own lines break.

/// The widest line that a group is laid out on, in characters.
const LINE_CHARS: usize = 100;

/// How far one level of nesting indents, in spaces.
const INDENT_CHARS: usize = 4;

/// Beyond this level lines are not indented further, so that the output of a hostile text stays
/// linear in its length.
const MAX_LEVELS: usize = 50;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'t> {
    /// Text as it is; a string may hold line breaks.
    Text(&'t str),
    /// A comment at the end of a line; it does not count towards the line's width.
    Trailing(&'t str),
    /// A line break, or this text if the group is laid out on one line.
    Line(&'static str),
    /// A line break that is always made, and with it those of all groups around it.
    HardLine,
    /// An empty line and a line break.
    BlankLine,
    /// Lines that follow are indented by this many levels more, or less.
    Nest(i32),
    /// A group starts.
    Open,
    /// The group that started last ends.
    Close,
}

/// Returns the text of a document.
///
/// Lines carry no white space at their end, except within strings.
pub(super) fn render(items: &[Item<'_>]) -> String {
    let extents = extents(items);
    let mut out = Output::default();
    // Whether each open group is broken; what is outside of all groups is.
    let mut broken = Vec::new();
    for (item, extent) in items.iter().zip(extents) {
        match item {
            Item::Text(text) => out.text(text),
            Item::Trailing(text) => {
                out.text(" ");
                out.text(text);
            }
            Item::Line(_) if broken.last().copied().unwrap_or(true) => out.line(1),
            Item::Line(flat) => out.text(flat),
            Item::HardLine => out.line(1),
            Item::BlankLine => out.line(2),
            Item::Nest(levels) => out.levels = out.levels.saturating_add(*levels),
            Item::Open => {
                let outer = broken.last().copied().unwrap_or(true);
                let fits = extent.is_some_and(|chars| out.fits(chars));
                broken.push(outer && !fits);
            }
            Item::Close => {
                broken.pop();
            }
        }
    }
    if !out.text.is_empty() {
        out.text.push('\n');
    }
    out.text
}

/// Returns for each item that opens a group how many characters it takes on one line, up to the
/// first possible break after it; `None` if it has to break, and for all other items.
fn extents(items: &[Item<'_>]) -> Vec<Option<usize>> {
    let mut extents = vec![None; items.len()];
    // From the end: what stands between here and the end of the document, on one line.
    let mut chars = 0_usize;
    // The same at the next possible break.
    let mut chars_at_break = 0_usize;
    // The groups that end after here: the value of `chars_at_break` there, and whether they break.
    let mut groups: Vec<(usize, bool)> = Vec::new();
    for (item, extent) in items.iter().zip(extents.iter_mut()).rev() {
        match item {
            Item::Text(text) => {
                let first_line = text.lines().next().unwrap_or("");
                chars = chars.saturating_add(first_line.chars().count());
            }
            Item::Line(flat) => {
                chars_at_break = chars;
                chars = chars.saturating_add(flat.len());
            }
            Item::HardLine | Item::BlankLine => {
                chars_at_break = chars;
                if let Some((_, breaks)) = groups.last_mut() {
                    *breaks = true;
                }
            }
            Item::Close => groups.push((chars_at_break, false)),
            Item::Open => {
                if let Some((after, breaks)) = groups.pop() {
                    *extent = (!breaks).then_some(chars.saturating_sub(after));
                    if let Some((_, outer_breaks)) = groups.last_mut() {
                        *outer_breaks |= breaks;
                    }
                }
            }
            Item::Trailing(_) | Item::Nest(_) => {}
        }
    }
    extents
}

/// The text written so far.
#[derive(Default)]
struct Output {
    text: String,
    /// How many characters the current line has, without an indent not yet written.
    column: usize,
    /// The levels of nesting.
    levels: i32,
    /// The indent of the current line, in characters, if it has nothing on it yet.
    line_indent: Option<usize>,
}

impl Output {
    fn text(&mut self, text: &str) {
        if let Some(indent) = self.line_indent.take() {
            self.column = indent;
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
        self.text.push_str(text);
        self.column = match text.rsplit_once('\n') {
            Some((_, last_line)) => last_line.chars().count(),
            None => self.column.saturating_add(text.chars().count()),
        };
    }

    fn line(&mut self, breaks: usize) {
        if !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', breaks));
        }
        let levels = usize::try_from(self.levels).unwrap_or(0).min(MAX_LEVELS);
        self.line_indent = Some(levels.saturating_mul(INDENT_CHARS));
    }

    fn fits(&self, chars: usize) -> bool {
        self.line_indent.unwrap_or(self.column).saturating_add(chars) <= LINE_CHARS
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, render};

    /// `[name(`, one line for each of `words`, `)]`
    fn call<'t>(name: &'t str, words: &[&'t str]) -> Vec<Item<'t>> {
        let mut items = vec![Item::Open, Item::Text(name), Item::Text("("), Item::Nest(1)];
        for (at, word) in words.iter().enumerate() {
            items.push(Item::Line(if at == 0 { "" } else { " " }));
            items.push(Item::Text(word));
        }
        items.extend([Item::Nest(-1), Item::Line(""), Item::Text(")"), Item::Close]);
        items
    }

    #[test]
    fn a_group_that_fits_takes_one_line() {
        assert_eq!(render(&call("f", &["a", "b"])), "f(a b)\n");
    }

    #[test]
    fn a_group_that_does_not_fit_breaks_all_of_its_lines() {
        let word = "x".repeat(60);
        assert_eq!(render(&call("f", &[&word, "b"])), format!("f({word} b)\n"));
        assert_eq!(render(&call("f", &[&word, &word])), format!("f(\n    {word}\n    {word}\n)\n"));
    }

    #[test]
    fn a_group_has_to_fit_with_what_follows_it() {
        let mut items = call("f", &["a"]);
        let tail = "x".repeat(97);
        items.push(Item::Text(&tail));
        assert_eq!(render(&items), format!("f(\n    a\n){tail}\n"));
    }

    #[test]
    fn a_hard_line_breaks_the_groups_around_it_and_no_others() {
        let mut items = vec![Item::Open, Item::Text("a"), Item::Line(" ")];
        items.extend(call("f", &["b"]));
        items.extend([Item::HardLine, Item::Text("c"), Item::Close]);
        assert_eq!(render(&items), "a\nf(b)\nc\n");
    }

    #[test]
    fn a_trailing_comment_takes_no_width() {
        let comment = format!("// {}", "x".repeat(100));
        let mut items = call("f", &["a", "b"]);
        items.extend([Item::Trailing(&comment), Item::BlankLine, Item::Text("c")]);
        assert_eq!(render(&items), format!("f(a b) {comment}\n\nc\n"));
    }

    #[test]
    fn indents_are_bounded() {
        let items = [Item::Nest(1_000), Item::HardLine, Item::Text("a")];
        assert_eq!(render(&items), format!("{}a\n", " ".repeat(200)));
    }

    #[test]
    fn an_empty_document_has_no_lines() {
        assert_eq!(render(&[]), "");
    }
}
