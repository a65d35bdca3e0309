//! Parsing and binding all real queries, against parsing alone and against reading tokens alone.
//!
//! The tokens are the floor: whoever reads a query has to find them. One run goes over all queries, on
//! one core; the bar is 2 seconds for it.

use std::{collections::HashMap, error::Error};

use benches::Comparison;
use criterion::Criterion;
use kql_bind::bind;
use kql_syntax::{lexer::lex, parse};
use measure::{Environment, RealQuery, real_queries};

fn main() -> Result<(), Box<dyn Error>> {
    let queries = real_queries()?;
    let bytes = queries.iter().map(|query| query.query.len()).fold(0, usize::saturating_add);
    let mut environments = HashMap::new();
    for name in ["m365", "sentinel", "both"] {
        environments.insert(name.to_owned(), Environment::reference(name)?);
    }
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    Comparison::new("parse and bind", u64::try_from(bytes)?, || bound(&queries, &environments))
        .against("parsing", || sum(&queries, |query| parse(query).0.statements.len()))
        .against("reading tokens", || sum(&queries, |query| lex(query).len()))
        .run(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// Binds all queries and counts the columns of their results.
fn bound(queries: &[RealQuery], environments: &HashMap<String, Environment>) -> u64 {
    let mut columns = 0_usize;
    for query in queries {
        let Some(environment) = environments.get(&query.env) else { continue };
        let (tree, _) = parse(&query.query);
        let (bound, _) = bind(&tree, environment);
        let of_results = bound.results.iter().map(|result| result.columns.len());
        columns = of_results.fold(columns, usize::saturating_add);
    }
    u64::try_from(columns).unwrap_or(u64::MAX)
}

fn sum(queries: &[RealQuery], count: impl Fn(&str) -> usize) -> u64 {
    let counts = queries.iter().map(|query| count(&query.query));
    u64::try_from(counts.fold(0, usize::saturating_add)).unwrap_or(u64::MAX)
}
