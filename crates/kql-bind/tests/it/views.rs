//! Views: rows of a table that a query makes of other tables.

use kql_bind::{bind, tree::display};
use kql_syntax::parse;

use crate::environment::{Build, Environment};

fn environment(view: &str) -> Environment {
    Environment::default()
        .with_table("T", "a: string, b: long")
        .with_table("Raw", "k: long, v: string")
        .with_view("T", "T/raw", view)
}

fn outcome(query: &str, environment: &Environment) -> (String, Vec<String>) {
    let (query, syntax) = parse(query);
    assert_eq!(syntax, []);
    let (bound, found) = bind(&query, environment);
    let found = found.into_iter().map(|it| format!("{} {}", it.code, it.message)).collect();
    (bound.results.last().map(|it| display(it).to_string()).unwrap_or_default(), found)
}

#[test]
fn a_view_is_united_with_the_native_rows() {
    let (tree, found) = outcome("T", &environment("Raw | where k == 1 | project a = v"));
    assert_eq!(found, Vec::<String>::new());
    let expected = "
union: a: string, b: long
  scan T: a: string, b: long
  project a, b = long(null)
    project a = v
      where (k == 1)
        scan Raw: k: long, v: string";
    assert_eq!(tree.trim(), expected.trim(), "\n{tree}");
}

#[test]
fn a_view_sees_no_variables_of_the_query() {
    let (_, found) =
        outcome("let Raw = print a = 'x'; T | take 1", &environment("Raw | project a = v"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn views_have_functions_of_their_own_that_no_list_shows() {
    let (_, found) =
        outcome("T", &environment("Raw | project a = __event_data_xml(parse_json(v))"));
    assert_eq!(found, Vec::<String>::new());
    assert!(kql_bind::functions::scalars().all(|it| !it.name.starts_with("__event_")));
}

#[test]
fn an_error_in_a_view_names_the_view_once() {
    let (_, found) = outcome("T | where b == 1 and a == 'x'", &environment("Raw | project a = w"));
    assert_eq!(found, ["KQL0212 view `T/raw` does not bind: unknown column `w`"]);
}

#[test]
fn a_view_gives_the_tables_types() {
    let (_, found) = outcome("T", &environment("Raw | project b = v"));
    assert_eq!(found, ["KQL0212 view `T/raw` gives `b` as string, the table has it as long"]);
}

#[test]
fn a_view_that_reads_its_own_table_is_refused() {
    let (_, found) = outcome("T", &environment("T | project a"));
    assert_eq!(found, ["KQL0212 view `T/raw` does not bind: view `T/raw` reads itself"],);
}

#[test]
fn a_table_read_twice_has_columns_of_its_own_each_time() {
    let (tree, found) = outcome("T | join kind=inner T on a", &environment("Raw | project a = v"));
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(tree.matches("scan Raw").count(), 2);
}
