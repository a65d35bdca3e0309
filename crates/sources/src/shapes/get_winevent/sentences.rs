//! The messages of Windows' own events that are a sentence, by language.

use super::fields::Field;

const SERVICES: &str = "Service Control Manager";

/// A message that is a sentence, in one language.
pub(super) struct Sentence {
    provider: &'static str,
    id: &'static str,
    /// What stands before, between and behind the fields.
    parts: &'static [&'static str],
    fields: &'static [&'static str],
}

impl Sentence {
    /// Tells whether it is the event's.
    pub(super) fn is_of(&self, provider: &str, id: &str) -> bool {
        self.provider == provider && self.id == id
    }

    /// Reads the fields, `None` if the message is another sentence.
    pub(super) fn read(&self, message: &str) -> Option<Vec<Field>> {
        let (first, parts) = self.parts.split_first()?;
        let mut rest = message.trim().strip_prefix(first)?;
        let mut fields = Vec::new();
        for (place, (name, part)) in self.fields.iter().zip(parts).enumerate() {
            let is_last = place.checked_add(1)? == self.fields.len();
            // A name may hold the words behind it, a state may not.
            let (value, behind) =
                if is_last { (rest.strip_suffix(part)?, "") } else { rest.rsplit_once(part)? };
            fields.push((*name, value.to_owned()));
            rest = behind;
        }
        Some(fields)
    }
}

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        provider: SERVICES,
        id: "7036",
        parts: &["The ", " service entered the ", " state."],
        fields: &["param1", "param2"],
    },
    Sentence {
        provider: SERVICES,
        id: "7036",
        parts: &["Dienst \"", "\" befindet sich jetzt im Status \"", "\"."],
        fields: &["param1", "param2"],
    },
    Sentence {
        provider: SERVICES,
        id: "7040",
        parts: &["The start type of the ", " service was changed from ", " to ", "."],
        fields: &["param1", "param2", "param3"],
    },
];
