//! Any text as tokens: no panic, and the tokens cover the text without gap or overlap.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for token in kql_syntax::lexer::lex(text) {
        assert_eq!(token.span.start, end, "a gap or an overlap");
        assert!(text.is_char_boundary(token.span.range().end));
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len());
});
