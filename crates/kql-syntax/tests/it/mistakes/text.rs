//! Quotes, escapes, comments, and characters that KQL does not use.

use crate::carets::check;

#[test]
fn typographic_quotes() {
    check(
        r#"
    T | where a == “x” and b == ‘y’
                 //^^^ KQL0104 typographic quotes in `“x”`
                 //= use straight quotes: `"` or `'`
                              //^^^ KQL0104 typographic quotes in `‘y’`
                              //= use straight quotes: `"` or `'`
"#,
    );
}

#[test]
fn lone_typographic_quote() {
    check(
        r#"
    T | where a == “x
                 //^ KQL0104 typographic quote `“`
                 //= use straight quotes: `"` or `'`
"#,
    );
}

#[test]
fn block_comment() {
    check(
        r"
    T /* all of it */ | take 5
    //^^^^^^^^^^^^^^^ KQL0105 KQL has no comments in `/* */`
    //= start each line with `//`
",
    );
}

#[test]
fn unterminated_string() {
    check(
        r#"
    T | where a == "x
                 //^^ KQL0102 string is not closed by `"`
                 //= add `"`; a string of several lines stands between three backticks
    | take 5
"#,
    );
}

#[test]
fn backslash_before_the_closing_quote() {
    check(
        r#"
    T | where a == "C:\" | take 5
                 //^^^^^^^^^^^^^^ KQL0102 string is not closed by `"`
                 //= `\"` is a quote within the string: write `\\`, or the string as `@"…"`
"#,
    );
}

#[test]
fn unknown_escape() {
    check(
        r#"
    T | where a matches regex "\w+\d"
                             //^^ KQL0103 unknown escape `\w`
                             //= write the string as `@"…"`, where a backslash is a backslash, or double it
"#,
    );
}

#[test]
fn unknown_escape_of_a_path() {
    check(
        r#"
    T | where a == "C:\Windows" and b == 'D:\Data'
                    //^^ KQL0103 unknown escape `\W`
                    //= write the string as `@"…"`, where a backslash is a backslash, or double it
                                          //^^ KQL0103 unknown escape `\D`
                                          //= write the string as `@"…"`, where a backslash is a backslash, or double it
"#,
    );
}

#[test]
fn directive_in_the_middle() {
    check(
        r"
    T
    # all of it
  //^^^^^^^^^^^ KQL0129 `#` within a statement
  //= a comment starts with `//`
    | take 5
",
    );
}

#[test]
fn dash_of_a_word_processor() {
    check(
        r"
    T | where a > 1 – 2
                  //^ KQL0101 unknown character `–`
                  //= use `-`
",
    );
}

#[test]
fn name_with_an_umlaut() {
    check(
        r"
    T | where größe > 1
              //^ KQL0101 unknown character `ö`
              //= put names with such characters in brackets: `['…']`
",
    );
}

#[test]
fn unknown_character() {
    check(
        r"
    T | where a ? b
              //^ KQL0101 unknown character `?`
",
    );
}
