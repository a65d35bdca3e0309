//! The times of events in JSON: each is read as the column of its key is.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use kql_types::Ticks;

use crate::{
    dates::{TimeForm, order::Settled},
    json::{
        members::{elements, members},
        text::unescape,
    },
    losses::Losses,
    request::ScanRequest,
    rows::time::{TimeNotes, TimeReader},
};

/// Keys whose times are in UTC by their definition.
const IN_UTC: [&str; 4] = ["@timestamp", "SystemTime", "systemTime", "UtcTime"];
/// What a time is called whose key is not found.
const NAMELESS: &str = "the event's time";

/// Reads the times of the events of one shape.
#[derive(Clone, Debug)]
pub(crate) struct EventTimes {
    reader: TimeReader,
    /// Whether the shape's times are in UTC, whatever they say.
    is_in_utc: bool,
}

impl EventTimes {
    /// Returns a reader for events of a shape, with what is known of the order of day and month, by
    /// key, and what the user says.
    pub(crate) fn new(
        shape: &str,
        dates: Arc<BTreeMap<String, Settled>>,
        request: &ScanRequest,
    ) -> Self {
        // Source: EvtxECmd writes times as it finds them in the log, in UTC.
        Self { reader: TimeReader::new(dates, request), is_in_utc: shape == "EvtxECmd" }
    }

    /// Returns one that reads alike and has read nothing.
    pub(crate) fn fork(&self) -> Self {
        Self { reader: self.reader.fork(), is_in_utc: self.is_in_utc }
    }

    /// Reads the time of an event from its text, which stands somewhere in `record`.
    pub(crate) fn read(&mut self, record: &str, text: &str) -> Option<Ticks> {
        // Most times are ISO 8601 with their zone, and mean the same under any key.
        let plain = TimeForm::default().read(text).filter(|it| it.has_zone && !it.is_undecided);
        if let Some(time) = plain {
            return Some(time.ticks);
        }
        let key = key_of(record, text).unwrap_or(Cow::Borrowed(NAMELESS));
        let mut form = self.reader.form(&key);
        // Kibana shows times in the zone of whoever looks.
        let is_shown = text.contains(" @ ");
        if self.is_in_utc || !is_shown && IN_UTC.contains(&&*key) {
            form = TimeForm { offset: 0, is_zone_known: true, ..form };
        }
        let time = form.read(text)?;
        self.reader.notes.see(&key, &time, text);
        Some(time.ticks)
    }

    /// Returns what is to be said of the times.
    pub(crate) fn notes(&mut self) -> &mut TimeNotes {
        &mut self.reader.notes
    }

    /// Counts the dates of the record at hand that could be others.
    pub(crate) fn count(&mut self, line: i64, losses: &mut Losses) {
        self.reader.notes.count(line, losses);
    }
}

/// Returns the key behind which a text stands in an object, the innermost.
fn key_of<'r>(object: &'r str, text: &str) -> Option<Cow<'r, str>> {
    members(object).find_map(|(key, value)| match value.as_bytes().first() {
        Some(b'{') => key_of(value, text),
        Some(b'[') => elements(value).find_map(|element| key_of(element, text)),
        Some(b'"') => {
            let content = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let is_it = content.is_some_and(|content| unescape(content) == text);
            is_it.then_some(key)
        }
        _ => None,
    })
}

/// Reads a time; one without a zone is UTC, and what is finer than a tick is cut off.
///
/// A date that fits day first and month first is none: no event tells which it is.
pub(crate) fn time(text: &str) -> Option<Ticks> {
    let time = TimeForm::default().read(text)?;
    (!time.is_undecided).then_some(time.ticks)
}

#[cfg(test)]
mod tests {
    use kql_types::datetime;

    use super::*;

    #[test]
    fn the_key_of_a_text_is_the_innermost() {
        let object = r#"{"a":"x","b":{"c":[{"d":"5\/6"}]},"e":"5/6"}"#;
        assert_eq!(key_of(object, "5/6").as_deref(), Some("d"));
        assert_eq!(key_of(object, "x").as_deref(), Some("a"));
        assert_eq!(key_of(object, "c"), None);
    }

    #[test]
    fn nine_digits_are_cut_to_seven() {
        let expected = datetime::parse("2021-04-21T09:40:32.3423972Z");
        assert!(expected.is_some());
        for text in [
            "2021-04-21T09:40:32.3423972Z",
            "2021-04-21T09:40:32.342397299Z",
            " 2021-04-21T11:40:32.342397299+02:00\n",
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
        assert_eq!(time("yesterday"), None);
    }
}
