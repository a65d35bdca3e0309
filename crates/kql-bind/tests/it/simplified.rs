//! What simplifications make of a query's tree.

use kql_bind::{
    bind,
    tree::{Relation, display},
};
use kql_syntax::parse;

use crate::environment::Environment;

/// Returns the tree of a query's last result, simplified, as text.
#[track_caller]
pub(crate) fn simplified(
    query: &str,
    environment: &Environment,
    simplify: fn(&mut Relation),
) -> String {
    let (query, syntax) = parse(query);
    assert_eq!(syntax, []);
    let (mut bound, found) = bind(&query, environment);
    assert_eq!(found, []);
    let mut result = bound.results.pop().unwrap();
    simplify(&mut result);
    display(&result).to_string()
}
