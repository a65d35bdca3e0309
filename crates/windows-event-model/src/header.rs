//! Header fields brought into their encoding, whatever form the source has them in.

use std::borrow::Cow;

use crate::{
    event::{Event, SystemValue},
    system_field::SystemField,
};

/// Returns a numeric field of the event, `None` if it is missing or no number.
pub fn long(event: &impl Event, field: SystemField) -> Option<i64> {
    let value = event.system(field).or_else(|| match field {
        SystemField::RecordId => event.system(SystemField::RecordIdText),
        _ => None,
    })?;
    match value {
        SystemValue::Number(number) => Some(number),
        SystemValue::Text(_) if field == SystemField::TimeCreated => None,
        SystemValue::Text(text) => text.parse().ok().or_else(|| match field {
            SystemField::Level => level_number(&text),
            _ => None,
        }),
    }
}

/// Returns the field that a field restates, if it does.
pub const fn restated(field: SystemField) -> Option<SystemField> {
    match field {
        SystemField::LevelName => Some(SystemField::Level),
        SystemField::RecordIdText => Some(SystemField::RecordId),
        _ => None,
    }
}

/// Returns an `int` field of the event: its 32 bits, `None` if it does not fit in them.
pub fn int(event: &impl Event, field: SystemField) -> Option<i32> {
    long(event, field).and_then(wrap_to_int)
}

/// Returns a number's 32 bits as `int`, `None` if it needs more of them.
pub fn wrap_to_int(number: i64) -> Option<i32> {
    i32::try_from(number).ok().or_else(|| u32::try_from(number).ok().map(u32::cast_signed))
}

/// Returns a `string` field of the event; missing is `""`.
pub fn text(event: &impl Event, field: SystemField) -> Cow<'_, str> {
    let value = event.system(field).or_else(|| match field {
        // A collector may write the level's name, in any language, where its number should be.
        SystemField::LevelName => match long(event, SystemField::Level) {
            Some(level) => Some(SystemValue::Text(Cow::Borrowed(level_name(level)))),
            None => event.system(SystemField::Level),
        },
        _ => event.system(restated(field)?),
    });
    match (field, value) {
        (_, None) => Cow::Borrowed(""),
        (SystemField::Keywords, Some(value)) => keywords(value),
        (_, Some(SystemValue::Text(text))) => text,
        (_, Some(SystemValue::Number(number))) => Cow::Owned(number.to_string()),
    }
}

/// Returns a `guid` field of the event: lower-case, without braces.
pub fn guid(event: &impl Event, field: SystemField) -> Option<String> {
    match event.system(field)? {
        SystemValue::Text(text) => canonical_guid(&text),
        SystemValue::Number(_) => None,
    }
}

/// Returns the English name of an event level; see [`SystemField::LevelName`].
pub const fn level_name(level: i64) -> &'static str {
    match level {
        1 => "Critical",
        2 => "Error",
        3 => "Warning",
        0 | 4 => "Information",
        5 => "Verbose",
        _ => "",
    }
}

/// Returns the level of an English name.
fn level_number(name: &str) -> Option<i64> {
    let levels = [
        ("LogAlways", 0),
        ("Critical", 1),
        ("Error", 2),
        ("Warning", 3),
        ("Information", 4),
        ("Informational", 4),
        ("Info", 4),
        ("Verbose", 5),
    ];
    let found = levels.iter().find(|(known, _)| name.trim().eq_ignore_ascii_case(known))?;
    Some(found.1)
}

/// Returns keywords as `0x` and 16 digits; text that is no number stays as it is.
fn keywords(value: SystemValue<'_>) -> Cow<'_, str> {
    let bits = match &value {
        SystemValue::Number(number) => Some(number.cast_unsigned()),
        SystemValue::Text(text) => keyword_bits(text),
    };
    match (bits, value) {
        (Some(bits), _) => Cow::Owned(format!("0x{bits:016x}")),
        (None, SystemValue::Text(text)) => text,
        (None, SystemValue::Number(_)) => Cow::Borrowed(""),
    }
}

/// Returns the bits of keywords, `None` if the text is no number.
pub fn keyword_bits(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().or_else(|_| text.parse().map(i64::cast_unsigned)).ok(),
    }
}

/// Returns a GUID lower-case and without braces, `None` if the text is none.
pub fn canonical_guid(text: &str) -> Option<String> {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let is_guid = bare.len() == 36
        && bare.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_guid.then(|| bare.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_have_sixteen_digits() {
        let of = |value| keywords(value).into_owned();
        assert_eq!(of(SystemValue::Text("0x8020000000000000".into())), "0x8020000000000000");
        assert_eq!(of(SystemValue::Text("0x80".into())), "0x0000000000000080");
        assert_eq!(of(SystemValue::Number(-9_214_364_837_600_034_816)), "0x8020000000000000");
        assert_eq!(of(SystemValue::Text("-9214364837600034816".into())), "0x8020000000000000");
        assert_eq!(of(SystemValue::Text("Audit Success".into())), "Audit Success");
    }

    /// An event whose level is a text.
    struct Levelled(&'static str);

    impl Event for Levelled {
        fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
            (field == SystemField::Level).then_some(SystemValue::Text(self.0.into()))
        }

        fn data(&self, _: &[String]) -> Option<crate::event::DataValue<'_>> {
            None
        }
    }

    #[test]
    fn levels_given_as_text_are_kept() {
        for (text, number, name) in [
            ("2", Some(2), "Error"),
            ("warning", Some(3), "Warning"),
            ("Informational", Some(4), "Information"),
            ("Fehler", None, "Fehler"),
        ] {
            assert_eq!(int(&Levelled(text), SystemField::Level), number, "{text}");
            assert_eq!(super::text(&Levelled(text), SystemField::LevelName), name, "{text}");
        }
    }

    #[test]
    fn ints_keep_all_their_bits() {
        assert_eq!(wrap_to_int(4_294_967_295), Some(-1));
        assert_eq!(wrap_to_int(-1), Some(-1));
        assert_eq!(wrap_to_int(4_294_967_296), None);
    }

    #[test]
    fn guids_lose_braces_and_case() {
        let expected = Some("54849625-5478-4994-a5ba-3e3b0328c30d".to_owned());
        assert_eq!(canonical_guid("{54849625-5478-4994-A5BA-3E3B0328C30D}"), expected);
        assert_eq!(canonical_guid("54849625-5478-4994-a5ba-3e3b0328c30d"), expected);
        assert_eq!(canonical_guid("54849625"), None);
        assert_eq!(canonical_guid("é4849625-5478-4994-a5ba-3e3b0328c30d"), None);
    }
}
