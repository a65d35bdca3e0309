//! Diagnostics: code, span, message and help, by carets below the text they are about.

use kql_bind::bind;
use kql_syntax::parse;

use crate::environment::{Build, Environment};

/// Binds a query whose lines are followed by lines of carets, `^^^^ KQL0201 message`; a help follows
/// `; `. Carets stand below the text that the diagnostic is about.
#[track_caller]
fn check(annotated: &str) {
    let mut text = String::new();
    let mut expected: Vec<(usize, usize, String)> = Vec::new();
    let mut line_start = 0_usize;
    for line in annotated.trim_matches('\n').lines() {
        if let Some(first) = line.find('^').filter(|_| line.trim_start().starts_with('^')) {
            let carets = line.chars().filter(|it| *it == '^').count();
            let message = line.split_at(first.wrapping_add(carets)).1.trim().to_owned();
            let start = line_start.wrapping_add(first);
            expected.push((start, start.wrapping_add(carets), message));
        } else {
            line_start = text.len();
            text.push_str(line);
            text.push('\n');
        }
    }
    let environment = Environment::default()
        .with_table("Files", "Time: datetime, FileName: string, Size: long, Extra: dynamic")
        .with_table("Users", "Name: string, Id: int, Extra: dynamic");
    let (query, syntax) = parse(&text);
    assert_eq!(syntax, [], "{text}");
    let (_, found) = bind(&query, &environment);
    let mut found: Vec<(usize, usize, String)> = found
        .into_iter()
        .map(|it| {
            let help = it.help.map(|help| format!("; {help}")).unwrap_or_default();
            let range = it.span.range();
            (range.start, range.end, format!("{} {}{help}", it.code, it.message))
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn unknown_names_suggest_the_nearest() {
    check(
        "
Files | where FileNam == 'x'
              ^^^^^^^ KQL0201 unknown column `FileNam`; did you mean `FileName`?
",
    );
    check(
        "
Fils | take 1
^^^^ KQL0202 unknown table `Fils`; did you mean `Files`?
",
    );
    check(
        "
Files | where filename == 'x'
              ^^^^^^^^ KQL0201 unknown column `filename`; did you mean `FileName`?
",
    );
    check(
        "
Files | extend x = ToLower(FileName)
                   ^^^^^^^ KQL0203 unknown function `ToLower`; did you mean `tolower`?
",
    );
    check(
        "
Files | evaluate bag_unpak(Extra)
                 ^^^^^^^^^ KQL0204 unknown plugin `bag_unpak`; did you mean `bag_unpack`?
",
    );
}

#[test]
fn names_without_a_near_one_list_the_columns() {
    check(
        "
Users | project Zebra
                ^^^^^ KQL0201 unknown column `Zebra`; available columns: `Name`, `Id`, `Extra`
",
    );
}

#[test]
fn several_errors_are_reported_and_none_that_follows() {
    check(
        "
Files | extend a = nosuch(Size), b = Missing | where a == 1 and b > 2 | project a, b, Size
                   ^^^^^^ KQL0203 unknown function `nosuch`
                                     ^^^^^^^ KQL0201 unknown column `Missing`; available columns: `Time`, `FileName`, `Size`, `Extra`
",
    );
    check(
        "
Nothing | where a == 1 | summarize count() by b | project b
^^^^^^^ KQL0202 unknown table `Nothing`
",
    );
}

#[test]
fn operators_know_their_types() {
    check(
        "
Files | where Size has '1'
                   ^^^ KQL0301 `has` is not defined for long and string; `has` looks into texts: `tostring(…)` makes one
",
    );
    check(
        "
Files | where FileName < 'x'
                       ^ KQL0301 `<` is not defined for string and string; strings have no order; `strcmp(a, b)` compares them
",
    );
    check(
        "
Files | where Extra == Extra
                    ^^ KQL0301 `==` is not defined for dynamic and dynamic; convert one side, with `tostring(…)` for example
",
    );
    check(
        "
Files | where Size
              ^^^^ KQL0304 expected a bool, found a long
",
    );
    check(
        "
Files | where FileName.x == 1
                       ^ KQL0312 a string has no properties; `parse_json(…)` makes a dynamic of a string
",
    );
}

#[test]
fn arguments_are_counted_and_typed() {
    check(
        "
Files | extend x = strlen()
                   ^^^^^^^^ KQL0303 `strlen` takes 1 argument; it is called `strlen(string)`
",
    );
    check(
        "
Files | where Time > ago(7)
                         ^ KQL0302 `ago` needs a timespan as `timespan`, found a long; lengths of time have a unit: `7d`, `1h`, `30m`
",
    );
    check(
        "
Files | where count() > 1
              ^^^^^ KQL0315 the aggregate `count` cannot be used here; aggregates stand in `summarize`
",
    );
}

#[test]
fn keys_are_not_dynamic() {
    check(
        "
Files | summarize count() by Extra
                             ^^^^^ KQL0307 `Extra` is dynamic and cannot be grouped by; `tostring(…)` makes a string of it
",
    );
    check(
        "
Files | join Users on Extra
                      ^^^^^ KQL0307 a dynamic cannot be a join key; `tostring(…)` makes a string of it
",
    );
    check(
        "
Files | sort by Extra
                ^^^^^ KQL0307 a dynamic cannot be sorted by; `tostring(…)` makes a string of it
",
    );
}

#[test]
fn join_keys_agree_in_type() {
    check(
        "
Files | join Users on $left.Size == $right.Id
                      ^^^^^^^^^^^^^^^^^^^^^^^ KQL0308 join keys differ in type: long and int; convert one before the join: `tolong(…)`
",
    );
    check(
        "
Files | join kind=outer Users on $left.FileName == $right.Name
                  ^^^^^ KQL0208 `join` has no kind `outer`; kinds: innerunique, inner, leftouter, rightouter, fullouter, leftsemi, rightsemi, leftanti, rightanti, anti, leftantisemi, rightantisemi
",
    );
}

#[test]
fn a_join_names_the_side_that_lacks_a_key() {
    check(
        "
Files | join Users on FileName
                      ^^^^^^^^ KQL0201 the right side has no column `FileName`; available columns: `Name`, `Id`, `Extra`
",
    );
    check(
        "
Files | join Users
        ^^^^^^^^^^ KQL0309 `join` without `on`; say which columns have to be equal: `on Name`
",
    );
}

#[test]
fn columns_are_asked_for_that_there_are() {
    check(
        "
Files | project-away Zebra*
                     ^^^^^^ KQL0201 no column matches `Zebra*`
",
    );
    check(
        "
Files | sample-distinct 5 of strlen(FileName)
                             ^^^^^^^^^^^^^^^^ KQL0319 expected a column name
",
    );
    check(
        "
Files | scan with (step s: true => n = 1;)
                                   ^ KQL0201 unknown column `n`; available columns: `Time`, `FileName`, `Size`, `Extra`
",
    );
}

#[test]
fn charts_and_plugins_are_known() {
    check(
        "
Files | render piechar
               ^^^^^^^ KQL0208 `render` has no chart `piechar`; did you mean `piechart`?
",
    );
    check(
        "
Files | evaluate dcount_intersect(Extra)
                 ^^^^^^^^^^^^^^^^^^^^^^^ KQL0303 `dcount_intersect` takes 2 arguments at least
",
    );
}

#[test]
fn columns_and_variables_are_named_once() {
    check(
        "
Files | project a = Size, a = FileName
                          ^^^^^^^^^^^^ KQL0206 a column `a` is already there
",
    );
    check(
        "
let x = 1; let x = 2; print x
               ^ KQL0207 `x` is already defined
",
    );
}

#[test]
fn functions_report_their_own_errors_once() {
    check(
        "
let f = (x: long) { x + nosuch }; print f(1), f(2)
                        ^^^^^^ KQL0201 unknown name `nosuch`
",
    );
    check(
        "
let f = (T: (*)) { T | where Wanted == 1 }; Users | invoke f()
                                                    ^^^^^^^^^^ KQL0213 `f` does not bind with these arguments: unknown column `Wanted`
",
    );
    check(
        "
let f = (x: long) { x }; print f()
                               ^^^ KQL0303 `f` takes 1 argument
",
    );
}

#[test]
fn times_are_no_texts() {
    check(
        "
Files | where Time > '2024-01-01'
                   ^ KQL0301 `>` is not defined for datetime and string; times are written `datetime(2024-01-01)`; `todatetime(…)` reads a text
",
    );
}

#[test]
fn a_fuzzy_union_only_warns() {
    check(
        "
union isfuzzy=true Files, Nothing
                          ^^^^^^^ KQL0210 unknown table `Nothing`; a fuzzy union leaves it out
",
    );
}

#[test]
fn some_arguments_are_of_a_few_texts() {
    check(
        "
Files | extend x = datetime_diff('days', Time, now())
                                 ^^^^^^ KQL0314 `datetime_diff` does not take `days`; did you mean `day`?
",
    );
}

#[test]
fn patterns_are_compiled_before_any_row_is_read() {
    check(
        r"
Files | where FileName matches regex @'who(?=ami)'
                                     ^^^^^^^^^^^^^ KQL0322 invalid regular expression, at character 4: look-around, `(?=`, `(?!`, `(?<=` or `(?<!`, is not part of Kusto's regular expressions; test what must or must not follow in a condition of its own
",
    );
    for (query, code) in [
        ("print extract(@'(a', 1, 'x')", "KQL0322"),
        ("print extract_all(@'(?<!a)b()', 'x')", "KQL0322"),
        ("print replace_regex('x', '*', 'y')", "KQL0322"),
        ("print trim_start('[', 'x')", "KQL0322"),
        ("print trim('[', 'x')", "KQL0322"),
        ("print countof('x', '(', 'regex')", "KQL0322"),
        ("print indexof_regex('x', ')')", "KQL0322"),
        ("print 'x' matches regex strcat('a', '(')", "KQL0322"),
        ("let p = '(';Files | where FileName matches regex p", "KQL0322"),
        ("Files | where * matches regex '('", "KQL0322"),
        ("Files | parse kind=regex FileName with '(' a", "KQL0322"),
        ("print replace_regex('x', '(a{1,1000}){1,1000}', 'y')", "KQL0322"),
        ("print extract_all('(a)', dynamic([2]), 'x')", "KQL0323"),
        ("print extract('(a)', 2, 'x')", "KQL0324"),
        ("print parse_json('{a')", "KQL0324"),
        ("print todatetime('today')", "KQL0324"),
        ("print toguid('x')", "KQL0324"),
        ("print ipv4_is_in_range('10.0.0.1', '10.0.0.0/33')", "KQL0324"),
        ("print ipv4_is_in_any_range('10.0.0.1', '10.0.0.0/8', '10.0.0')", "KQL0324"),
        ("print ipv6_is_in_range('::1', '10.0.0.0/xx')", "KQL0324"),
    ] {
        assert_eq!(codes(query), [code], "{query}");
    }
    for query in [
        "print countof('x', '(')",
        "print extract('(a)', 1, 'x')",
        "print extract_all('(?P<n>a)', dynamic(['n', 1]), 'x')",
        "print parse_json('[1]'), parse_json(''), todatetime('2024-05-01'), totimespan('1d')",
        "print ipv4_is_in_range('10.0.0.1', '10.0.0.0/8'), ipv6_is_in_range('::1', 'fe80::/10')",
        "Files | where FileName matches regex strcat('(', FileName)",
    ] {
        assert_eq!(codes(query), [] as [String; 0], "{query}");
    }
}

/// Returns the codes of what is said of a query.
fn codes(query: &str) -> Vec<String> {
    let environment = Environment::default().with_table("Files", "FileName: string");
    let (query, syntax) = parse(query);
    assert_eq!(syntax, []);
    bind(&query, &environment).1.into_iter().map(|it| it.code.to_string()).collect()
}
