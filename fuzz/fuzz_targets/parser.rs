//! Any text as a query: a tree, whatever the text, and diagnostics that point into it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (_, diagnostics) = kql_syntax::parse(text);
    for diagnostic in diagnostics {
        assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?}");
    }
});
