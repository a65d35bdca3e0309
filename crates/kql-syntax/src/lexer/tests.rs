//! The tokens of small texts: kinds, places, and what is no token.

use super::{TokenKind as T, *};
use crate::ast::MatchOp;

fn kinds(text: &str) -> Vec<TokenKind> {
    lex(text).into_iter().map(|token| token.kind).filter(|kind| !kind.is_trivia()).collect()
}

fn texts(text: &str) -> Vec<&str> {
    lex(text).into_iter().map(|token| &text[token.span.range()]).collect()
}

#[test]
fn tokens_cover_the_text() {
    let text = "T\u{a0}| where a !in~ ('x') // c\n\t@\"b\"\"\\\" é “q” /* c */ 1.5h..2 #d";
    assert_eq!(texts(text).concat(), text);
}

#[test]
fn numbers_timespans_and_names_that_start_with_digits() {
    assert_eq!(
        kinds("5 0x1F 1.5 1e3 1. 1.e3"),
        [T::Long, T::Long, T::Real, T::Real, T::Real, T::Real]
    );
    assert_eq!(kinds("1.e 1.x"), [T::Long, T::Dot, T::Identifier, T::Long, T::Dot, T::Identifier]);
    assert_eq!(kinds("1d 1.5h 10microseconds 1tick 1.d"), [T::Timespan; 5]);
    assert_eq!(kinds("1w 0xZ 3Dchart 1e"), [T::Identifier; 4]);
    assert_eq!(kinds("1..5"), [T::Long, T::DotDot, T::Long]);
    assert_eq!(kinds("2020-01-01"), [T::Long, T::Minus, T::Long, T::Minus, T::Long]);
}

#[test]
fn guids() {
    assert_eq!(kinds("f00dbabe-0000-0000-0000-000000000000"), [T::RawGuid]);
    assert_eq!(kinds("00000000-0000-0000-0000-000000000000"), [T::RawGuid]);
    assert_eq!(kinds("f00dbabe-0000"), [T::Identifier, T::Minus, T::Long]);
}

#[test]
fn string_forms() {
    for text in [
        r#""a\"b""#,
        r"'a\'b'",
        r#"@"a\""#,
        r#"@"a""b""#,
        r#"h"a""#,
        r"H@'a'",
        "```a\nb'```",
        "~~~a~~~",
        "h```a```",
    ] {
        assert_eq!(kinds(text), [T::String], "{text}");
    }
    assert_eq!(kinds("'it''s'"), [T::String; 2]);
    assert_eq!(kinds("'a\nb"), [T::String, T::Identifier]);
    assert_eq!(kinds("“a” ”"), [T::TypographicString, T::Unknown]);
}

#[test]
fn typed_literals_end_with_their_line() {
    assert_eq!(kinds("datetime(2020-01-01)"), [T::TypedLiteral(LiteralType::Datetime)]);
    assert_eq!(
        kinds("long(\n5)"),
        [T::Keyword(Keyword::Type), T::OpenParen, T::Long, T::CloseParen]
    );
    assert_eq!(kinds("tolong(5)"), [T::Identifier, T::OpenParen, T::Long, T::CloseParen]);
}

#[test]
fn keywords_with_dashes_bangs_and_tildes() {
    assert_eq!(kinds("project-away"), [T::Keyword(Keyword::ProjectAway)]);
    assert_eq!(kinds("project-awayx"), [T::Keyword(Keyword::Project), T::Minus, T::Identifier]);
    assert_eq!(kinds("a-b"), [T::Identifier, T::Minus, T::Identifier]);
    assert_eq!(kinds("!in~"), [T::Keyword(Keyword::Match(MatchOp::NotInCi))]);
    assert_eq!(kinds("in~"), [T::Keyword(Keyword::Match(MatchOp::InCi))]);
    assert_eq!(kinds("!has_any"), [T::NegatedWord]);
}

#[test]
fn many_unclosed_beginnings_take_linear_time() {
    for piece in ["/*", "int(", "“", "a-", "```", "(", "\"\\"] {
        let text = piece.repeat(200_000);
        assert_eq!(
            lex(&text).iter().map(|token| token.span.range().len()).sum::<usize>(),
            text.len()
        );
    }
}
