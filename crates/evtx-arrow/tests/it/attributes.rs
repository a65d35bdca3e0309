//! Attributes within an event's data, as the template has them and as values of the record.

use evtx_arrow::{EventColumn, EventRequest};

use crate::{
    collect::read,
    crafted::{BinXml, Chunk, file, wide},
};

const STRING: u8 = 0x01;
const STRING_ARRAY: u8 = 0x81;
const NULL: u8 = 0x00;

/// Returns the columns of the one event that `section` writes into a template.
fn values(
    columns: Vec<EventColumn>,
    section: impl FnOnce(&mut BinXml),
    values: &[(u8, Vec<u8>)],
) -> Vec<Option<String>> {
    let chunk = Chunk::new().record(|xml| {
        let template = |xml: &mut BinXml| {
            xml.element("Event", &[], |xml| {
                xml.element("System", &[], |xml| xml.element("EventID", &[], |xml| xml.text("7")));
                section(xml);
            });
        };
        xml.define(1, template, values);
        xml.end();
    });
    let request = EventRequest { columns, filters: vec![] };
    let (_, collected) = read(&file(vec![chunk]), &request).unwrap();
    let mut row = collected.rows().remove(0);
    row.pop();
    row
}

fn data(section: impl FnOnce(&mut BinXml), of_record: &[(u8, Vec<u8>)]) -> String {
    let column = EventColumn::Dynamic(vec![]);
    values(vec![column], section, of_record).remove(0).unwrap_or_default()
}

fn text(path: &[&str]) -> EventColumn {
    EventColumn::Text(path.iter().map(|step| (*step).to_owned()).collect())
}

#[test]
fn attributes_of_the_wrapper_are_fields() {
    let literal = |xml: &mut BinXml| {
        xml.element("UserData", &[], |xml| {
            let attributes =
                [("xmlns", "urn:x"), ("xmlns:p", "y"), ("span", "{9}"), ("p:place", "a b")];
            xml.element("Arrival", &attributes, |xml| {
                xml.element("Port", &[], |xml| xml.slot(0));
            });
        });
    };
    let of_record = [(STRING, wide("COM3"))];
    assert_eq!(data(literal, &of_record), r#"{"@span":"{9}","@place":"a b","Port":"COM3"}"#);
    let columns = vec![text(&["@place"]), text(&["Port"]), text(&["@none"]), text(&["place"])];
    let row = values(columns, literal, &of_record);
    assert_eq!(row, ["a b", "COM3", "", ""].map(|text| Some(text.to_owned())));
}

#[test]
fn attributes_may_be_values_of_the_record() {
    let by_value = |xml: &mut BinXml| {
        xml.element("UserData", &[], |xml| {
            xml.element_of_values("Arrival", &[("span", 0), ("gone", 1)], |_| ());
        });
    };
    let of_record = [(STRING, wide("{9}")), (NULL, vec![])];
    assert_eq!(data(by_value, &of_record), r#"{"@span":"{9}"}"#);
    let row = values(vec![text(&["@span"]), text(&["@gone"])], by_value, &of_record);
    assert_eq!(row, ["{9}", ""].map(|text| Some(text.to_owned())));
}

#[test]
fn an_element_keeps_its_text_beside_its_attributes() {
    let mixed = |xml: &mut BinXml| {
        xml.element("EventData", &[("Name", "TICK")], |xml| {
            xml.element("Data", &[("Name", "A"), ("unit", "s")], |xml| xml.slot(0));
            xml.element("Data", &[("Name", "B")], |xml| xml.text("2"));
            xml.element_of_values("C", &[("n", 1)], |xml| xml.slot(0));
        });
    };
    let of_record = [(STRING, wide("1")), (STRING_ARRAY, wide("p\0q\0"))];
    let expected = r##"{"@Name":"TICK","A":{"@unit":"s","#text":"1"},"B":"2","C":[{"@n":"p","#text":"1"},{"@n":"q","#text":"1"}]}"##;
    assert_eq!(data(mixed, &of_record), expected);
    let columns =
        vec![text(&["A", "@unit"]), text(&["A", "#text"]), text(&["B"]), text(&["@Name"])];
    let row = values(columns, mixed, &of_record);
    assert_eq!(row, ["s", "1", "2", "TICK"].map(|text| Some(text.to_owned())));
}

#[test]
fn text_of_the_wrapper_alone_is_kept() {
    let wrapped = |xml: &mut BinXml| {
        xml.element("UserData", &[], |xml| {
            xml.element("Note", &[("by", "x")], |xml| xml.text("n"));
        });
    };
    assert_eq!(data(wrapped, &[]), r##"{"@by":"x","#text":"n"}"##);
}
