//! Pipes, semicolons, operators and operands.

use crate::carets::check;

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
fn missing_function_body() {
    check(
        r"
    let f = (a: long); f(1)
                   //^ KQL0100 expected `{` before the function's body, found `;`
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
