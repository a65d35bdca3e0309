//! `scan` against a plain implementation of what its documentation says, for any rows and steps.

use proptest::prelude::*;
use serde_json::Value as Json;

use crate::runner::{Outcome, run};

/// A row: its time, its kind and a number.
type Row = (i64, i64, i64);

/// A step, and what it is in KQL.
#[derive(Clone, Debug)]
struct Step {
    /// The kinds of rows that match.
    kinds: Vec<i64>,
    /// How far the row may be from the last one of a step; and whether it may be without one.
    within: Option<(usize, i64, bool)>,
    /// The step of whose number the declared column is the sum.
    sum: Option<usize>,
    output: &'static str,
}

/// The last row of a step.
#[derive(Clone, Copy)]
struct Last {
    t: i64,
    a: i64,
}

#[derive(Clone)]
struct Sequence {
    number: i64,
    last: Vec<Last>,
    pending: Option<Vec<i64>>,
}

/// What the declared column is where no step sets it.
const DEFAULT: i64 = 7;

fn query(rows: &[Row], steps: &[Step], is_partitioned: bool) -> String {
    let values: Vec<String> = rows.iter().map(|(t, v, x)| format!("{t}, {v}, {x}")).collect();
    let steps: Vec<String> = steps.iter().enumerate().map(|(at, step)| text(at, step)).collect();
    let steps = steps.join(" ");
    let table = format!("datatable (t: long, v: long, x: long) [{}]", values.join(", "));
    if is_partitioned {
        format!(
            "{table} | partition hint.strategy=native by x (sort by t asc | scan with_match_id=id \
             declare (a: long = {DEFAULT}) with ({steps}))"
        )
    } else {
        format!(
            "{table} | sort by t asc | scan with_match_id=id declare (a: long = {DEFAULT}) with \
             ({steps})"
        )
    }
}

fn text(at: usize, step: &Step) -> String {
    let kinds: Vec<String> = step.kinds.iter().map(ToString::to_string).collect();
    let within = step.within.map_or(String::new(), |(of, most, or_none)| {
        let is_none = if or_none { format!("isnull(s{of}.t) or ") } else { String::new() };
        format!(" and ({is_none}t - s{of}.t <= {most})")
    });
    let sum = step.sum.map_or(String::new(), |of| format!(" => a = x + s{of}.a"));
    format!("step s{at} output={}: v in ({}){within}{sum};", step.output, kinds.join(", "))
}

/// Goes through the rows of one partition as the documentation does.
fn reference(rows: &[Row], steps: &[Step]) -> Vec<Vec<i64>> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|(t, ..)| *t);
    let mut state: Vec<Option<Sequence>> = vec![None; steps.len()];
    let mut number = 0;
    let mut found = Vec::new();
    for row in rows {
        for at in (0..steps.len()).rev() {
            let before = at.checked_sub(1).and_then(|before| state[before].clone());
            let own = state[at].clone();
            let (mut sequence, is_new) = if let Some(before) = before
                && meets(&steps[at], row, &before.last)
            {
                found.extend(before.pending.clone());
                state[at - 1] = None;
                found.extend(own.and_then(|own| own.pending));
                (Sequence { pending: None, ..before }, true)
            } else if (at == 0 || own.is_some())
                && meets(&steps[at], row, own.as_ref().map_or(&[], |own| &own.last))
            {
                let fresh = || {
                    number += 1;
                    Sequence { number: number - 1, last: Vec::new(), pending: None }
                };
                (own.unwrap_or_else(fresh), false)
            } else {
                continue;
            };
            let (t, v, x) = row;
            let a = steps[at]
                .sum
                .map_or(DEFAULT, |of| x + sequence.last.get(of).map_or(DEFAULT, |last| last.a));
            if !is_new {
                sequence.last.truncate(at);
            }
            sequence.last.push(Last { t, a });
            let result = vec![t, v, x, a, sequence.number];
            match steps[at].output {
                "all" => found.push(result),
                "last" => sequence.pending = Some(result),
                _ => {}
            }
            state[at] = Some(sequence);
        }
    }
    found.extend(state.into_iter().flatten().filter_map(|sequence| sequence.pending));
    found
}

fn meets(step: &Step, (t, v, _): Row, last: &[Last]) -> bool {
    let is_near = step.within.is_none_or(|(of, most, or_none)| match last.get(of) {
        Some(last) => t - last.t <= most,
        None => or_none,
    });
    step.kinds.contains(&v) && is_near
}

#[track_caller]
fn answer(query: &str) -> Vec<Vec<i64>> {
    let Outcome::Ran(answer) = run(query) else { panic!("{query}: {:?}", run(query)) };
    let names: Vec<&str> = answer.columns.iter().map(|(name, _)| name.as_str()).collect();
    let place = |name: &str| names.iter().position(|it| *it == name).unwrap();
    let order = ["t", "v", "x", "a", "id"].map(place);
    let long = |cell: &Json| cell.as_i64().unwrap();
    let mut rows: Vec<Vec<i64>> =
        answer.rows.iter().map(|row| order.iter().map(|at| long(&row[*at])).collect()).collect();
    rows.sort();
    rows
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (1_i64..4, 0_i64..4, 0_i64..3);
    prop::collection::vec(row, 0..24).prop_map(|rows| {
        let mut time = 0;
        let row = |(gap, v, x)| {
            time += gap;
            (time, v, x)
        };
        rows.into_iter().map(row).collect()
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        prop::collection::vec(0_i64..4, 1..4),
        prop::option::of((0_usize..4, 0_i64..8, any::<bool>())),
        prop::option::of(0_usize..4),
        prop::sample::select(vec!["all", "last", "none"]),
    );
    prop::collection::vec(step, 1..4).prop_map(|steps| {
        let step =
            |(at, (kinds, within, sum, output)): (usize, (_, Option<_>, Option<usize>, _))| {
                let within = within
                    .map(|(of, most, or_none): (usize, i64, bool)| (of % (at + 1), most, or_none));
                Step { kinds, within, sum: sum.map(|of| of % (at + 1)), output }
            };
        steps.into_iter().enumerate().map(step).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn steps_match_as_documented(rows in rows(), steps in steps()) {
        let query = query(&rows, &steps, false);
        let mut expected = reference(&rows, &steps);
        expected.sort();
        prop_assert_eq!(answer(&query), expected, "{}", query);
    }

    #[test]
    fn each_partition_is_a_scan_of_its_own(rows in rows(), steps in steps()) {
        let query = query(&rows, &steps, true);
        let mut expected: Vec<Vec<i64>> = (0..3)
            .flat_map(|key| {
                let rows: Vec<Row> = rows.iter().copied().filter(|(.., x)| *x == key).collect();
                reference(&rows, &steps)
            })
            .collect();
        expected.sort();
        prop_assert_eq!(answer(&query), expected, "{}", query);
    }
}
