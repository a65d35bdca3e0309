//! Any text laid out: the same tree and the same comments, and laid out again, the same text.

#![no_main]

use kql_syntax::{
    format,
    lexer::{TokenKind, lex},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    assert_eq!(significant(&once), significant(text));
    assert_eq!(format(&once).as_deref(), Ok(&*once));
});

/// Returns a text without its white space; comments may move past a separator.
fn significant(text: &str) -> (Vec<&str>, Vec<&str>) {
    let tokens = lex(text).into_iter().filter(|token| token.kind != TokenKind::Whitespace);
    let (comments, code): (Vec<_>, Vec<_>) =
        tokens.partition(|token| token.kind == TokenKind::Comment);
    let texts = |tokens: Vec<kql_syntax::lexer::Token>| {
        tokens.iter().filter_map(|token| text.get(token.span.range())).map(str::trim_end).collect()
    };
    (texts(code), texts(comments))
}
