//! Queries, and the columns of tables by which they divide.

use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use tables::TableDefinition;

use super::*;
use crate::{Engine, Environment, Settings, compile};

/// Visits of users to hosts from addresses, and logons of accounts.
fn environment() -> Environment {
    let mut environment = Environment::empty();
    for (name, columns) in
        [("Visits", ["Host", "User", "Address"]), ("Logons", ["Computer", "Account", "Source"])]
    {
        let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
        let texts = columns.iter().map(|name| column(name, KqlType::String));
        let columns = [column("TimeGenerated", KqlType::Datetime)].into_iter().chain(texts);
        let schema = TableSchema { name: name.to_owned(), columns: columns.collect() };
        environment.add(TableDefinition { schema, views: Vec::new() });
    }
    environment
}

/// Returns, for each leaf of a query's plan, what it divides by.
fn of(query: &str) -> Option<Vec<String>> {
    let environment = environment();
    let engine = Engine::new(&environment, Settings::for_tests()).unwrap();
    let compiled = compile(query, &environment, true).unwrap();
    let plan = engine.optimized(&compiled.results[0].plan).unwrap();
    let of_leaf = |exprs: Vec<Expr>| {
        let texts: Vec<String> = exprs.iter().map(ToString::to_string).collect();
        texts.join(" | ")
    };
    Some(division(&plan)?.into_iter().map(of_leaf).collect())
}

#[track_caller]
fn divides_by(query: &str, leaves: &[&str]) {
    assert_eq!(
        of(query).as_deref(),
        Some(&leaves.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
        "{query}"
    );
}

#[test]
fn groups_divide_by_their_keys_and_by_what_is_computed_of_them() {
    divides_by("Visits | summarize count() by User", &["User"]);
    divides_by(
        "Visits | summarize n = count() by User, Address | where n > 3 | project n",
        &["User | Address"],
    );
    divides_by(
        "Visits | summarize n = count() by User, Address | summarize count() by User",
        &["User"],
    );
    let by_time = of("Visits | summarize count() by User, bin(TimeGenerated, 10m)").unwrap();
    assert!(by_time[0].contains("User") && by_time[0].contains("TimeGenerated"), "{by_time:?}");
}

#[test]
fn joins_divide_by_what_both_sides_have() {
    divides_by(
        "Visits | join kind=inner (Logons | project Account, Computer) \
         on $left.User == $right.Account",
        &["User", "Account"],
    );
    divides_by(
        "Visits | join kind=leftanti (Logons) on $left.User == $right.Account",
        &["User", "Account"],
    );
    divides_by(
        "Visits | summarize n = count() by User, Address \
         | join kind=inner (Logons | summarize m = count() by Account) \
         on $left.User == $right.Account",
        &["User", "Account"],
    );
}

#[test]
fn a_union_divides_by_what_all_of_it_divides_by() {
    divides_by(
        "union (Visits | project User = User, Address), \
         (Logons | project User = Account, Address = Source) \
         | summarize count() by User",
        &["User", "Account"],
    );
}

#[test]
fn windows_divide_by_their_partitions_alone() {
    divides_by(
        "Visits | partition by User (sort by TimeGenerated asc | extend n = row_number())",
        &["CAST(User AS LargeUtf8)"],
    );
    assert_eq!(of("Visits | sort by TimeGenerated asc | extend n = row_number()"), None);
}

#[test]
fn what_does_not_divide() {
    for query in [
        "Visits | where User == 'a'",
        "Visits | summarize count()",
        "Visits | summarize n = count() by User | summarize max(n)",
        "Visits | summarize n = count() by User | top 1 by n",
        "Visits | summarize n = count() by Age = bin(now() - TimeGenerated, 1h)",
        "Visits | join kind=fullouter (Logons) on $left.User == $right.Account",
        "Visits | extend n = toscalar(Logons | count) | summarize max(n) by User",
        "union (Visits | summarize count() by User), (Logons | summarize count())",
        "Visits | summarize n = count() by User \
         | join kind=inner (Logons | summarize m = count() by Account) on $left.n == $right.m",
    ] {
        assert_eq!(of(query), None, "{query}");
    }
}
