//! What other languages write.

use crate::carets::check;

#[test]
fn negated_has_any() {
    check(
        r#"
    T | where a !has_any ("x", "y")
              //^^^^^^^^ KQL0116 there is no operator `!has_any`
              //= write `not(x has_any (…))`
"#,
    );
}

#[test]
fn negated_matches_regex() {
    check(
        r#"
    T | where a !matches regex "x"
              //^^^^^^^^ KQL0116 there is no operator `!matches`
              //= write `not(x matches regex "…")`
"#,
    );
}

#[test]
fn negated_call() {
    check(
        r"
    T | where !isempty(a)
            //^^^^^^^^ KQL0116 there is no operator `!isempty`
            //= write `not(isempty(…))`
",
    );
}

#[test]
fn bang() {
    check(
        r"
    T | where !(a == 1)
            //^ KQL0115 `!` is not an operator
            //= use `not(…)`
",
    );
}

#[test]
fn upper_case_operator() {
    check(
        r"
    T | WHERE a == 1 | Summarize count()
      //^^^^^ KQL0113 `WHERE` is not in lower case
      //= keywords are case-sensitive: write `where`
                     //^^^^^^^^^ KQL0113 `Summarize` is not in lower case
                     //= keywords are case-sensitive: write `summarize`
",
    );
}

#[test]
fn upper_case_and_or() {
    check(
        r"
    T | where a == 1 AND b == 2 OR c
                   //^^^ KQL0113 `AND` is not in lower case
                   //= keywords are case-sensitive: write `and`
                              //^^ KQL0113 `OR` is not in lower case
                              //= keywords are case-sensitive: write `or`
",
    );
}

#[test]
fn upper_case_string_operator() {
    check(
        r#"
    T | where a Contains "x" and b IN ("y")
              //^^^^^^^^ KQL0113 `Contains` is not in lower case
              //= keywords are case-sensitive: write `contains`
                                 //^^ KQL0113 `IN` is not in lower case
                                 //= keywords are case-sensitive: write `in`
"#,
    );
}

#[test]
fn upper_case_clause() {
    check(
        r"
    T | summarize count() BY a
                        //^^ KQL0113 `BY` is not in lower case
                        //= keywords are case-sensitive: write `by`
",
    );
}

#[test]
fn upper_case_let() {
    check(
        r"
    LET a = 1;
  //^^^ KQL0113 `LET` is not in lower case
  //= keywords are case-sensitive: write `let`
",
    );
}

#[test]
fn sql_select() {
    check(
        r"
    SELECT * FROM T WHERE a = 1
  //^^^^^^ KQL0117 `SELECT` is SQL
  //= write `Table | where … | project …`
",
    );
}

#[test]
fn ampersands() {
    check(
        r"
    T | where a == 1 && b == 2
                   //^^ KQL0115 `&&` is not an operator
                   //= use `and`
",
    );
}

#[test]
fn double_pipe() {
    check(
        r"
    T | where a == 1 || b == 2
                   //^^ KQL0115 `||` is not an operator
                   //= use `or`
",
    );
}

#[test]
fn double_pipe_before_an_operator() {
    check(
        r"
    T || where a == 1
     //^ KQL0107 expected an operator, found `|`
     //= remove the `|`, or add an operator such as `where`
",
    );
}

#[test]
fn not_in() {
    check(
        r#"
    T | where a not in ("x")
              //^^^ KQL0127 `not` is a function, no operator
              //= write `!in`
"#,
    );
}

#[test]
fn not_in_upper_case() {
    check(
        r#"
    T | where a NOT IN ("x")
              //^^^ KQL0127 `not` is a function, no operator
              //= write `!in`
"#,
    );
}

#[test]
fn not_without_parentheses() {
    check(
        r"
    T | where not a == 1
            //^^^ KQL0127 `not` is a function, no operator
            //= write `not(…)`
",
    );
}

#[test]
fn is_null() {
    check(
        r"
    T | where a is null
              //^^ KQL0115 `is` is not an operator
              //= use `isnull(…)`, `isnotnull(…)`, `isempty(…)` or `isnotempty(…)`
",
    );
}

#[test]
fn operator_of_another_language() {
    check(
        r"
    T | select a | head 5
      //^^^^^^ KQL0107 unknown operator `select`
      //= did you mean `project`?
                 //^^^^ KQL0107 unknown operator `head`
                 //= did you mean `take`?
",
    );
}

#[test]
fn type_of_another_language() {
    check(
        r#"
    datatable (a: varchar, b: integer) ["x", 1]
                //^^^^^^^ KQL0120 unknown type `varchar`
                //= use `string`
                            //^^^^^^^ KQL0120 unknown type `integer`
                            //= use `int`
"#,
    );
}

#[test]
fn management_command() {
    check(
        r"
    .show tables
  //^ KQL0130 `.` starts a management command, not a query
  //= only queries run here
",
    );
}
