//! The kernels on examples, on what the engine was measured to answer, and against `serde_json`.

use proptest::prelude::*;
use serde_json::Value as Tree;

use super::*;

const EVENT: &str =
    r#"{"Image":"C:\\x.exe","a\"b":[1,[2,{"c":"]"}],"\u00e9"],"Empty":{},"n":null,"v":118.0}"#;

#[test]
fn gets_properties_and_elements_as_text() {
    assert_eq!(get(EVENT, "Image"), Some(r#""C:\\x.exe""#));
    assert_eq!(get(EVENT, "image"), None);
    assert_eq!(get(EVENT, "v"), Some("118.0"));
    assert_eq!(get(EVENT, "n"), Some("null"));
    assert_eq!(get("[1]", "n"), None);
    let list = get(EVENT, "a\"b").unwrap();
    assert_eq!(index(list, 0), Some("1"));
    assert_eq!(index(list, -1), Some(r#""\u00e9""#));
    assert_eq!(index(list, 3), None);
    assert_eq!(index(list, -4), None);
    assert_eq!(index(list, i64::MIN), None);
    assert_eq!(index(list, 1).and_then(|inner| index(inner, 1)), Some(r#"{"c":"]"}"#));
    assert_eq!(entries(EVENT).count(), 5);
    assert_eq!(entries("{}").count(), 0);
    assert_eq!(elements(" [ 1 , \"a\" ] ").collect::<Vec<_>>(), ["1", "\"a\""]);
    assert_eq!(get(r#"{"a":1,"a":2}"#, "a"), Some("1"));
}

#[test]
fn strings_lose_their_quotes() {
    for (json, text) in [
        (r#""x""#, "x"),
        ("null", ""),
        ("true", "true"),
        ("[1,2]", "[1,2]"),
        ("118.0", "118.0"),
        (r#""C:\\a\"b\/\n\t""#, "C:\\a\"b/\n\t"),
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud83d!\ude00""#, "\u{fffd}!\u{fffd}"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        (r#""\q\u12""#, "\\q\\u12"),
    ] {
        assert_eq!(unquote(json), text, "{json}");
    }
}

#[test]
fn kinds_have_kusto_names() {
    for (json, name) in [
        ("null", "null"),
        ("false", "bool"),
        ("-3", "long"),
        ("1.5", "double"),
        ("1e3", "double"),
        ("\"1.5\"", "string"),
        ("[1.5]", "array"),
        ("{}", "dictionary"),
        ("", "null"),
    ] {
        assert_eq!(kind(json).gettype(), name, "{json}");
    }
}

#[test]
fn compacts_blanks_and_spelling() {
    for (json, expected) in [
        (" { \"a b\" : [ 1.0 , 2 ] } ", r#"{"a b":[1.0,2]}"#),
        (r#""\u0041\/\u0001""#, r#""A/\u0001""#),
        (r#"["C:\\x"]"#, r#"["C:\\x"]"#),
    ] {
        assert_eq!(compact(json).as_deref(), Some(expected));
    }
    assert!(compact(EVENT.trim_end_matches('}')).is_none());
    assert!(matches!(compact(r#"{"a":"C:\\x"}"#), Some(Cow::Borrowed(_))));
}

#[test]
fn refuses_what_is_not_json() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "01",
        "1.",
        "-",
        "+1",
        ".5",
        "1e",
        "[1,]",
        "{\"a\":1,}",
        "[",
        "{",
        "]",
        "{\"a\"}",
        "{a:1}",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "'a'",
        "\"\n\"",
        "[1] 2",
        "[1}",
        "NaN",
        "\u{feff}1",
    ] {
        assert!(!is_valid(text), "{text}");
        assert_eq!(compact(text), None);
    }
}

#[test]
fn depth_costs_no_stack() {
    let depth = 1_000_000;
    let json = "[".repeat(depth) + &"]".repeat(depth);
    assert!(is_valid(&json));
    assert_eq!(index(&json, 0).map(str::len), Some(2 * depth - 2));
    assert!(!is_valid(&json[1..]));
}

#[test]
fn scalars_are_stored_as_pack_array_stores_them() {
    let mut out = String::new();
    for value in [
        Value::Datetime(Some(datetime::MIN)),
        Value::Timespan(Some(timespan::DAY)),
        Value::Real(Some(f64::NAN)),
        Value::Real(Some(1.5)),
        Value::Bool(Some(true)),
        Value::Long(None),
        Value::String("say \"hi\"".into()),
        Value::Decimal(Some("1.50".into())),
        Value::Dynamic(Some("[1]".into())),
    ] {
        encode(&value, &mut out);
        out.push(' ');
    }
    let expected =
        r#""0001-01-01T00:00:00.0000000Z" "1.00:00:00" "NaN" 1.5 true null "say \"hi\"" 1.50 [1] "#;
    assert_eq!(out, expected);
}

/// JSON trees without duplicate keys.
fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::from),
        any::<i64>().prop_map(Tree::from),
        any::<f64>().prop_map(Tree::from),
        any::<String>().prop_map(Tree::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Tree::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|entries| Tree::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn walking_finds_what_a_parser_finds(tree in tree(), is_pretty: bool) {
        let json = if is_pretty {
            serde_json::to_string_pretty(&tree).unwrap()
        } else {
            serde_json::to_string(&tree).unwrap()
        };
        prop_assert!(is_valid(&json));
        match &tree {
            Tree::Array(items) => {
                prop_assert_eq!(elements(&json).count(), items.len());
                for (element, item) in elements(&json).zip(items) {
                    prop_assert_eq!(&serde_json::from_str::<Tree>(element).unwrap(), item);
                }
            }
            Tree::Object(map) => {
                prop_assert_eq!(entries(&json).count(), map.len());
                for (key, item) in map {
                    let value = get(&json, key).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Tree>(value).unwrap(), item);
                }
            }
            Tree::String(text) => prop_assert_eq!(unquote(&json), text.as_str()),
            _ => prop_assert_eq!(unquote(&json), if tree.is_null() { "" } else { json.as_str() }),
        }
    }

    #[test]
    fn compact_is_what_serde_prints(tree in tree()) {
        let compact_json = serde_json::to_string(&tree).unwrap();
        let pretty = serde_json::to_string_pretty(&tree).unwrap();
        let compacted = compact(&pretty).unwrap();
        prop_assert_eq!(compacted.as_ref(), compact_json.as_str());
    }

    #[test]
    fn quoting_reads_back(text: String) {
        let mut quoted = String::new();
        quote(&text, &mut quoted);
        prop_assert_eq!(unquote(&quoted), text.as_str());
        prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
    }

    #[test]
    fn validity_is_what_serde_says(text in "[\\[\\]{}:,\"a0-9.eE\\\\ tnul-]{0,16}") {
        prop_assert_eq!(is_valid(&text), serde_json::from_str::<Box<serde_json::value::RawValue>>(&text).is_ok());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[\\[\\]{}:,\"\\\\u0-9a ]{0,40}", at: i64) {
        drop((kind(&text), get(&text, "a"), index(&text, at), unquote(&text), compact(&text)));
        let _ = (elements(&text).count(), entries(&text).count());
    }
}
