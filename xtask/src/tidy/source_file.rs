//! One Rust source file as the checks see it: text, syntax tree, flat tokens, comments.
//!
//! Tokens are flat so that a check can look for a short sequence of them even inside a macro's
//! arguments, which the syntax tree does not open.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// A Rust file that parses.
pub(crate) struct SourceFile {
    /// Relative to the workspace root.
    pub(crate) path: PathBuf,
    /// The whole text.
    pub(crate) text: String,
    /// Its syntax tree.
    pub(crate) syntax: syn::File,
    /// Its tokens in file order, delimiters included as tokens of their own.
    pub(crate) tokens: Vec<Token>,
    /// Its comments in file order, doc comments included.
    pub(crate) comments: Vec<Comment>,
}

/// One token: an identifier, a punctuation character, a literal or a delimiter.
pub(crate) struct Token {
    /// The token as written.
    pub(crate) text: String,
    /// 1-based.
    pub(crate) line: usize,
}

/// One line of a comment, or a run of code-free text between two tokens that holds one.
pub(crate) struct Comment {
    /// The line as written, comment marks included.
    pub(crate) text: String,
    /// 1-based.
    pub(crate) line: usize,
}

impl SourceFile {
    /// Parses `text`, the contents of the file at `path`.
    ///
    /// # Errors
    ///
    /// The parser's error, with its place, if `text` is not Rust.
    pub(crate) fn parse(path: &Path, text: String) -> syn::Result<Self> {
        let syntax = syn::parse_file(&text)?;
        let stream: TokenStream = text.parse()?;
        let mut flattener = Flattener { text: &text, end: 0, tokens: vec![], comments: vec![] };
        flattener.stream(stream);
        flattener.gap_until(text.len());
        let Flattener { tokens, comments, .. } = flattener;
        Ok(Self { path: path.to_path_buf(), text, syntax, tokens, comments })
    }

    /// Returns the lines at which `pattern` starts in the flat tokens.
    pub(crate) fn lines_with_tokens(&self, pattern: &[&str]) -> Vec<usize> {
        self.tokens
            .windows(pattern.len())
            .filter(|window| window.iter().zip(pattern).all(|(token, want)| token.text == *want))
            .filter_map(|window| window.first().map(|token| token.line))
            .collect()
    }
}

/// Walks a token stream and collects tokens, and what lies between them as comments.
struct Flattener<'a> {
    text: &'a str,
    /// Byte offset behind the last token seen.
    end: usize,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
}

impl Flattener<'_> {
    fn stream(&mut self, stream: TokenStream) {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => self.group(&group),
                TokenTree::Ident(ident) => self.leaf(ident.to_string(), ident.span()),
                TokenTree::Punct(punct) => self.leaf(punct.as_char().to_string(), punct.span()),
                TokenTree::Literal(literal) => self.leaf(literal.to_string(), literal.span()),
            }
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.leaf(open.to_owned(), group.span_open());
        self.stream(group.stream());
        self.leaf(close.to_owned(), group.span_close());
    }

    /// Records one token.
    ///
    /// A doc comment arrives as the tokens `#[doc = "…"]` that all share the comment's place. Its
    /// bytes lie ahead of `end` when the first of them is seen, so they are taken as a gap then.
    fn leaf(&mut self, text: String, span: Span) {
        let place = span.byte_range();
        if self.starts_comment(place.start) {
            self.gap_until(place.end);
        } else {
            self.gap_until(place.start);
            self.tokens.push(Token { text, line: span.start().line });
            self.end = self.end.max(place.end);
        }
    }

    fn starts_comment(&self, offset: usize) -> bool {
        let rest = self.text.get(offset..).unwrap_or_default();
        rest.starts_with("//") || rest.starts_with("/*")
    }

    /// Takes the text from `self.end` up to `offset`, which holds no token, as comment lines.
    fn gap_until(&mut self, offset: usize) {
        let Some(gap) = self.text.get(self.end..offset) else { return };
        let before = self.text.get(..self.end).unwrap_or_default();
        let first_line = before.matches('\n').count().saturating_add(1);
        for (index, text) in gap.split('\n').enumerate() {
            if !text.trim().is_empty() {
                let line = first_line.saturating_add(index);
                self.comments.push(Comment { text: text.to_owned(), line });
            }
        }
        self.end = offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> SourceFile {
        SourceFile::parse(Path::new("lib.rs"), text.to_owned()).expect("the fixture parses")
    }

    #[test]
    fn tokens_inside_macro_arguments_are_found() {
        let file = parse("fn f() {\n    assert!(g(todo!()));\n}\n");
        assert_eq!(file.lines_with_tokens(&["todo", "!", "("]), [2]);
    }

    #[test]
    fn comments_of_every_kind_are_found_and_strings_are_not() {
        let file = parse(
            "//! Header.\n/// Doc.\nfn f() {} // plain\nconst S: &str = \"// no\"; /* a\n b */\n// end",
        );
        let comments: Vec<(usize, &str)> =
            file.comments.iter().map(|comment| (comment.line, comment.text.trim())).collect();
        assert_eq!(
            comments,
            [
                (1, "//! Header."),
                (2, "/// Doc."),
                (3, "// plain"),
                (4, "/* a"),
                (5, "b */"),
                (6, "// end")
            ]
        );
    }

    #[test]
    fn text_that_is_not_rust_is_an_error_with_a_place() {
        let error = SourceFile::parse(Path::new("lib.rs"), "fn f(\n".to_owned()).err();
        assert!(error.is_some());
    }
}
