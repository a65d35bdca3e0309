//! The string kernels against a plain reference: characters one by one, and no search at all.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use datafusion_common::{ScalarValue, config::ConfigOptions};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs};
use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::functions::Kernel;

/// Applies a kernel to one text and a constant.
fn test(kernel: &'static Kernel, text: &str, needle: ScalarValue) -> bool {
    let texts: ArrayRef = Arc::new(StringViewArray::from(vec![text]));
    let args = vec![ColumnarValue::Array(texts), ColumnarValue::Scalar(needle)];
    let result = kernel
        .function()
        .invoke_with_args(ScalarFunctionArgs {
            args,
            arg_fields: Vec::new(),
            number_rows: 1,
            return_field: Arc::new(arrow::datatypes::Field::new(
                "r",
                arrow::datatypes::DataType::Boolean,
                true,
            )),
            config_options: Arc::new(ConfigOptions::default()),
        })
        .unwrap();
    let column = result.into_array(1).unwrap();
    assert!(column.is_valid(0));
    column.as_boolean().value(0)
}

fn one(needle: &str) -> ScalarValue {
    ScalarValue::Utf8View(Some(needle.to_owned()))
}

fn list(needles: &[String]) -> ScalarValue {
    let needles: Vec<ScalarValue> = needles.iter().map(|needle| one(needle)).collect();
    ScalarValue::List(ScalarValue::new_list(&needles, &arrow::datatypes::DataType::Utf8View, true))
}

/// Tells whether a character is a letter or a number by Unicode's general category.
fn is_term(c: char) -> bool {
    Regex::new(r"^[\pL\pN]$").unwrap().is_match(c.encode_utf8(&mut [0; 4]))
}

/// Folds case as Unicode's simple case folding does, by what a regular expression takes for equal.
fn equal(a: char, b: char, ignores_case: bool) -> bool {
    if !ignores_case || a == b {
        return a == b;
    }
    let pattern = format!("(?i)^{}$", regex::escape(a.encode_utf8(&mut [0; 4])));
    Regex::new(&pattern).unwrap().is_match(b.encode_utf8(&mut [0; 4]))
}

/// Where the needle stands in the text: the characters before and behind each place.
fn places(text: &str, needle: &str, ignores_case: bool) -> Vec<(Option<char>, Option<char>)> {
    let text: Vec<char> = text.chars().collect();
    let needle: Vec<char> = needle.chars().collect();
    (0..=text.len())
        .filter(|start| {
            text.len().saturating_sub(*start) >= needle.len()
                && needle.iter().zip(&text[*start..]).all(|(a, b)| equal(*a, *b, ignores_case))
        })
        .map(|start| {
            let before = start.checked_sub(1).map(|at| text[at]);
            (before, text.get(start.saturating_add(needle.len())).copied())
        })
        .collect()
}

fn has(text: &str, needle: &str, ignores_case: bool) -> bool {
    bounded(text, needle, ignores_case, true, true)
}

fn bounded(text: &str, needle: &str, ignores_case: bool, leading: bool, trailing: bool) -> bool {
    let needs_before = leading && needle.chars().next().is_some_and(is_term);
    let needs_after = trailing && needle.chars().next_back().is_some_and(is_term);
    places(text, needle, ignores_case).into_iter().any(|(before, after)| {
        (!needs_before || !before.is_some_and(is_term))
            && (!needs_after || !after.is_some_and(is_term))
    })
}

/// Texts in which terms begin and end often, some beyond ASCII: letters that fold to ASCII ones, a
/// combining mark, a number, an emoji.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            'a', 'A', 'b', 'k', 'K', 's', 'S', '1', '_', '$', '\\', ' ', '-', '.', 'é', 'É', 'ß',
            '\u{212a}', '\u{17f}', '\u{301}', '²', '日', '😀',
        ]),
        0..14,
    )
    .prop_map(|chars| chars.into_iter().collect())
}

fn needle() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.chars().take(3).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn one_needle(text in text(), needle in needle()) {
        for (kernel, kernel_cs, leading, trailing) in [
            (&HAS, &HAS_CS, true, true),
            (&HAS_PREFIX, &HAS_PREFIX_CS, true, false),
            (&HAS_SUFFIX, &HAS_SUFFIX_CS, false, true),
            (&CONTAINS, &CONTAINS_CS, false, false),
        ] {
            let expected = bounded(&text, &needle, true, leading, trailing);
            prop_assert_eq!(test(kernel, &text, one(&needle)), expected, "{}", kernel.name);
            let expected = bounded(&text, &needle, false, leading, trailing);
            prop_assert_eq!(test(kernel_cs, &text, one(&needle)), expected, "{}", kernel_cs.name);
        }
    }

    #[test]
    fn ends_of_the_text(text in text(), needle in needle()) {
        for (ignores_case, starts, ends) in
            [(true, &STARTS_WITH, &ENDS_WITH), (false, &STARTS_WITH_CS, &ENDS_WITH_CS)]
        {
            let places = places(&text, &needle, ignores_case);
            let at_start = places.iter().any(|(before, _)| before.is_none());
            let at_end = places.iter().any(|(_, after)| after.is_none());
            prop_assert_eq!(test(starts, &text, one(&needle)), at_start);
            prop_assert_eq!(test(ends, &text, one(&needle)), at_end);
        }
    }

    #[test]
    fn whole_texts(text in text(), other in text(), more in prop::collection::vec(text(), 0..4)) {
        let same = |other: &str| {
            places(&text, other, true).iter().any(|(a, b)| a.is_none() && b.is_none())
        };
        prop_assert_eq!(test(&EQUALS_CI, &text, one(&other)), same(&other));
        prop_assert!(test(&EQUALS_CI, &text, one(&text)));
        let mut items = more;
        items.push(other);
        let expected = items.iter().any(|item| same(item));
        prop_assert_eq!(test(&IN_CI, &text, list(&items)), expected);
    }

    #[test]
    fn many_needles(text in text(), needles in prop::collection::vec(needle(), 0..9)) {
        let found = needles.iter().map(|needle| has(&text, needle, true));
        prop_assert_eq!(test(&HAS_ANY, &text, list(&needles)), found.clone().any(|is| is));
        prop_assert_eq!(test(&HAS_ALL, &text, list(&needles)), found.clone().all(|is| is));
    }
}

#[test]
fn terms_end_where_letters_and_digits_do() {
    for (text, needle, expected) in [
        ("a_b", "a", true),
        ("éa", "a", false),
        ("a1", "a", false),
        (r"\\h\C$\x", "C$", true),
        ("ABC$", "C$", false),
        ("cmd.exe /c", ".exe", true),
        ("x.exec", ".exe", false),
        (r"net use \\fs\pub", r"\\", true),
        ("xa b", "a ", false),
        ("a b", "a ", true),
        ("x a-b y", "a-b", true),
        ("x a_b y", "a-b", false),
        ("", "", true),
        ("x", "", true),
    ] {
        assert_eq!(test(&HAS, text, one(needle)), expected, "{text:?} has {needle:?}");
    }
}

#[test]
fn a_regular_expression_is_searched_for_and_case_counts() {
    for (text, pattern, expected) in [
        ("xAy", "A", true),
        ("xay", "A", false),
        ("xay", "(?i)A", true),
        ("٣", r"\d", true),
        ("a\n", "a$", false),
    ] {
        assert_eq!(test(&MATCHES_REGEX, text, one(pattern)), expected, "{text:?} {pattern:?}");
    }
}
