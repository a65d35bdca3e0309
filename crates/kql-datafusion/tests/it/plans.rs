//! What plans ask of the engine: types left alone, paths pushed into scans, evidence carried on.

use datafusion::{
    arrow::{
        array::{Array, AsArray, Int64Array, ListArray, RecordBatch},
        datatypes::Int64Type,
    },
    logical_expr::LogicalPlan,
    optimizer::{Analyzer, AnalyzerRule, analyzer::type_coercion::TypeCoercion},
    prelude::SessionConfig,
};
use kql_datafusion::{EVIDENCE, LowerOptions, lower};
use kql_types::KqlType;

use crate::{
    runner::{Outcome, bind, collect, collect_with, run_on},
    tables::Tables,
};

fn events() -> Tables {
    let columns = [
        ("EventID", KqlType::Long),
        ("Computer", KqlType::String),
        ("EventData", KqlType::Dynamic),
    ];
    Tables::default().with(
        "Event",
        &columns,
        &[
            &["1", "A", r#"{"Image":"cmd.exe","ProcessId":"4","User":{"Name":"x"}}"#],
            &["3", "B", r#"{"Image":"net.exe","Port":"445"}"#],
            &["", "", ""],
        ],
    )
}

fn plan(query: &str, tables: &Tables, evidence: bool) -> LogicalPlan {
    let relation = bind(query, tables).expect("the query binds");
    lower(&relation, tables, &LowerOptions { evidence }).expect("the query runs")
}

#[track_caller]
fn check_asked(query: &str, expected: &[&str]) {
    let tables = events();
    match run_on(query, &tables) {
        Outcome::Ran(_) => assert_eq!(tables.asked(), expected, "{query}"),
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn a_scan_delivers_the_paths_that_are_read_and_not_the_column() {
    check_asked(
        "Event | where EventID == 1 | extend Image = tostring(EventData.Image) \
         | project Image, Id = tolong(EventData.ProcessId)",
        &["EventID", "EventData.Image", "EventData.ProcessId"],
    );
}

#[test]
fn a_path_that_stays_dynamic_is_asked_for_as_such() {
    check_asked("Event | project User = EventData.User", &["EventData.User as dynamic"]);
    check_asked("Event | project Name = tostring(EventData.User.Name)", &["EventData.User.Name"]);
}

#[test]
fn a_dynamic_that_is_read_as_a_whole_is_delivered_as_a_whole() {
    check_asked(
        "Event | project EventData, Image = tostring(EventData.Image)",
        &["EventData", "EventData.Image"],
    );
}

#[test]
fn a_renamed_dynamic_still_names_its_scan() {
    check_asked(
        "Event | project-rename D = EventData | where D.Image == 'cmd.exe' | project EventID",
        &["EventID", "EventData.Image"],
    );
}

#[test]
fn columns_that_nothing_reads_are_not_asked_for() {
    check_asked("Event | project Computer", &["Computer"]);
    check_asked("Event | extend x = tostring(EventData.Image) | project EventID", &["EventID"]);
}

#[test]
fn paths_give_what_is_found() {
    let query = "Event | project Image = tostring(EventData.Image), Port = toint(EventData.Port)";
    match run_on(query, &events()) {
        Outcome::Ran(answer) => {
            let rows = serde_json::to_string(&answer.rows).unwrap();
            assert_eq!(rows, r#"[["cmd.exe",null],["net.exe",445],["",null]]"#);
        }
        other => panic!("{other:?}"),
    }
}

/// Coercion would decide by DataFusion's rules what Kusto decides otherwise.
#[test]
fn type_coercion_finds_nothing_to_do() {
    let queries = [
        "Event | where EventID == 1 and Computer in ('A', 'B') and EventData.Image has 'cmd'",
        "Event | extend x = EventID / 2.0, y = iff(EventID > 1, Computer, ''), z = EventID in (1, 2)",
        "Event | summarize count(), make_set(Computer), arg_max(EventID, *), avg(EventID) by Computer",
        "Event | join kind=leftouter (Event | project EventID, c = Computer) on EventID | sort by c",
        "union (Event | project EventID), (print EventID = 5), (datatable (x: string) ['a'])",
        "Event | where Computer in (Event | project Computer) | extend t = now() - 1h | take 5",
        "Event | extend a = case(EventID == 1, 'x', 'y'), b = coalesce(Computer, 'n'), c = -EventID",
        "Event | mv-expand with_itemindex=i x = pack_array(1, 2) to typeof(long), y = EventData limit 3",
        "Event | sort by EventID | extend p = prev(Computer, 1, 'x'), n = row_number(), c = row_cumsum(EventID)",
        "Event | parse Computer with 'a' n: long 'b' s | mv-apply v = EventData on (top 1 by tostring(v))",
        "Event | make-series c = count() on EventID from 1 to 5 step 1 by Computer",
        "Event | where Computer has_any ((Event | project Computer)) | partition by Computer (take 1)",
    ];
    for query in queries {
        let plan = plan(query, &events(), true);
        let rules: Vec<std::sync::Arc<dyn AnalyzerRule + Send + Sync>> =
            vec![std::sync::Arc::new(TypeCoercion::new())];
        let analyzed = Analyzer::with_rules(rules)
            .execute_and_check(
                plan.clone(),
                &datafusion::config::ConfigOptions::default(),
                |_, _| {},
            )
            .unwrap();
        let (before, after) = (plan.display_indent(), analyzed.display_indent());
        assert_eq!(before.to_string(), after.to_string(), "{query}");
    }
}

#[test]
fn rows_of_elements_and_of_groups_cite_their_records() {
    let each = "Event | mv-expand x = pack_array(1, 2) | project x";
    assert_eq!(cited(each), [vec![0], vec![0], vec![1], vec![1], vec![2], vec![2]]);
    let ordered = "Event | sort by EventID asc | extend n = row_number() | project n";
    assert_eq!(cited(ordered), [vec![2], vec![0], vec![1]]);
    let applied = "Event | mv-apply x = pack_array(1, 2) on (summarize s = count()) | project s";
    assert_eq!(cited(applied), [vec![0, 0], vec![1, 1], vec![2, 2]]);
}

/// Returns the numbers of the records that each row cites.
fn cited(query: &str) -> Vec<Vec<i64>> {
    let tables = events();
    let batches = collect(plan(query, &tables, true)).unwrap();
    batches.iter().flat_map(cited_by).collect()
}

fn cited_by(batch: &RecordBatch) -> Vec<Vec<i64>> {
    let lists = batch.column_by_name(EVIDENCE).expect("evidence is the last column");
    let lists: &ListArray = lists.as_list();
    let row = |at: usize| {
        let records = lists.value(at);
        let numbers = records.as_struct().column(0).as_any().downcast_ref::<Int64Array>().unwrap();
        numbers.iter().flatten().collect()
    };
    (0..lists.len()).map(row).collect()
}

#[test]
fn rows_cite_their_records() {
    assert_eq!(cited("Event | where EventID == 3 | project Computer"), [[1]]);
    assert_eq!(cited("Event | summarize count()"), [[0, 1, 2]]);
    assert_eq!(cited("Event | distinct Computer | sort by Computer asc"), [[2], [0], [1]]);
    assert_eq!(
        cited("Event | join kind=inner (Event | where EventID == 3) on EventID | project EventID"),
        [[1, 1]]
    );
    assert_eq!(
        cited("Event | where EventID in (3) | union (print EventID = 9)"),
        [vec![1], vec![]]
    );
    assert_eq!(
        cited("Event | join kind=leftanti (Event | where EventID == 3) on EventID | take 1"),
        [[0]]
    );
}

/// Rows of many batches on many partitions, whose order only the plan keeps.
#[test]
fn order_holds_on_many_partitions() {
    let config = SessionConfig::new()
        .with_target_partitions(4)
        .with_batch_size(64)
        .with_round_robin_repartition(true);
    let numbers = |query: &str| -> Vec<i64> {
        let plan = plan(query, &Tables::default(), false);
        let batches = collect_with(plan, config.clone()).unwrap();
        let column = |batch: &RecordBatch| batch.column(0).as_primitive::<Int64Type>().clone();
        batches.iter().flat_map(|batch| column(batch).values().to_vec()).collect()
    };
    let sorted = "range x from 1 to 5000 step 1 | sort by x desc | where x % 3 == 0";
    let found = numbers(&format!("{sorted} | extend y = x | project y"));
    assert_eq!(found.len(), 1666);
    assert!(found.is_sorted_by(|a, b| a > b));

    let listed = numbers(&format!(
        "{sorted} | project y = x, k = x % 7 | summarize l = make_list(y) by k \
         | project is_sorted = tolong(tostring(l) == tostring(array_sort_desc(l)))"
    ));
    assert_eq!(listed, [1; 7]);
}
