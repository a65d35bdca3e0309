//! Checks of constant regular expressions that avoid compiling them if the syntax tree is enough.
//!
//! A package of rules has hundreds of patterns, since each rule binds its views again. Compiling all of them
//! took half of the time that binding and planning the package takes.

use regex_syntax::{
    Parser,
    hir::{Class, Hir, HirKind},
};

/// States, at most, of patterns that are known to fit into the memory that one may have.
///
/// That is ten megabytes by the crate's default, and a state takes some dozens of bytes.
const SAFE_STATES: usize = 20_000;

/// Tells whether a text is a regular expression that can be compiled.
pub(in crate::scalar) fn is_pattern(text: &str) -> bool {
    match Parser::new().parse(text) {
        Ok(pattern) => states(&pattern) <= SAFE_STATES || regex::Regex::new(text).is_ok(),
        Err(_) => false,
    }
}

/// Returns the names of a pattern's groups in order, `None` for a group without a name. Returns `None` if
/// the text is not a regular expression.
pub(in crate::scalar) fn group_names(text: &str) -> Option<Vec<Option<Box<str>>>> {
    let pattern = Parser::new().parse(text).ok()?;
    let mut names = Vec::new();
    collect_names(&pattern, &mut names);
    Some(names)
}

fn collect_names(pattern: &Hir, names: &mut Vec<Option<Box<str>>>) {
    match pattern.kind() {
        HirKind::Capture(group) => {
            names.push(group.name.clone());
            collect_names(&group.sub, names);
        }
        HirKind::Repetition(repetition) => collect_names(&repetition.sub, names),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            for part in parts {
                collect_names(part, names);
            }
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// Returns how many states a pattern compiles to, at most.
fn states(pattern: &Hir) -> usize {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        // A range of characters may begin and end with sequences of up to four bytes.
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(16),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).saturating_add(1);
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            states(&repetition.sub).saturating_add(2).saturating_mul(times)
        }
        HirKind::Capture(group) => states(&group.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(states).fold(1, usize::saturating_add)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agrees(text: &str) -> Result<(), TestCaseError> {
        let compiled = regex::Regex::new(text);
        prop_assert_eq!(is_pattern(text), compiled.is_ok(), "{}", text);
        let names = compiled.ok().map(|regex| {
            regex.capture_names().skip(1).map(|name| name.map(Box::from)).collect::<Vec<_>>()
        });
        if names.is_some() {
            prop_assert_eq!(group_names(text), names, "{}", text);
        }
        Ok(())
    }

    #[test]
    fn what_the_crate_compiles_is_a_pattern() {
        for text in [
            "",
            "(",
            "a{2,1}",
            r"(?i)\\(?P<share>[a-z]+\$)(x)?",
            r"\w{1000}",
            r"(?:\w{100}){100}",
            r"[\pL\pN]{60}",
            "(?-u:\\xFF)",
            "(?<a>x)|(?<a>y)",
            "(?=x)",
            r"\p{Nothing}",
            r"(((a{100}){100}){100})",
        ] {
            agrees(text).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    proptest! {
        #[test]
        fn any_text_that_the_crate_compiles_is_a_pattern(
            text in r"([a-c\[\]().*+?|^$\\]|\\[wdpbx]|\{[0-9]{1,3}(,[0-9]{0,3})?\}|\(\?[:iP<a>]){0,12}",
        ) {
            agrees(&text)?;
        }
    }
}
