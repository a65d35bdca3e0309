//! No text and no offset is too odd to be asked about.

use kql_language::Document;
use proptest::prelude::*;

use crate::catalogue;

/// Pieces that queries are made of, whole and broken.
const PIECES: &[&str] = &[
    "Logons",
    "Hosts",
    " | ",
    "where ",
    "Account",
    "==",
    "'a",
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    "let ",
    "x",
    " = ",
    "join ",
    "on ",
    "$left.",
    "summarize ",
    "by ",
    "count()",
    "ä😀",
    "\n",
    "//",
    ",",
    "mv-apply ",
    "evaluate ",
    "F(",
    "a: long",
    "=> ",
    "!ha",
    "project-",
    "1",
    "datetime(",
    "..",
];

proptest! {
    // Each case asks at every offset.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_text_can_be_asked_about_everywhere(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24),
    ) {
        let text = pieces.concat();
        let catalogue = catalogue();
        let document = Document::new(&text, &catalogue);
        for offset in 0..=u32::try_from(text.len()).unwrap() {
            for completion in document.completions(offset) {
                prop_assert!(completion.replace.start <= completion.replace.end);
                prop_assert!(completion.replace.end as usize <= text.len().max(offset as usize));
            }
            if let Some(hover) = document.hover(offset) {
                prop_assert!(text.get(hover.range.start as usize..hover.range.end as usize).is_some());
            }
            let help = document.signature_help(offset);
            prop_assert!(help.is_none_or(|help| help.active_signature < help.signatures.len()));
            let references = document.references(offset);
            prop_assert_eq!(document.definition(offset).is_some(), !references.is_empty());
        }
    }
}
