//! Brackets and commas.

use crate::carets::check;

#[test]
fn missing_semicolon_between_lets() {
    check(
        r"
    let a = 1
    let b = 2;
  //^^^ KQL0109 expected `;` before `let`
  //= statements are separated by `;`, operators by `|`
    print a
",
    );
}

#[test]
fn in_without_parentheses() {
    check(
        r#"
    T | where a in "x" | take 5
                 //^^^ KQL0123 expected `(` after `in`, found a string
                 //= write `in (…)`
"#,
    );
}

#[test]
fn in_list_without_parentheses() {
    check(
        r#"
    let l = dynamic(["x"]);
    T | where a in l
                 //^ KQL0123 expected `(` after `in`, found `l`
                 //= write `in (…)`
"#,
    );
}

#[test]
fn between_without_parentheses() {
    check(
        r"
    T | where a between 1 .. 2
                      //^ KQL0123 expected `(` after `between`, found `1`
                      //= write `between (low .. high)`
",
    );
}

#[test]
fn between_with_a_comma() {
    check(
        r"
    T | where a between (1, 2)
                        //^ KQL0100 expected `..` between the bounds, found `,`
                        //= write `between (low .. high)`
",
    );
}

#[test]
fn stray_comma_at_the_end() {
    check(
        r"
    T | project a, b, | take 5
                  //^ KQL0112 expected something after this comma, found `|`
                  //= remove the comma, or add what is missing
",
    );
}

#[test]
fn stray_comma_in_the_middle() {
    check(
        r"
    T | project a, , b
                 //^ KQL0112 expected something before this comma
                 //= remove the comma, or add what is missing
",
    );
}

#[test]
fn stray_comma_in_a_call() {
    check(
        r"
    T | extend a = f(1, , 2), b = g(3,)
                      //^ KQL0112 expected something before this comma
                      //= remove the comma, or add what is missing
                                   //^ KQL0112 expected something after this comma, found `)`
                                   //= remove the comma, or add what is missing
",
    );
}

#[test]
fn unclosed_parenthesis() {
    check(
        r"
    T | where (a == 1 and b == 2 | take 5
            //^ KQL0110 `(` is not closed
            //= add `)`
",
    );
}

#[test]
fn unclosed_call_at_the_end() {
    check(
        r#"
    T | extend a = strcat("x", b
                       //^ KQL0110 `(` is not closed
                       //= add `)`
"#,
    );
}

#[test]
fn unclosed_bracket() {
    check(
        r"
    T | where a[0 == 1 | take 5
             //^ KQL0110 `[` is not closed
             //= add `]`
",
    );
}

#[test]
fn unmatched_parenthesis() {
    check(
        r"
    T | where a == 1) | take 5
                  //^ KQL0111 nothing before `)` opens it
                  //= remove it, or add the opening bracket
",
    );
}

#[test]
fn unmatched_brace() {
    check(
        r"
    T | take 5 }
             //^ KQL0111 nothing before `}` opens it
             //= remove it, or add the opening bracket
",
    );
}

#[test]
fn count_with_parentheses() {
    check(
        r"
    T | count()
           //^ KQL0100 the operator `count` takes no parentheses
           //= write `| count`, or `| summarize count()`
",
    );
}

#[test]
fn missing_comma() {
    check(
        r"
    T | project a b, c
                //^ KQL0126 expected `|` or the end of the operator, found `b`
                //= a comma or an operator such as `and` may be missing
",
    );
}

#[test]
fn missing_comma_in_a_call() {
    check(
        r"
    T | extend x = f(a b, c)
                     //^ KQL0100 expected `,` or `)`, found `b`
",
    );
}

#[test]
fn missing_comma_in_datatable() {
    check(
        r#"
    datatable (a: long, b: string) [1 "x"]
                                    //^^^ KQL0100 expected `,` or `]`, found a string
"#,
    );
}

#[test]
fn json_ending_with_a_comma() {
    check(
        r"
    print dynamic([1, 2, ])
                     //^ KQL0112 expected something after this comma, found `]`
                     //= remove the comma, or add what is missing
",
    );
}

#[test]
fn mistakes_within_brackets_stay_there() {
    check(
        r"
    T | join (U | wher a == 1 | take 5) on k | project a b
                //^^^^ KQL0107 unknown operator `wher`
                //= did you mean `where`?
                                                       //^ KQL0126 expected `|` or the end of the operator, found `b`
                                                       //= a comma or an operator such as `and` may be missing
",
    );
}

#[test]
fn empty_parentheses() {
    check(
        r"
    T | where a in ()
                  //^ KQL0106 expected an expression, found `)`
",
    );
}
