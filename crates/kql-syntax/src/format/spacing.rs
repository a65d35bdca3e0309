//! The gaps that nothing but the two tokens decides.

use super::{gap::Gap, source::Source};
use crate::lexer::{Keyword, TokenKind as T};

/// Returns how the gap before a token looks if the tree says nothing about it.
///
/// Two tokens that stand apart in the source may be put together only where they stay two.
pub(super) fn default_gap(source: &Source<'_>, at: usize) -> Gap {
    match (source.kind_before(at), source.kind(at)) {
        (T::End, _) | (_, T::End) => Gap::None,
        (T::Directive, _) | (_, T::Directive) => Gap::Hard,
        (_, T::Comma | T::Semicolon | T::CloseParen | T::CloseBracket | T::CloseBrace) => Gap::None,
        (T::OpenParen | T::OpenBracket | T::OpenBrace, _) => Gap::None,
        // `..` and numbers with a point are made of dots, too.
        (T::Dot, T::Dot | T::DotDot) | (T::DotDot | T::Long, T::Dot) => Gap::Keep,
        (T::Dot, _) | (_, T::Dot) => Gap::None,
        (T::Semicolon, _) => Gap::Space,
        (_, T::Colon) => Gap::None,
        // `pack(*)` of `find` and `to typeof(…)`, which are no calls.
        (T::Keyword(Keyword::Pack | Keyword::TypeOf), T::OpenParen) => Gap::None,
        (T::Identifier, T::OpenParen) => Gap::Keep,
        (T::Identifier | T::CloseBracket, T::OpenBracket) => Gap::Keep,
        // A sign; sums are decided by the tree.
        (T::Minus | T::Plus, _) => Gap::Keep,
        _ => Gap::Space,
    }
}
