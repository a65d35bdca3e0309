//! Mistakes that people make, and what they are told.

use super::carets::check;

#[test]
fn missing_pipe() {
    check(
        r#"
    DeviceEvents
    where ActionType == "x"
  //^^^^^ KQL0108 expected `|` before `where`
  //= operators are separated by `|`
    | take 5
"#,
    );
}

#[test]
fn missing_pipe_after_an_operator() {
    check(
        r"
    T | where a == 1 project b | count
                   //^^^^^^^ KQL0108 expected `|` before `project`
                   //= operators are separated by `|`
",
    );
}

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
fn missing_semicolon_before_a_query() {
    check(
        r"
    let a = 1;
    T | take a
    U | take a
  //^ KQL0109 expected `;` before `U`
  //= statements are separated by `;`, operators by `|`
",
    );
}

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
fn assignment_in_where() {
    check(
        r"
    T | where a = true
            //^^^^^^^^ KQL0114 `=` compares nothing here: the condition is `true` alone
            //= to compare, use `==`, or `=~` to ignore case
",
    );
}

#[test]
fn assignment_within_a_condition() {
    check(
        r"
    T | where a == 1 and b = 2
                         //^ KQL0114 expected a comparison, found `=`
                         //= to compare, use `==`, or `=~` to ignore case
",
    );
}

#[test]
fn assignment_in_join() {
    check(
        r"
    T | join U on $left.a = $right.b
                        //^ KQL0114 expected a comparison, found `=`
                        //= to compare, use `==`, or `=~` to ignore case
",
    );
}

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
            //^ KQL0115 `!` is no operator
            //= use `not(…)`
",
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
                   //^^ KQL0115 `&&` is no operator
                   //= use `and`
",
    );
}

