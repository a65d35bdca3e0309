//! Names with `*` in them.

use kql_syntax::ast::{Expr, ExprKind};

/// Tells whether `name` matches `pattern`, in which `*` stands for any text, also none.
pub(in crate::operators) fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        match left.split_once(part) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    true
}

/// Returns the pattern, if the expression is a name with `*`.
pub(in crate::operators) fn pattern(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Wildcard(pattern) => Some(pattern),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, name, is_match) in [
            ("*", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a*a", "a", false),
            ("A*", "abc", false),
            ("abc", "abc", true),
        ] {
            assert_eq!(matches(pattern, name), is_match, "{pattern} {name}");
        }
    }
}
