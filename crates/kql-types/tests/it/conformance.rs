//! Every value of the recorded results has to survive reading and printing, byte for byte.
//!
//! Source: `kql/conformance.jsonl` of the reference material, results of the Kusto Emulator.

use std::collections::BTreeMap;

use kql_types::{datetime, dynamic, guid, timespan};
use serde_json::{Value as Tree, value::RawValue};
use testkit::Reference;

/// One recorded query and its result; the rows keep the text they were recorded as.
struct Case {
    id: String,
    query: String,
    types: Vec<String>,
    rows: Vec<Vec<Box<RawValue>>>,
}

fn cases(reference: &Reference) -> Vec<Case> {
    let text = reference.text("kql/conformance.jsonl");
    text.lines()
        .map(|line| {
            let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(line).unwrap();
            let field = |name: &str| fields.get(name).map_or("null", |value| value.get());
            Case {
                id: serde_json::from_str(field("id")).unwrap(),
                query: serde_json::from_str(field("query")).unwrap(),
                types: serde_json::from_str(field("types")).unwrap(),
                rows: serde_json::from_str(field("rows")).unwrap(),
            }
        })
        .collect()
}

/// Calls `check` with the case and the text of each value of an engine type that is not null.
fn for_each(reference: &Reference, engine_type: &str, mut check: impl FnMut(&Case, &str)) -> usize {
    let mut count = 0usize;
    for case in cases(reference) {
        for row in &case.rows {
            for (ty, value) in case.types.iter().zip(row) {
                if ty == engine_type && value.get() != "null" {
                    check(&case, value.get());
                    count = count.saturating_add(1);
                }
            }
        }
    }
    count
}

#[test]
fn datetimes_print_as_recorded() {
    let reference = testkit::reference!("kql");
    let count = for_each(&reference, "DateTime", |case, json| {
        let text = dynamic::unquote(json);
        let ticks = datetime::parse(&text).unwrap_or_else(|| panic!("{}: {text}", case.id));
        assert_eq!(datetime::format_json(ticks).to_string(), text, "{}", case.id);
    });
    assert!(count > 400, "only {count} datetimes found");
}

#[test]
fn timespans_print_as_recorded() {
    let reference = testkit::reference!("kql");
    let count = for_each(&reference, "TimeSpan", |case, json| {
        let text = dynamic::unquote(json);
        let ticks = timespan::parse(&text).unwrap_or_else(|| panic!("{}: {text}", case.id));
        assert_eq!(timespan::format(ticks).to_string(), text, "{}", case.id);
    });
    assert!(count > 20, "only {count} timespans found");
}

#[test]
fn guids_are_canonical_as_recorded() {
    let reference = testkit::reference!("kql");
    let count = for_each(&reference, "Guid", |case, json| {
        let text = dynamic::unquote(json);
        assert_eq!(guid::parse(&text).as_deref(), Some(text.as_ref()), "{}", case.id);
    });
    assert!(count > 3, "only {count} guids found");
}

#[test]
fn dynamics_are_walked_to_the_same_leaves() {
    let reference = testkit::reference!("kql");
    let count = for_each(&reference, "Object", |case, json| {
        let tree: Tree = serde_json::from_str(json).unwrap();
        let compact = dynamic::compact(json).unwrap();
        let reread: Tree = serde_json::from_str(&compact).unwrap();
        assert_eq!(reread, tree, "{}", case.id);
        assert_eq!(leaves(&compact), leaves_of(&tree), "{}", case.id);
    });
    assert!(count > 300, "only {count} dynamics found");
}

/// Datetimes inside a dynamic have the form of `tostring`, which [`dynamic::encode`] writes.
#[test]
fn datetimes_within_dynamics_print_as_recorded() {
    let reference = testkit::reference!("kql");
    let mut count = 0usize;
    for_each(&reference, "Object", |case, json| {
        for element in dynamic::elements(json).filter(|element| element.ends_with("Z\"")) {
            let text = dynamic::unquote(element);
            if let Some(ticks) = datetime::parse(&text) {
                assert_eq!(datetime::format(ticks).to_string(), text, "{}", case.id);
                count = count.saturating_add(1);
            }
        }
    });
    assert!(count > 1_000, "only {count} datetimes found");
}

/// What begins with a digit is a literal; `datetime(x)` is a conversion and none of ours.
#[test]
fn datetime_literals_of_recorded_queries_are_read() {
    let reference = testkit::reference!("kql");
    let mut count = 0usize;
    for case in cases(&reference) {
        for (at, name) in case.query.match_indices("datetime(") {
            let is_whole_name =
                !case.query[..at].ends_with(|c: char| c.is_alphabetic() || c == '_');
            let rest = &case.query[at + name.len()..];
            let Some((inner, _)) = rest.split_once(')').filter(|_| is_whole_name) else { continue };
            let inner = inner.trim_matches(['\'', '"']);
            if inner.starts_with(|c: char| c.is_ascii_digit()) {
                assert!(datetime::parse(inner).is_some(), "{}: datetime({inner})", case.id);
                count = count.saturating_add(1);
            }
        }
    }
    assert!(count > 200, "only {count} literals found");
}

/// The texts of all scalars, in order, by our walk.
fn leaves(json: &str) -> Vec<String> {
    match dynamic::kind(json) {
        dynamic::Kind::Array => dynamic::elements(json).flat_map(leaves).collect(),
        dynamic::Kind::Bag => {
            let mut entries: Vec<_> = dynamic::entries(json).collect();
            entries.sort_by_key(|(key, _)| dynamic::unquote(key).into_owned());
            entries.into_iter().flat_map(|(_, value)| leaves(value)).collect()
        }
        dynamic::Kind::String => vec![dynamic::unquote(json).into_owned()],
        _ => vec![serde_json::from_str::<Tree>(json).unwrap().to_string()],
    }
}

/// The same by way of a parser's tree.
fn leaves_of(tree: &Tree) -> Vec<String> {
    match tree {
        Tree::Array(items) => items.iter().flat_map(leaves_of).collect(),
        Tree::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.into_iter().flat_map(|(_, value)| leaves_of(value)).collect()
        }
        Tree::String(text) => vec![text.clone()],
        scalar => vec![scalar.to_string()],
    }
}
