//! Operators as they are written.

use kql_syntax::ast::{BinaryOp, LogicalOp, MatchOp};

/// Returns an arithmetic operator or a comparison.
pub(crate) fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
    }
}

/// Returns `and` or `or`, with blanks around it.
pub(crate) fn logical(op: LogicalOp) -> &'static str {
    match op {
        LogicalOp::And => " and ",
        LogicalOp::Or => " or ",
    }
}

/// Returns an operator on text.
pub(crate) fn matching(op: MatchOp) -> &'static str {
    match op {
        MatchOp::EqualCi => "=~",
        MatchOp::NotEqualCi => "!~",
        MatchOp::Has => "has",
        MatchOp::NotHas => "!has",
        MatchOp::HasCs => "has_cs",
        MatchOp::NotHasCs => "!has_cs",
        MatchOp::HasPrefix => "hasprefix",
        MatchOp::NotHasPrefix => "!hasprefix",
        MatchOp::HasPrefixCs => "hasprefix_cs",
        MatchOp::NotHasPrefixCs => "!hasprefix_cs",
        MatchOp::HasSuffix => "hassuffix",
        MatchOp::NotHasSuffix => "!hassuffix",
        MatchOp::HasSuffixCs => "hassuffix_cs",
        MatchOp::NotHasSuffixCs => "!hassuffix_cs",
        MatchOp::Contains => "contains",
        MatchOp::NotContains => "!contains",
        MatchOp::ContainsCs => "contains_cs",
        MatchOp::NotContainsCs => "!contains_cs",
        MatchOp::StartsWith => "startswith",
        MatchOp::NotStartsWith => "!startswith",
        MatchOp::StartsWithCs => "startswith_cs",
        MatchOp::NotStartsWithCs => "!startswith_cs",
        MatchOp::EndsWith => "endswith",
        MatchOp::NotEndsWith => "!endswith",
        MatchOp::EndsWithCs => "endswith_cs",
        MatchOp::NotEndsWithCs => "!endswith_cs",
        MatchOp::MatchesRegex => "matches regex",
        MatchOp::Like => "like",
        MatchOp::NotLike => "notlike",
        MatchOp::LikeCs => "likecs",
        MatchOp::NotLikeCs => "notlikecs",
        MatchOp::In => "in",
        MatchOp::NotIn => "!in",
        MatchOp::InCi => "in~",
        MatchOp::NotInCi => "!in~",
        MatchOp::HasAny => "has_any",
        MatchOp::HasAll => "has_all",
    }
}
