//! Records of a shape that a user has described, as events.

use crate::{
    dates::epoch_seconds,
    events::{names::keywords_of, times::time},
    json::{probe::Probe, text::text_of},
    known::user_shape::{COLUMNS, Place, UserShape},
};

use super::{draft::Draft, event::TreeEvent};

impl UserShape {
    /// Tells whether a record is of the shape.
    pub(crate) fn is_of(&self, record: Probe<'_>) -> bool {
        !self.requires.is_empty() && self.requires.iter().all(|place| get(record, place).is_some())
    }

    /// Reads a record; `None` if it is not of the shape.
    pub(crate) fn read(&self, record: Probe<'_>) -> Option<TreeEvent> {
        if !self.is_of(record) {
            return None;
        }
        let text = |places: &[Place]| {
            places
                .iter()
                .find_map(|place| text_of(get(record, place)?))
                .filter(|text| !text.is_empty())
        };
        let mut draft = Draft::default();
        draft.set_time(text(&self.time), |text| time(text).or_else(|| epoch_seconds(text)));
        for (column, element, attribute) in COLUMNS {
            let Some(value) = self.header.get(column).and_then(|places| text(places)) else {
                continue;
            };
            let bits = (column == "Keywords").then(|| keywords_of(&value)).flatten();
            let value = bits.map_or(value, str::to_owned);
            match attribute {
                Some(attribute) => draft.attribute(element, attribute, Some(value)),
                None => draft.element(element, Some(value)),
            }
        }
        if let Some(place) = &self.data {
            let value = get(record, place).filter(|value| !matches!(*value, "null" | "\"\""));
            match (value.and_then(Probe::new), value) {
                (Some(data), _) => {
                    data.members().for_each(|(name, value)| draft.json(&name, value));
                }
                (None, Some(other)) => draft.set_strange_data(other),
                (None, None) => {}
            }
        } else {
            let places = self.header.values().flatten().chain(&self.time);
            let header: Vec<&str> =
                places.filter_map(|place| place.first().map(String::as_str)).collect();
            let fields = record.members().filter(|(name, _)| !header.contains(&&**name));
            fields.for_each(|(name, value)| draft.json(&name, value));
        }
        Some(draft.finish())
    }
}

fn get<'r>(record: Probe<'r>, place: &[String]) -> Option<&'r str> {
    let steps: Vec<&str> = place.iter().map(String::as_str).collect();
    // A key may itself have points, as flattened exports write them.
    record.get(&steps).or_else(|| record.get(&[&steps.join(".")]))
}

#[cfg(test)]
mod tests {
    use windows_event_model::{DataValue, Event, SystemField, SystemValue};

    use super::*;

    const SHAPE: &str = r#"
        requires = ["evt.id"]
        time = ["evt.created", "ts"]
        data = "evt.fields"
        [header]
        EventID = "evt.id"
        Channel = "evt.log"
        Keywords = "evt.outcome"
        Computer = ["host.name", "host"]
    "#;

    #[test]
    fn records_are_read_as_the_file_says() {
        let shape = UserShape::parse(SHAPE).unwrap();
        let text = r#"{"ts":1600800811,"host":"h","evt":{"id":5140,"log":"Security","outcome":"Audit Failure","fields":{"A":1}}}"#;
        let event = shape.read(Probe::new(text).unwrap()).unwrap();
        let header = |field| match event.system(field) {
            Some(SystemValue::Text(text)) => text.into_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(header(SystemField::EventId), "5140");
        assert_eq!(header(SystemField::Computer), "h");
        assert_eq!(header(SystemField::Keywords), "0x8010000000000000");
        assert_eq!(header(SystemField::TimeCreated), "Some(Number(637363976110000000))");
        assert_eq!(event.data(&[]), Some(DataValue::Json(r#"{"A":"1"}"#.into())));
        assert!(shape.read(Probe::new(r#"{"evt":{}}"#).unwrap()).is_none());
    }

    #[test]
    fn without_a_place_for_data_they_are_what_is_left() {
        let shape =
            UserShape::parse("requires = ['id']\ntime = 't'\n[header]\nEventID = 'id'").unwrap();
        let event =
            shape.read(Probe::new(r#"{"id":1,"t":"2020-01-01","x.y":"z"}"#).unwrap()).unwrap();
        assert_eq!(event.data(&[]), Some(DataValue::Json(r#"{"x.y":"z"}"#.into())));
    }
}
