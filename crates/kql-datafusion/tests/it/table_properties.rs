//! What SQL engines get wrong of whole tables, for any rows: join keys that are null, columns of one
//! name and several types in a union, and how many elements lists and sets have.

use std::collections::BTreeMap;

use kql_types::{KqlType, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::runner::{Answer, Outcome, run};

fn answer(query: &str) -> Answer {
    match run(query) {
        Outcome::Ran(answer) => answer,
        other => panic!("{query}: {other:?}"),
    }
}

fn table(schema: &str, values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("datatable ({schema}) [{}]", values.join(", "))
}

/// Few different keys, so that many are equal, and some null.
fn keys() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop::option::of(0_i64..4), 0..8)
}

fn longs(keys: &[Option<i64>]) -> Vec<Value> {
    keys.iter().map(|key| Value::Long(*key)).collect()
}

/// Values of a type, and the text of each.
fn values() -> impl Strategy<Value = (KqlType, Vec<Value>)> {
    let some = |value: BoxedStrategy<Value>| prop::collection::vec(value, 1..4);
    prop_oneof![
        some(any::<i64>().prop_map(|it| Value::Long(Some(it))).boxed())
            .prop_map(|it| (KqlType::Long, it)),
        some(any::<i32>().prop_map(|it| Value::Int(Some(it))).boxed())
            .prop_map(|it| (KqlType::Int, it)),
        some("[a-z]{1,4}".prop_map(Value::String).boxed()).prop_map(|it| (KqlType::String, it)),
        some(any::<bool>().prop_map(|it| Value::Bool(Some(it))).boxed())
            .prop_map(|it| (KqlType::Bool, it)),
    ]
}

/// Conditions on a text `s`; `?` is what it is compared with.
const TEXT_CONDITIONS: [&str; 22] = [
    "s == ?",
    "s != ?",
    "s =~ ?",
    "s !~ ?",
    "s in (?, 'a')",
    "s !in (?, 'a')",
    "s in~ (?, 'a')",
    "s !in~ (?, 'a')",
    "s has ?",
    "s !has ?",
    "s hasprefix ?",
    "s hassuffix_cs ?",
    "s contains ?",
    "s !contains_cs ?",
    "s startswith ?",
    "s endswith_cs ?",
    "isempty(s)",
    "isnotempty(s) and s != ?",
    "not(s == ? or isempty(s))",
    "s == ? or s == 'b' or strlen(s) > 1",
    "not(s has ? and strlen(s) > 0)",
    "strlen(s) > 1 and (s =~ ? or s has 'a')",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn null_keys_join_null_keys(left in keys(), right in keys()) {
        let sides = [table("k: long", &longs(&left)), table("k: long", &longs(&right))];
        let pairs = left.iter().map(|key| right.iter().filter(|it| *it == key).count());
        let found_left = left.iter().filter(|key| right.contains(key)).count();
        let found_right = right.iter().filter(|key| left.contains(key)).count();
        let pairs: usize = pairs.sum();
        let (left_only, right_only) = (
            left.len().abs_diff(found_left),
            right.len().abs_diff(found_right),
        );
        for (kind, rows) in [
            ("inner", pairs),
            ("leftouter", [pairs, left_only].iter().sum()),
            ("rightouter", [pairs, right_only].iter().sum()),
            ("fullouter", [pairs, left_only, right_only].iter().sum()),
            ("leftsemi", found_left),
            ("rightsemi", found_right),
            ("leftanti", left_only),
            ("rightanti", right_only),
        ] {
            let query = format!("{} | join kind={kind} ({}) on k | count", sides[0], sides[1]);
            prop_assert_eq!(answer(&query).rows, vec![vec![json!(rows)]], "{}", query);
        }
    }

    #[test]
    fn a_union_splits_columns_by_type(left in values(), right in values()) {
        let of = |(ty, values): &(KqlType, Vec<Value>)| table(&format!("a: {ty}"), values);
        let found = answer(&format!("{} | union ({})", of(&left), of(&right)));
        let (types, rows) = (&found.columns, found.rows);
        if left.0 == right.0 {
            prop_assert_eq!(types, &vec![("a".to_owned(), left.0)]);
        } else {
            let column = |ty: KqlType| (format!("a_{ty}"), ty);
            prop_assert_eq!(types, &vec![column(left.0), column(right.0)]);
        }
        // Each row has its value in its own column, and nothing in the other.
        let missing = |ty: KqlType| if ty == KqlType::String { json!("") } else { Json::Null };
        let mut expected = Vec::new();
        for (side, other, is_left) in [(&left, &right, true), (&right, &left, false)] {
            for value in &side.1 {
                let value = json_of(value);
                expected.push(match (left.0 == right.0, is_left) {
                    (true, _) => vec![value],
                    (false, true) => vec![value, missing(other.0)],
                    (false, false) => vec![missing(other.0), value],
                });
            }
        }
        prop_assert_eq!(rows, expected);
    }

    /// Constants of a union's inputs decide before anything runs what kernels decide of rows.
    #[test]
    fn constants_are_compared_as_rows_are(
        texts in prop::collection::vec("[aAbB ä-]{0,2}", 2..5),
        sought in "[aAbB ä-]{0,2}",
    ) {
        let constants: Vec<Value> = texts.iter().cloned().map(Value::String).collect();
        let rows = table("s: string", &constants);
        let inputs: Vec<String> = constants.iter().map(|text| format!("(print s = {text})")).collect();
        let inputs = format!("union {}", inputs.join(", "));
        let sought = Value::String(sought);
        for condition in TEXT_CONDITIONS {
            let condition = condition.replace('?', &sought.to_string());
            let [of_inputs, of_rows] = [&inputs, &rows]
                .map(|rows| answer(&format!("{rows} | where {condition} | sort by s asc")).rows);
            prop_assert_eq!(of_inputs, of_rows, "{}", condition);
        }
    }

    #[test]
    fn lists_and_sets_stop_at_their_size(
        rows in prop::collection::vec((0_i64..3, prop::option::of(0_i64..6)), 0..30),
        size in 0_usize..6,
    ) {
        let constants: Vec<Value> =
            rows.iter().flat_map(|(group, value)| [Value::Long(Some(*group)), Value::Long(*value)]).collect();
        let found = answer(&format!(
            "{} | summarize make_list(v, {size}), make_set(v, {size}), make_list_with_nulls(v), dcount(tostring(v)) by g \
             | sort by g asc",
            table("g: long, v: long", &constants),
        ));
        let mut groups = BTreeMap::<i64, Vec<Option<i64>>>::new();
        for (group, value) in rows {
            groups.entry(group).or_default().push(value);
        }
        let expected = groups.into_iter().map(|(group, values)| {
            let list: Vec<i64> = values.iter().copied().flatten().collect();
            let mut set = Vec::new();
            let mut texts = Vec::new();
            for value in &list {
                if !set.contains(value) {
                    set.push(*value);
                }
            }
            for value in &values {
                if !texts.contains(value) {
                    texts.push(*value);
                }
            }
            let most = |list: &[i64]| list.iter().take(size).copied().collect::<Vec<_>>();
            // The text of null is a text, and counted.
            vec![json!(group), json!(most(&list)), json!(most(&set)), json!(values), json!(texts.len())]
        });
        prop_assert_eq!(found.rows, expected.collect::<Vec<_>>());
    }
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Long(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Bool(value) => json!(value),
        other => json!(other.to_text()),
    }
}
