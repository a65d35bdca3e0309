//! Chunks that are built to cost time or memory, and the rules that only crafted records show.

use evtx_arrow::{DamageReason, EventColumn, EventRequest, RecordError};
use windows_event_model::SystemField;

use crate::{
    collect::read,
    crafted::{BinXml, Chunk, file, wide},
};

const STRING: u8 = 0x01;
const BINXML: u8 = 0x21;
const STRING_ARRAY: u8 = 0x81;

fn request() -> EventRequest {
    let columns = vec![EventColumn::System(SystemField::EventId), EventColumn::Dynamic(vec![])];
    EventRequest { columns, filters: vec![] }
}

/// Reads a file, and returns its rows without their lines, and why records were rejected.
fn outcome(chunks: Vec<Chunk>) -> (Vec<Vec<Option<String>>>, Vec<RecordError>) {
    let (_, collected) = read(&file(chunks), &request()).unwrap();
    let errors = collected.damages.iter().map(|damage| match damage.reason {
        DamageReason::Record(error) => error,
        ref other => panic!("{other}"),
    });
    let errors = errors.collect();
    let mut rows = collected.rows();
    for row in &mut rows {
        row.pop();
    }
    (rows, errors)
}

fn rejected(chunk: Chunk) -> Vec<RecordError> {
    let (rows, errors) = outcome(vec![chunk]);
    assert_eq!(rows, Vec::<Vec<Option<String>>>::new());
    errors
}

fn row(id: &str, data: &str) -> Vec<Option<String>> {
    vec![Some(id.to_owned()), Some(data.to_owned())]
}

/// An event with number 7 and the given data.
fn event(xml: &mut BinXml, data: impl FnOnce(&mut BinXml)) {
    xml.element("Event", &[], |xml| {
        xml.element("System", &[], |xml| xml.element("EventID", &[], |xml| xml.text("7")));
        xml.element("EventData", &[], data);
    });
}

