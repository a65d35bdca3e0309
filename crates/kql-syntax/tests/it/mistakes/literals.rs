//! Literals, types and names.

use crate::carets::check;

#[test]
fn expression_in_datatable() {
    check(
        r"
    datatable (a: long) [1 + 2, now()]
                         //^ KQL0100 expected `,` or `]`, found `+`
",
    );
}

#[test]
fn missing_type() {
    check(
        r"
    datatable (a, b: long) [1, 2]
              //^ KQL0100 expected `:` and a type after the column's name, found `,`
",
    );
}

#[test]
fn unknown_type() {
    check(
        r"
    let f = (a: thing) { a }; f(1)
              //^^^^^ KQL0120 unknown type `thing`
              //= types are bool, datetime, decimal, dynamic, guid, int, long, real, string and timespan
",
    );
}

#[test]
fn reserved_word_as_column() {
    check(
        r#"
    T | where title == "x" | extend kind = 1
            //^^^^^ KQL0118 `title` is a reserved word
            //= if it is meant as a name, write `['title']`
                                  //^^^^ KQL0118 `kind` is a reserved word
                                  //= if it is meant as a name, write `['kind']`
"#,
    );
}

#[test]
fn name_with_a_dash() {
    check(
        r"
    T | extend a-b = 1
             //^^^ KQL0118 `a-b` is not a name: it reads as a subtraction
             //= write `['a-b']`
",
    );
}

#[test]
fn column_in_a_typed_literal() {
    check(
        r"
    T | extend a = long(b)
                 //^^^^^^^ KQL0121 `b` is not a value of type long
                 //= to convert a value, use `tolong(b)`
",
    );
}

#[test]
fn bare_guid() {
    check(
        r"
    T | where a == f00dbabe-0000-0000-0000-000000000000
                 //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ KQL0128 guid `f00dbabe-0000-0000-0000-000000000000` without `guid(…)`
                 //= write `guid(f00dbabe-0000-0000-0000-000000000000)`, or put it in quotes to compare texts
",
    );
}

#[test]
fn dynamic_of_columns() {
    check(
        r"
    print dynamic([a, 1])
                 //^ KQL0122 expected a literal within `dynamic(…)`, found `a`
                 //= to build a value from columns use `pack_array(…)` or `bag_pack(…)`
",
    );
}

#[test]
fn dynamic_with_bare_keys() {
    check(
        r#"
    print dynamic({a: 1, "b": 2})
                 //^ KQL0122 expected a key in quotes, found `a`
                 //= write `"a"`
"#,
    );
}

#[test]
fn set_without_name() {
    check(
        r"
    set = 5; T
      //^ KQL0100 expected a name after `set`, found `=`
",
    );
}
