//! One alert as a JSON object, the form that scripts depend on.
//!
//! `{"id":…,"rule":{"id":…,"name":…,"behaviours":[…]},"severity":…,"time":…,"entities":[{"type":…,
//! identifier:value…}],"columns":{…},"evidence":[{"file":…,"member":…,"line":…,"record_id":…,"event_id":…,
//! "channel":…,"host":…}]}`. Column values are those of the `json` format; what is absent is null.

use std::fmt::{Display, Write};

use detection::alert::{Alert, Entity, Evidence, RuleRef};
use kql_types::datetime;

use crate::cell::{Cell, write_json_string};

/// Appends the object.
pub(crate) fn write_alert(alert: &Alert, out: &mut String) {
    out.push_str("{\"id\":");
    write_json_string(&alert.id, out);
    out.push_str(",\"rule\":");
    write_rule(&alert.rule, out);
    out.push_str(",\"severity\":");
    write_json_string(alert.severity.name(), out);
    out.push_str(",\"time\":");
    match alert.time {
        Some(ticks) => write_json_string(&datetime::format(ticks).to_string(), out),
        None => out.push_str("null"),
    }
    out.push_str(",\"entities\":");
    write_list(&alert.entities, out, write_entity);
    out.push_str(",\"columns\":{");
    for (position, (name, value)) in alert.columns.iter().enumerate() {
        write_key(name, position == 0, out);
        Cell::from(value).write_json(out);
    }
    out.push_str("},\"evidence\":");
    write_list(&alert.evidence, out, write_evidence);
    out.push('}');
}

fn write_rule(rule: &RuleRef, out: &mut String) {
    out.push_str("{\"id\":");
    write_json_string(&rule.id, out);
    out.push_str(",\"name\":");
    write_json_string(&rule.name, out);
    out.push_str(",\"behaviours\":");
    write_list(&rule.behaviours, out, |behaviour, out| write_json_string(behaviour, out));
    out.push('}');
}

fn write_entity(entity: &Entity, out: &mut String) {
    write_identifiers(entity, out);
    out.push('}');
}

/// Appends the start of an entity's object, to which more may be added.
pub(crate) fn write_identifiers(entity: &Entity, out: &mut String) {
    out.push_str("{\"type\":");
    write_json_string(&entity.kind, out);
    for (identifier, value) in &entity.identifiers {
        write_key(identifier, false, out);
        write_json_string(value, out);
    }
}

/// Appends a record that an alert rests on.
pub(crate) fn write_evidence(evidence: &Evidence, out: &mut String) {
    out.push_str("{\"file\":");
    write_json_string(&evidence.origin.file, out);
    write_text("member", evidence.origin.member.as_deref(), out);
    write_number("line", Some(evidence.line), out);
    write_number("record_id", evidence.record_id, out);
    write_number("event_id", evidence.event_id, out);
    write_text("channel", evidence.origin.channel.as_deref(), out);
    write_text("host", evidence.origin.host.as_deref(), out);
    out.push('}');
}

fn write_text(key: &str, text: Option<&str>, out: &mut String) {
    write_key(key, false, out);
    match text {
        Some(text) => write_json_string(text, out),
        None => out.push_str("null"),
    }
}

pub(crate) fn write_number(key: &str, number: Option<impl Display>, out: &mut String) {
    write_key(key, false, out);
    let written = match number {
        Some(number) => write!(out, "{number}"),
        None => out.write_str("null"),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

pub(crate) fn write_key(key: &str, is_first: bool, out: &mut String) {
    if !is_first {
        out.push(',');
    }
    write_json_string(key, out);
    out.push(':');
}

pub(crate) fn write_list<T>(items: &[T], out: &mut String, write_item: impl Fn(&T, &mut String)) {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_item(item, out);
    }
    out.push(']');
}
