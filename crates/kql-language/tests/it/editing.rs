//! Hovers, signatures, definitions, references, symbols.

use kql_language::{Document, Range};

use crate::{ask, catalogue, marked};

fn hover(text: &str) -> String {
    ask(text, |it, at| it.hover(at)).map_or(String::new(), |it| it.markdown)
}

/// Returns the texts of the references of the name at the cursor, with what follows each.
fn references(text: &str) -> Vec<usize> {
    let ranges: Vec<Range> = ask(text, |it, at| it.references(at));
    ranges.into_iter().map(|range| range.start as usize).collect()
}

#[test]
fn a_column_says_its_type_and_a_table_its_columns() {
    assert_eq!(hover("Logons | where Acc^ount == 'a'"), "```kql\nAccount: string\n```");
    assert_eq!(hover("Ho^sts"), "```kql\nHosts (2 columns)\n  Host: string\n  Owner: string\n```");
}

#[test]
fn a_variable_says_what_it_is() {
    assert_eq!(hover("let Limit = 5; Logons | take Lim^it"), "```kql\nlet Limit: long\n```");
    assert!(hover("let Mine = Hosts; Mi^ne").contains("Mine (2 columns)"));
    assert_eq!(
        hover("let F = (a: long, b: (k: string)) { a }; print F^(1, Hosts)"),
        "```kql\nF(a: long, b: (k: string))\n```"
    );
    assert_eq!(hover("let F = (a: long) { a^ }; print F(1)"), "```kql\nparameter a: long\n```");
}

#[test]
fn a_function_says_how_it_is_called_and_what_it_does() {
    let text = hover("print strl^en('a')");
    assert!(text.starts_with("```kql\nstrlen("), "{text}");
    assert!(text.contains("number of"), "{text}");
    assert!(
        hover("print Rec^ent(1d, Logons)")
            .contains("Recent(Age: timespan, Rows: (When: datetime))")
    );
    assert!(hover("Logons | evaluate bag_^unpack(D)").contains("bag_unpack("));
}

#[test]
fn an_operator_says_what_it_does() {
    assert!(hover("Logons | wh^ere true").contains("Rows for which a condition holds."));
    assert!(hover("Logons | order^ by Host").contains("Sorts rows."));
    assert!(
        hover("Logons | summarize cou^nt()").contains("count("),
        "the aggregate, not the operator"
    );
}

#[test]
fn the_innermost_call_is_helped_with() {
    let help = ask("print strcat(substring('abc', ^), 'x')", |it, at| it.signature_help(at));
    let help = help.expect("a call");
    assert!(help.signatures[0].label.starts_with("substring("), "{help:?}");
    assert_eq!(help.active_parameter, 1);
    let help = ask("print strcat(substring('abc', 1), ^)", |it, at| it.signature_help(at));
    assert!(help.expect("a call").signatures[0].label.starts_with("strcat("));
    let help =
        ask("let F = (a: long, b: long) { a }; print F(1, ^)", |it, at| it.signature_help(at));
    let help = help.expect("a call");
    assert_eq!(
        (help.signatures[0].label.as_str(), help.active_parameter),
        ("F(a: long, b: long)", 1)
    );
    assert_eq!(ask("Logons | join (^Hosts) on Host", |it, at| it.signature_help(at)), None);
}

#[test]
fn a_definition_is_the_innermost_that_is_in_scope() {
    let (text, at) = marked("let a = 1; let F = (a: long) { a + 1 }; print F(a^)");
    let catalogue = catalogue();
    let document = Document::new(&text, &catalogue);
    assert_eq!(document.definition(at), Some(Range { start: 4, end: 5 }));
    assert_eq!(document.definition(31), Some(Range { start: 20, end: 21 }));
    assert_eq!(document.definition(0), None);
}

#[test]
fn references_are_those_of_the_same_definition() {
    assert_eq!(references("let a^ = 1; let F = (a: long) { a + 1 }; print F(a)"), [4, 48]);
    assert_eq!(references("let Host = 'x'; Logons | where Host == 'a' | extend b = Ho^st"), [0; 0]);
    let shadowed = "let Host^ = 'x'; Logons | where Host == 'a'; print Host";
    assert_eq!(references(shadowed), [4, 50], "a column shadows a variable");
}

#[test]
fn symbols_are_the_names_that_a_query_defines() {
    let catalogue = catalogue();
    let document =
        Document::new("let a = 1; let F = (x: long) { let b = 2; x }; print 1", &catalogue);
    let names: Vec<String> = document.symbols().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["a", "F", "b"]);
}
