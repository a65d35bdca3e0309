//! An event's tree that reads any form of time.

use evtx_arrow::{DataValue, Event, EventTree, SystemField, SystemValue};
use kql_types::{Ticks, datetime};

/// Digits behind the point of a second that a tick can hold.
const FRACTION_DIGITS: usize = 7;

/// An event as its XML tree, with its time.
#[derive(Debug)]
pub(crate) struct TreeEvent {
    tree: EventTree,
    time: Option<Ticks>,
}

impl TreeEvent {
    /// Wraps the tree of an event and its time, if it has one.
    pub(crate) const fn new(tree: EventTree, time: Option<Ticks>) -> Self {
        Self { tree, time }
    }
}

impl Event for TreeEvent {
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
        match field {
            SystemField::TimeGenerated => self.time.map(SystemValue::Number),
            _ => self.tree.system(field),
        }
    }

    fn data(&self, path: &[String]) -> Option<DataValue<'_>> {
        self.tree.data(path)
    }
}

/// Reads a time; one without a zone is UTC, and what is finer than a tick is cut off.
///
/// Windows writes up to nine digits behind the point.
pub(crate) fn time(text: &str) -> Option<Ticks> {
    let text = text.trim();
    let Some((whole, rest)) = text.split_once('.') else { return datetime::parse(text) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits <= FRACTION_DIGITS {
        return datetime::parse(text);
    }
    let (kept, zone) = (rest.get(..FRACTION_DIGITS)?, rest.get(digits..)?);
    datetime::parse(&format!("{whole}.{kept}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