#[test]
fn double_pipe() {
    check(
        r"
    T | where a == 1 || b == 2
                   //^^ KQL0115 `||` is no operator
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
              //^^ KQL0115 `is` is no operator
              //= use `isnull(…)`, `isnotnull(…)`, `isempty(…)` or `isnotempty(…)`
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
fn unknown_operator() {
    check(
        r"
    T | filtre a == 1
      //^^^^^^ KQL0107 unknown operator `filtre`
      //= did you mean `filter`?
",
    );
}

#[test]
fn unknown_operator_with_a_transposition() {
    check(
        r"
    T | sumamrize count()
      //^^^^^^^^^ KQL0107 unknown operator `sumamrize`
      //= did you mean `summarize`?
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
fn nothing_after_the_pipe() {
    check(
        r"
    T | where a == 1 |
                    //| KQL0107 expected an operator, found the end of the query
                    //= remove the `|`, or add an operator such as `where`
",
    );
}

#[test]
fn nothing_before_the_pipe() {
    check(
        r"
    | where a == 1
  //^ KQL0125 nothing stands before `|`
  //= start with a table: `Table | …`
",
    );
}

#[test]
fn nothing_in_where() {
    check(
        r"
    T | where | take 5
            //^ KQL0106 expected an expression, found `|`
",
    );
}

#[test]
fn missing_by_in_sort() {
    check(
        r"
    T | sort a desc
           //^ KQL0100 expected `by` after `sort`, found `a`
",
    );
}

#[test]
fn missing_by_in_top() {
    check(
        r"
    T | top 5
           //| KQL0100 expected `by` after the number of rows, found the end of the query
",
    );
}

#[test]
fn missing_on_in_lookup() {
    check(
        r"
    T | lookup (U)
                //| KQL0100 expected `on`, found the end of the query
                //= say which columns have to be equal: `on Name`
",
    );
}

#[test]
fn missing_operand() {
    check(
        r"
    T | where a == | take 5
                 //^ KQL0106 expected an expression, found `|`
",
    );
}

#[test]
fn dangling_and() {
    check(
        r"
    T | where a == 1 and
                      //| KQL0106 expected an expression, found the end of the query
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
fn chained_equality() {
    check(
        r"
    T | where a == b == c
                   //^^ KQL0119 `==` after another comparison
                   //= join comparisons by `and`, or put one in parentheses
",
    );
}

#[test]
fn chained_order() {
    check(
        r"
    T | where 1 < a < 5
                  //^ KQL0119 `<` after another comparison
                  //= join comparisons by `and`, or put one in parentheses
",
    );
}

#[test]
fn missing_and() {
    check(
        r"
    T | where a == 1 b == 2 | take 5
                   //^ KQL0126 expected `|` or the end of the operator, found `b`
                   //= a comma or an operator such as `and` may be missing
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
fn missing_function_body() {
    check(
        r"
    let f = (a: long); f(1)
                   //^ KQL0100 expected `{` before the function's body, found `;`
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
             //^^^ KQL0118 `a-b` is no name: it reads as a subtraction
             //= write `['a-b']`
",
    );
}

#[test]
fn column_in_a_typed_literal() {
    check(
        r"
    T | extend a = long(b)
                 //^^^^^^^ KQL0121 `b` is no value of type long
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
fn materialize_outside_of_let() {
    check(
        r"
    T | join (materialize(U)) on a
            //^^^^^^^^^^^ KQL0100 `materialize` outside of a `let` statement
            //= write `let name = materialize(…);` and use the name here
",
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
fn several_mistakes_in_one_query() {
    check(
        r"
    let a = ;
          //^ KQL0106 expected an expression, found `;`
    T | where b == | extnd c = 1
                 //^ KQL0106 expected an expression, found `|`
                   //^^^^^ KQL0107 unknown operator `extnd`
                   //= did you mean `extend`?
    | project d, | sort e
             //^ KQL0112 expected something after this comma, found `|`
             //= remove the comma, or add what is missing
                      //^ KQL0100 expected `by` after `sort`, found `e`
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
fn mistake_in_a_function_body() {
    check(
        r"
    let f = () { T | where a = 1 and = 2; }; f
                         //^^^^^^^^^^^^^ KQL0114 `=` compares nothing here: the condition is `1 and = 2` alone
                         //= to compare, use `==`, or `=~` to ignore case
                                   //^ KQL0106 expected an expression, found `=`
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

#[test]
fn double_minus() {
    check(
        r"
    print --1
         //^ KQL0106 expected an expression, found `-`
",
    );
}

#[test]
fn let_without_value() {
    check(
        r"
    let a; T
       //^ KQL0100 expected `=` after the name, found `;`
",
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

#[test]
fn empty_parentheses() {
    check(
        r"
    T | where a in ()
                  //^ KQL0106 expected an expression, found `)`
",
    );
}

#[test]
fn parse_without_with() {
    check(
        r#"
    T | parse a "x" b
              //^^^ KQL0100 expected `with` and the pattern after the text, found a string
"#,
    );
}

#[test]
fn make_series_without_step() {
    check(
        r"
    T | make-series count() on t from x to y
                                          //| KQL0100 expected `step` and the distance of two points, found the end of the query
",
    );
}

#[test]
fn scan_step_without_semicolon() {
    check(
        r"
    T | scan with (step s: true step t: false;)
                              //^^^^ KQL0100 expected `;` after the step, found `step`
",
    );
}

#[test]
fn range_without_step() {
    check(
        r"
    range x from 1 to 5
                     //| KQL0100 expected `step` and the distance of two values, found the end of the query
",
    );
}

#[test]
fn top_nested_without_of() {
    check(
        r"
    T | top-nested 5 a by count()
                   //^ KQL0100 expected `of` after the number of values, found `a`
",
    );
}

#[test]
fn evaluate_without_call() {
    check(
        r"
    T | evaluate bag_unpack
                         //| KQL0100 expected `(` after the function's name, found the end of the query
",
    );
}

#[test]
fn union_of_a_literal() {
    check(
        r#"
    union "x", T
        //^^^ KQL0106 expected a table, found a string
"#,
    );
}
