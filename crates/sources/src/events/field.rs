//! Reading header fields from JSON values.

use std::borrow::Cow;

use windows_event_model::SystemValue;

use super::{
    names::{keywords_of, level_of, opcode_of, task_of},
    times,
};
use crate::json::{
    members::elements,
    text::{string_content, unescape},
};

/// Reads the first value that is a scalar: whole numbers as such, everything else as text.
pub(crate) fn scalar<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    values.iter().flatten().find_map(|value| match value.as_bytes().first() {
        Some(b'"') => Some(SystemValue::Text(unescape(string_content(value)))),
        Some(b'{' | b'[' | b'n') | None => None,
        Some(_) => Some(match value.parse() {
            Ok(number) => SystemValue::Number(number),
            Err(_) => SystemValue::Text(Cow::Borrowed(value)),
        }),
    })
}

/// Returns the text of a JSON string.
pub(crate) fn text(value: Option<&str>) -> Option<Cow<'_, str>> {
    value.filter(|value| value.starts_with('"')).map(|value| unescape(string_content(value)))
}

/// Reads the first value that is a time; one without a zone is UTC.
pub(crate) fn time<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let mut times = values.iter().filter_map(|value| times::time(&text(*value)?));
    times.next().map(SystemValue::Number)
}

/// Reads a level by its number or its English name; a name in another language stays.
pub(crate) fn level<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let value = scalar(values)?;
    let SystemValue::Text(text) = &value else { return Some(value) };
    let number = level_of(text).or_else(|| text.parse().ok());
    Some(number.map_or(value, SystemValue::Number))
}

/// Reads an operation code by its number or its name; a name of a provider's own stays.
pub(crate) fn opcode<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let value = scalar(values)?;
    let SystemValue::Text(text) = &value else { return Some(value) };
    let number = opcode_of(text).or_else(|| text.parse().ok());
    Some(number.map_or(value, SystemValue::Number))
}

/// Reads a task: by its number, or from its name, the provider and the event's id.
///
/// The names of other providers' tasks are known to their manifests alone, and stay.
///
/// Source: the manifests, as `wevtutil gp` shows them: Sysmon's tasks have the numbers of its events,
/// those of auditing are its subcategories.
pub(crate) fn task<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let [task, provider, id] = *values else { return None };
    let value = scalar(&[task])?;
    let SystemValue::Text(name) = &value else { return Some(value) };
    if let Ok(number) = name.parse() {
        return Some(SystemValue::Number(number));
    }
    let id = match scalar(&[id]) {
        Some(SystemValue::Number(id)) => id.to_string(),
        Some(SystemValue::Text(id)) => id.into_owned(),
        None => String::new(),
    };
    let number = task_of(name, &text(provider).unwrap_or_default(), &id);
    Some(number.map_or(value, SystemValue::Number))
}

/// Reads a channel; those that every Windows has get the case in which Windows writes them.
///
/// A collector writes the name as its own configuration does, `security` for example.
pub(crate) fn channel<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let channel = scalar(values)?;
    let SystemValue::Text(name) = &channel else { return Some(channel) };
    let usual = ["Security", "System", "Application", "Setup", "ForwardedEvents"]
        .into_iter()
        .find(|usual| name.eq_ignore_ascii_case(usual));
    Some(usual.map_or(channel, |usual| SystemValue::Text(Cow::Borrowed(usual))))
}

/// Reads keywords by their number, or by the words for the outcome of an audit among their names;
/// other names stay.
pub(crate) fn keywords<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let value = (*values.first()?)?;
    let names: Vec<Cow<'_, str>> = if value.starts_with('[') {
        elements(value).filter_map(|name| text(Some(name))).collect()
    } else {
        text(Some(value)).into_iter().collect()
    };
    let known = names.iter().find_map(|name| keywords_of(name));
    if let Some(bits) = known {
        return Some(SystemValue::Text(Cow::Borrowed(bits)));
    }
    if names.len() > 1 || value.starts_with('[') && !names.is_empty() {
        return Some(SystemValue::Text(Cow::Owned(names.join(", "))));
    }
    scalar(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_numbers_or_text() {
        assert_eq!(
            scalar(&[None, Some("null"), Some("{}"), Some("7")]),
            Some(SystemValue::Number(7))
        );
        assert_eq!(scalar(&[Some(r#""a\n""#)]), Some(SystemValue::Text("a\n".into())));
        assert_eq!(scalar(&[Some("1.5")]), Some(SystemValue::Text("1.5".into())));
        assert_eq!(scalar(&[]), None);
    }

    #[test]
    fn names_stand_for_numbers() {
        assert_eq!(level(&[Some(r#""Information""#)]), Some(SystemValue::Number(4)));
        assert_eq!(level(&[Some(r#""0""#)]), Some(SystemValue::Number(0)));
        assert_eq!(level(&[Some("3")]), Some(SystemValue::Number(3)));
        assert_eq!(opcode(&[Some(r#""Info""#)]), Some(SystemValue::Number(0)));
        // What has no number that is the same everywhere stays as it is.
        let kept = |text: &'static str| Some(SystemValue::Text(text.into()));
        assert_eq!(opcode(&[Some(r#""On create calls""#)]), kept("On create calls"));
        assert_eq!(level(&[Some(r#""Informationen""#)]), kept("Informationen"));
    }

    #[test]
    fn tasks_of_windows_itself_have_their_numbers() {
        let read = |name, provider, id| task(&[Some(name), Some(provider), Some(id)]);
        let auditing = r#""Microsoft-Windows-Security-Auditing""#;
        let number = |number| Some(SystemValue::Number(number));
        assert_eq!(read(r#""Detailed File Share""#, auditing, "5145"), number(12811));
        assert_eq!(read(r#""12811""#, auditing, "5145"), number(12811));
        assert_eq!(read("12811", auditing, "5145"), number(12811));
        let sysmon = r#""Microsoft-Windows-Sysmon""#;
        assert_eq!(read(r#""Process Create (rule: ProcessCreate)""#, sysmon, r#""1""#), number(1));
        let kept = Some(SystemValue::Text("Logon".into()));
        assert_eq!(read(r#""Logon""#, r#""Other""#, "1"), kept);
        assert_eq!(task(&[None, Some(sysmon), Some("1")]), None);
    }

    #[test]
    fn an_audits_outcome_is_a_bit_of_the_keywords() {
        let read = |value| keywords(&[Some(value)]);
        let failure = Some(SystemValue::Text("0x8010000000000000".into()));
        assert_eq!(read(r#"["Audit Failure"]"#), failure);
        assert_eq!(read(r#""Audit Failure""#), failure);
        assert_eq!(read("9"), Some(SystemValue::Number(9)));
        assert_eq!(
            read(r#"["Classic","Other"]"#),
            Some(SystemValue::Text("Classic, Other".into()))
        );
    }

    #[test]
    fn usual_channels_have_their_usual_case() {
        let read = |value| channel(&[Some(value)]);
        assert_eq!(read(r#""security""#), Some(SystemValue::Text("Security".into())));
        assert_eq!(read(r#""my/log""#), Some(SystemValue::Text("my/log".into())));
    }
}
