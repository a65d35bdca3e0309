//! Columns that only the data knows: the same ones in whatever order the rows are.

use proptest::prelude::*;

use crate::plain::{Outcome, run};

/// Bags of few properties, of values of several types.
fn bags() -> impl Strategy<Value = Vec<String>> {
    let value = prop::sample::select(vec!["1", "2.5", "true", "\"x\"", "null", "[1]", "{\"z\":1}"]);
    let entry = (prop::sample::select(vec!["a", "b", "c"]), value);
    let bag = prop::collection::btree_map(Just(()), entry.clone(), 0..2);
    let bag = (bag, prop::option::of(entry)).prop_map(|(first, second)| {
        let entries =
            first.into_values().chain(second).collect::<std::collections::BTreeMap<_, _>>();
        let entries = entries.iter().map(|(key, value)| format!("\"{key}\":{value}"));
        format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
    });
    prop::collection::vec(bag, 1..6)
}

/// Returns the columns, and the rows in order of their number.
#[track_caller]
fn unpacked(bags: &[(usize, &String)]) -> (Vec<(String, String)>, Vec<Vec<serde_json::Value>>) {
    let rows: Vec<String> = bags.iter().map(|(at, bag)| format!("{at}, '{bag}'")).collect();
    let query = format!(
        "datatable (at: long, json: string) [{}] | extend d = parse_json(json)
        | project-away json | evaluate bag_unpack(d) | sort by at asc",
        rows.join(", ")
    );
    let Outcome::Ran(answer) = run(&query) else { panic!("{query}: {:?}", run(&query)) };
    let columns = answer.columns.into_iter().map(|(name, ty)| (name, ty.to_string()));
    (columns.collect(), answer.rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn columns_do_not_depend_on_the_order_of_rows(bags in bags(), seed in any::<u64>()) {
        let numbered: Vec<(usize, &String)> = bags.iter().enumerate().collect();
        let mut shuffled = numbered.clone();
        let len = shuffled.len();
        for at in 0..len {
            let other = usize::try_from(seed.rotate_left(u32::try_from(at * 7).unwrap()) % 64).unwrap();
            shuffled.swap(at, other % len);
        }
        prop_assert_eq!(unpacked(&numbered), unpacked(&shuffled));
    }

    #[test]
    fn every_value_is_found_again(bags in bags()) {
        let numbered: Vec<(usize, &String)> = bags.iter().enumerate().collect();
        let (columns, rows) = unpacked(&numbered);
        for (bag, row) in bags.iter().zip(&rows) {
            let bag: serde_json::Map<String, serde_json::Value> = serde_json::from_str(bag).unwrap();
            for (key, value) in bag.iter().filter(|(_, value)| !value.is_null()) {
                let at = columns.iter().position(|(name, _)| name == key).unwrap();
                let same = match (&row[at], columns[at].1.as_str()) {
                    (cell, "bool") => cell.as_bool().is_some() && value.is_boolean(),
                    (cell, _) => cell == value,
                };
                prop_assert!(same, "{key}: {value} is {}", row[at]);
            }
        }
    }
}
