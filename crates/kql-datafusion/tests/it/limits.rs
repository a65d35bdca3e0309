//! Memory has a limit: operators spill to disk above it, or the query fails and says so.

use std::sync::Arc;

use datafusion::{
    common::DataFusionError,
    execution::{
        SessionStateBuilder,
        memory_pool::{FairSpillPool, MemoryPool},
        runtime_env::RuntimeEnvBuilder,
    },
    prelude::{DataFrame, SessionConfig},
};
use kql_datafusion::{LowerOptions, lower};

use crate::{runner::bind, tables::Tables, values::json_rows};

/// What operators may take, far less than the rows.
const LIMIT_BYTES: usize = 12 << 20;

/// 200,000 rows of different texts, some 10 MB without what operators add.
const ROWS: &str = "range x from 1 to 200 step 1 | mv-expand y = range(1, 1000, 1) to typeof(long) \
                    | extend s = strcat('a text that has some length ', (x * 7919 + y) % 1000, ' ', x, ' ', y)";

/// Runs a query of one number under the limit; what is left of the memory afterwards has to be all.
fn run_limited(query: &str) -> Result<serde_json::Value, DataFusionError> {
    let tables = Tables::default();
    let relation = bind(query, &tables).expect("the query binds");
    let plan = lower(&relation, &tables, &LowerOptions::default()).expect("the query runs");
    let pool: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(LIMIT_BYTES));
    let environment =
        RuntimeEnvBuilder::new().with_memory_pool(Arc::clone(&pool)).build_arc().unwrap();
    let state = SessionStateBuilder::new()
        .with_config(SessionConfig::new().with_target_partitions(1))
        .with_runtime_env(environment)
        .with_default_features()
        .build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let batches = runtime.block_on(DataFrame::new(state, plan).collect())?;
    let columns: Vec<_> = relation.columns.iter().map(|it| (it.name.to_string(), it.ty)).collect();
    assert_eq!(pool.reserved(), 0, "{query}");
    Ok(json_rows(&batches, &columns)[0][0].clone())
}

/// Either the answer is right or the limit is named: never more memory, never another answer.
#[track_caller]
fn check(rest: &str, expected: i64) {
    match run_limited(&format!("{ROWS} | {rest}")) {
        Ok(value) => assert_eq!(value, expected, "{rest}"),
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains("Resources exhausted"), "{rest}: {message}");
        }
    }
}

#[test]
fn a_sort_spills() {
    let query = format!("{ROWS} | sort by s asc | serialize n = row_number() | summarize max(n)");
    assert_eq!(run_limited(&query).unwrap(), 200_000);
}

#[test]
fn a_grouping_spills_or_refuses() {
    check("summarize c = count() by s | summarize sum(c)", 200_000);
}

#[test]
fn a_join_spills_or_refuses() {
    check(&format!("join kind=inner ({ROWS} | project s) on s | summarize count()"), 200_000);
}

#[test]
fn a_set_of_all_texts_refuses_or_fits() {
    check("summarize l = make_set(s) | project array_length(l)", 200_000);
}

#[test]
fn rows_of_elements_stream() {
    let query = format!("{ROWS} | summarize count()");
    assert_eq!(run_limited(&query).unwrap(), 200_000);
}
