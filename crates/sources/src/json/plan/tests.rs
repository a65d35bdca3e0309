//! Tests of plans.

use super::*;

fn all(_: &Taken) -> bool {
    true
}

#[test]
fn takes_paths_and_skips_the_rest() {
    let mut plan = Plan::new();
    let name = plan.take(&["System", "Provider", "Name"]);
    let data = plan.take(&["Data"]);
    let nested = plan.take(&["Data", "x"]);
    assert_eq!(plan.take(&["Data"]), data);
    let missing = plan.take(&["Missing"]);
    let record = r#"{"Skip":[{}],"Data":{"x":1},"System":{"Provider":{"Name":"N"}}}"#;
    for _ in 0..2 {
        let mut taken = Taken::default();
        assert_eq!(plan.walk(record, &mut taken, &mut all), Ok(Walked::Whole));
        assert_eq!(taken.get(name, record), Some(r#""N""#));
        assert_eq!(taken.get(data, record), Some(r#"{"x":1}"#));
        assert_eq!(taken.get(nested, record), Some("1"));
        assert_eq!(taken.get(missing, record), None);
    }
}

#[test]
fn a_key_that_is_there_twice_is_an_error() {
    let mut plan = Plan::new();
    plan.take(&["a", "b"]);
    plan.take(&["missing"]);
    let mut taken = Taken::default();
    let mut walk = |record: &str| {
        let walked = plan.walk(record, &mut taken, &mut all);
        walked.map_err(|error| (error.offset, error.expected))
    };
    let twice = Err((13, repeated::EXPECTED));
    for _ in 0..2 {
        assert_eq!(walk(r#"{"a":1,"c":2,"a":3}"#), twice);
        assert_eq!(walk(r#"{"c":1,"a":2,"c":3}"#), twice);
        assert_eq!(walk(r#"{"a":{"b":1,"b":2}}"#), Err((12, repeated::EXPECTED)));
        // The same keys in another order, or in another object, are there once.
        for record in [r#"{"c":{"b":1},"a":{"b":2}}"#, r#"{"a":{"b":2},"c":{"b":1}}"#] {
            assert_eq!(walk(record), Ok(Walked::Whole));
        }
    }
}

#[test]
fn any_key_leads_on_but_attributes_do_not() {
    let mut plan = Plan::new();
    let slot = plan.take(&["UserData", ANY, "x"]);
    let whole = plan.take(&["UserData", ANY]);
    let record = r##"{"UserData":{"#attributes":{"x":1},"E_attributes":{"x":2},"E":{"x":3}}}"##;
    let mut taken = Taken::default();
    assert_eq!(plan.walk(record, &mut taken, &mut all), Ok(Walked::Enough));
    assert_eq!(taken.get(slot, record), Some("3"));
    assert_eq!(taken.get(whole, record), Some(r#"{"x":3}"#));
}

#[test]
fn stops_when_undesired_or_complete() {
    let mut plan = Plan::new();
    let id = plan.take(&["id"]);
    plan.decide_by(id);
    let name = plan.take(&["name"]);
    let record = r#"{"id":7,"name":"n","broken}"#;
    let mut taken = Taken::default();
    let walked = plan.walk(record, &mut taken, &mut |taken| taken.get(id, record) != Some("7"));
    assert_eq!(walked, Ok(Walked::Unwanted));
    assert_eq!(plan.walk(record, &mut taken, &mut all), Ok(Walked::Enough));
    assert_eq!(taken.get(name, record), Some(r#""n""#));
    let cut = record.strip_suffix('}').unwrap();
    assert_eq!(plan.walk(cut, &mut taken, &mut all).map_err(|error| error.offset), Err(26));
}

#[test]
fn collects_what_is_not_excepted() {
    let mut plan = Plan::new();
    let id = plan.take(&["id"]);
    plan.take(&["b"]);
    plan.collect_top_level_except(&["id", "host"]);
    let record = r#"{"a":1,"id":7,"host":"h","b":{"id":1}}"#;
    let mut taken = Taken::default();
    assert_eq!(plan.walk(record, &mut taken, &mut all), Ok(Walked::Whole));
    assert_eq!(taken.get(id, record), Some("7"));
    let collected: Vec<_> = taken.collected(record).collect();
    assert_eq!(collected, [("a", "1"), ("b", r#"{"id":1}"#)]);
}

#[test]
fn keys_may_come_in_any_order() {
    let mut plan = Plan::new();
    let slots = ["a", "b", "c"].map(|key| plan.take(&[key]));
    let mut taken = Taken::default();
    for record in
        [r#"{"a":1,"b":2,"c":3}"#, r#"{"c":3,"a":1,"b":2}"#, r#"{"x":0,"b":2,"\u0061":1,"c":3}"#]
    {
        plan.walk(record, &mut taken, &mut all).unwrap();
        assert_eq!(slots.map(|slot| taken.get(slot, record).unwrap()), ["1", "2", "3"]);
    }
}

#[test]
fn a_place_with_nothing_in_it_gives_way_to_another() {
    let mut plan = Plan::new();
    let alone = plan.take(&["alone"]);
    let either = plan.take_any(&[&["a"][..], &["b", ANY][..]]);
    let mut taken = Taken::default();
    let mut walk = |record: &'static str| {
        let walked = plan.walk(record, &mut taken, &mut all).unwrap();
        (taken.get(alone, record), taken.get(either, record), walked)
    };
    assert_eq!(
        walk(r#"{"a":null,"alone":null,"b":{"x":1}}"#),
        (Some("null"), Some("1"), Walked::Enough)
    );
    assert_eq!(walk(r#"{"b":{"x":{}},"alone":1,"a":2}"#), (Some("1"), Some("2"), Walked::Enough));
    assert_eq!(
        walk(r#"{"a":"","b":{"x":[]},"alone":1}"#),
        (Some("1"), Some("\"\""), Walked::Whole)
    );
    assert_eq!(walk(r#"{"a":3,"b":{"x":4},"alone":1}"#), (Some("1"), Some("3"), Walked::Enough));
}
