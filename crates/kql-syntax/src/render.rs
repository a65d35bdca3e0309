//! Diagnostics for a terminal: the lines of the query with carets under them.

use std::{borrow::Cow, ops::Range};

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle,
};

use crate::{Diagnostic, LineIndex, Severity, Span};

/// Returns diagnostics as text, each with its lines of the query, in the order given.
///
/// - `source_name`: a file's name or whatever else tells which query it is.
/// - `text`: the text that the diagnostics were given for.
/// - `colour`: whether to mark up for a terminal; the glyphs are ASCII either way.
///
/// Ends with a line break unless there are no diagnostics. Control characters of the query are
/// replaced, so that it cannot drive the terminal. Cost: linear in the text, and for each diagnostic
/// in the lines it spans.
pub fn render(source_name: &str, text: &str, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let index = LineIndex::new(text);
    let mut rendered = String::new();
    for diagnostic in diagnostics {
        let group = group(source_name, text, &index, diagnostic);
        rendered.push_str(&renderer.render(&[group]));
        rendered.push_str("\n\n");
    }
    if rendered.ends_with("\n\n") {
        rendered.pop();
    }
    rendered
}

fn group<'a>(
    source_name: &'a str,
    text: &'a str,
    index: &LineIndex<'_>,
    diagnostic: &'a Diagnostic,
) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let excerpt = Excerpt::around(text, diagnostic);
    let primary = AnnotationKind::Primary.span(excerpt.place(diagnostic.span));
    let labels = diagnostic.labels.iter().map(|label| -> Annotation<'a> {
        AnnotationKind::Context.span(excerpt.place(label.span)).label(printable(&label.message))
    });
    let snippet = Snippet::source(excerpt.text)
        .path(printable(source_name))
        .line_start(index.line_column(excerpt.start).line)
        .annotation(primary)
        .annotations(labels);
    let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code.to_string());
    let group = title.element(snippet);
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(printable(help))),
        None => group,
    }
}

/// The lines of a text that a diagnostic is about.
struct Excerpt<'t> {
    text: &'t str,
    /// The byte offset of the first line.
    start: u32,
}

impl<'t> Excerpt<'t> {
    fn around(text: &'t str, diagnostic: &Diagnostic) -> Self {
        let whole = diagnostic.labels.iter().fold(diagnostic.span, |span, l| span.to(l.span));
        let first = text.floor_char_boundary(whole.range().start.min(text.len()));
        let last = text.ceil_char_boundary(whole.range().end.clamp(first, text.len()));
        let before = text.get(..first).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let after = text.get(last..).unwrap_or("");
        let end = last.saturating_add(after.find('\n').unwrap_or(after.len()));
        Self {
            text: text.get(start..end).unwrap_or(""),
            start: u32::try_from(start).unwrap_or(u32::MAX),
        }
    }

    /// Returns where a span of the whole text is within the excerpt.
    fn place(&self, span: Span) -> Range<usize> {
        let within = |offset: u32| {
            let offset = (offset.saturating_sub(self.start) as usize).min(self.text.len());
            self.text.floor_char_boundary(offset)
        };
        let start = within(span.start);
        start..within(span.end).max(start)
    }
}

/// Replaces what could drive a terminal.
fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(text.replace(char::is_control, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