#[test]
fn records_without_a_template_are_read() {
    let chunk = Chunk::new().record(|xml| {
        event(xml, |xml| xml.element("Data", &[("Name", "A")], |xml| xml.text("x\"y")));
        xml.end();
    });
    assert_eq!(outcome(vec![chunk]), (vec![row("7", r#"{"A":"x\"y"}"#)], vec![]));
}

#[test]
fn an_array_repeats_its_element() {
    let array = [wide("a\0"), wide("b\0"), wide("\0")].concat();
    let values = [(STRING_ARRAY, array), (STRING_ARRAY, wide("p\0q\0"))];
    let chunk = Chunk::new().record(|xml| {
        xml.define(
            1,
            |xml| {
                event(xml, |xml| {
                    xml.element("Data", &[], |xml| xml.slot(0));
                    xml.element("Data", &[("Name", "N")], |xml| {
                        xml.slot(1);
                        xml.text("/");
                        xml.slot(1);
                    });
                });
            },
            &values,
        );
        xml.end();
    });
    let expected = r#"{"Data":["a","b",""],"N":["p/p","p/q","q/p","q/q"]}"#;
    assert_eq!(outcome(vec![chunk]), (vec![row("7", expected)], vec![]));
}

#[test]
fn templates_of_one_identifier_are_told_apart_by_their_contents() {
    let chunk = |name: &'static str, text: &'static str| {
        Chunk::new().record(move |xml| {
            xml.define(
                1,
                |xml| {
                    event(xml, |xml| {
                        xml.element(name, &[], |xml| xml.slot(0));
                        xml.element("Same", &[], |xml| xml.text(text));
                    });
                },
                &[(STRING, wide("v"))],
            );
            xml.end();
        })
    };
    let chunks = vec![chunk("Aa", "1"), chunk("Aa", "2"), chunk("Bb", "2"), chunk("Aa", "1")];
    let expected = vec![
        row("7", r#"{"Aa":"v","Same":"1"}"#),
        row("7", r#"{"Aa":"v","Same":"2"}"#),
        row("7", r#"{"Bb":"v","Same":"2"}"#),
        row("7", r#"{"Aa":"v","Same":"1"}"#),
    ];
    assert_eq!(outcome(chunks), (expected, vec![]));
}

#[test]
fn elements_nested_without_end() {
    let chunk = Chunk::new().record(|xml| {
        for _ in 0..2000 {
            xml.open("A");
        }
        for _ in 0..2000 {
            xml.close();
        }
    });
    assert_eq!(rejected(chunk), [RecordError::TooDeep]);
}

#[test]
fn instances_nested_without_end() {
    let chunk = Chunk::new().record(|xml| {
        let wrap = |xml: &mut BinXml| xml.element("A", &[], |xml| xml.slot(0));
        let inner = wide("x");
        let definition = xml.at() + 10;
        // From the innermost outwards; only the outermost carries the definition.
        let mut value = (STRING, inner);
        for _ in 0..1000 {
            let mut nested = BinXml::new(0, false);
            nested.instance(definition, &[value]);
            value = (BINXML, nested.bytes);
        }
        xml.define(1, wrap, &[value]);
        xml.end();
    });
    assert_eq!(rejected(chunk), [RecordError::TooDeep]);
}

#[test]
fn a_definition_that_is_its_own_instance() {
    let chunk = Chunk::new().record(|xml| {
        let here = xml.at();
        xml.instance(here, &[(BINXML, vec![0; 100])]);
        xml.end();
    });
    assert_eq!(rejected(chunk).len(), 1);
}

#[test]
fn a_definition_that_holds_an_instance_of_itself() {
    let chunk = Chunk::new().record(|xml| {
        let definition = xml.at() + 10;
        let template = |xml: &mut BinXml| {
            xml.element("A", &[], |xml| xml.instance(definition, &[]));
        };
        xml.define(1, template, &[]);
        xml.end();
    });
    assert!(matches!(*rejected(chunk), [RecordError::MisplacedToken { token: 0x0c, .. }]));
}

#[test]
fn a_name_that_is_its_own_reference() {
    let chunk = Chunk::new().record(|xml| {
        let at = xml.at();
        xml.bytes.extend([0x01, 0, 0, 0, 0]);
        xml.bytes.extend(u32::try_from(at).unwrap().to_le_bytes());
        xml.bytes.extend([0x02, 0x04, 0]);
    });
    // The name is some text or ends past the chunk; either way the record is accounted for.
    let (rows, errors) = outcome(vec![chunk]);
    assert_eq!(rows.len() + errors.len(), 1);
}

#[test]
fn numbers_that_promise_gigabytes() {
    for what in ["definition's offset", "definition's size", "count of values"] {
        let chunk = Chunk::new().record(|xml| {
            let instance = xml.bytes.len();
            xml.define(1, |xml| event(xml, |_| ()), &[]);
            let at = match what {
                "definition's offset" => instance + 6,
                "definition's size" => instance + 30,
                _ => xml.bytes.len() - 4,
            };
            xml.bytes[at..at + 4].fill(0xff);
            xml.end();
        });
        assert!(matches!(*rejected(chunk), [RecordError::Truncated { .. }]), "{what}");
    }
    let chunk = Chunk::new().record(|xml| {
        xml.bytes.extend([0x01, 0xff, 0xff, 0xff, 0xff]);
        xml.bytes.extend([0xff; 4]);
    });
    assert!(matches!(*rejected(chunk), [RecordError::Truncated { .. }]));
}

#[test]
fn one_value_in_thousands_of_places() {
    let chunk = Chunk::new()
        .record(|xml| {
            xml.define(
                1,
                |xml| {
                    event(xml, |xml| {
                        xml.element("Data", &[], |xml| (0..4000).for_each(|_| xml.slot(0)));
                    });
                },
                &[(STRING, wide(&"x".repeat(20_000)))],
            );
            xml.end();
        })
        .record(|xml| {
            event(xml, |_| ());
            xml.end();
        });
    // The record after it is read all the same.
    assert_eq!(outcome(vec![chunk]), (vec![row("7", "{}")], vec![RecordError::TooCostly]));
}

#[test]
fn arrays_that_multiply() {
    let chunk = Chunk::new().record(|xml| {
        let items = [STRING_ARRAY; 3].map(|ty| (ty, wide(&"a\0".repeat(1000))));
        xml.define(
            1,
            |xml| {
                event(xml, |xml| {
                    xml.element("Data", &[], |xml| (0..3).for_each(|id| xml.slot(id)));
                });
            },
            &items,
        );
        xml.end();
    });
    assert_eq!(rejected(chunk), [RecordError::TooCostly]);
}

#[test]
fn a_chunk_of_costly_records_is_given_up_in_time() {
    let costly = |xml: &mut BinXml| {
        event(xml, |xml| xml.element("Data", &[], |xml| (0..300).for_each(|_| xml.slot(0))));
    };
    let value = [(STRING, wide(&"x".repeat(10_000)))];
    let mut definition = 0;
    let mut chunk = Chunk::new().record(|xml| {
        definition = xml.define(1, costly, &value);
        xml.end();
    });
    // Each of these takes its value from the bytes that follow it.
    for _ in 0..500 {
        chunk = chunk.record(|xml| {
            xml.instance(definition, &[(STRING, vec![])]);
            let descriptor = xml.bytes.len() - 4;
            xml.bytes[descriptor..descriptor + 2].copy_from_slice(&15_000_u16.to_le_bytes());
            xml.end();
        });
    }
    let (rows, errors) = outcome(vec![chunk]);
    assert_eq!(rows.len() + errors.len(), 501);
}
