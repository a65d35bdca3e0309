//! What a message carries, in either of syslog's forms.
//!
//! Source: RFC 5424, section 6; RFC 3164, section 4.1.

/// Appends the record that a message carries, as a line.
///
/// That is the event that stands in it, in JSON or XML; a message without one is the record, to be told not to
/// be an event.
pub(super) fn add_record(message: &[u8], out: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(message);
    let payload = payload(&text).trim();
    if payload.is_empty() {
        return;
    }
    if payload.starts_with("<Event") {
        let record = serde_json::json!({ "_raw": payload });
        out.extend_from_slice(record.to_string().as_bytes());
    } else {
        // A line break between the parts of an object says what a space says.
        out.extend(
            payload.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }),
        );
    }
    out.push(b'\n');
}

/// Returns what stands behind the header; all of it if there is no event in it.
fn payload(message: &str) -> &str {
    let Some((priority, rest)) = message.strip_prefix('<').and_then(|it| it.split_once('>')) else {
        return message;
    };
    let is_priority =
        (1..=3).contains(&priority.len()) && priority.bytes().all(|it| it.is_ascii_digit());
    if !is_priority {
        return message;
    }
    let body = rest.strip_prefix("1 ").and_then(behind_header).unwrap_or(rest);
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    // The former form has a tag of the agent's own before the event, or none.
    let start = ["{", "<Event"].iter().filter_map(|start| body.find(start)).min();
    start.and_then(|start| body.get(start..)).unwrap_or(message)
}

/// Returns what stands behind a header of RFC 5424: time, host, program, process, id, and data with a structure.
fn behind_header(header: &str) -> Option<&str> {
    let mut rest = header;
    for _ in 0..5 {
        rest = rest.split_once(' ')?.1;
    }
    if let Some(rest) = rest.strip_prefix('-') {
        return Some(rest.trim_start());
    }
    while rest.starts_with('[') {
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = rest.char_indices().find(|(_, char)| {
            let is_end = *char == ']' && !is_quoted;
            match char {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                _ => {}
            }
            is_end
        })?;
        rest = rest.get(end.0.checked_add(1)?..)?;
    }
    Some(rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(message: &str) -> String {
        let mut out = Vec::new();
        add_record(message.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_event_is_taken_out_of_its_message() {
        for (message, expected) in [
            (
                "<14>1 2024-05-01T10:00:00Z dc1 nxlog 12 - [a@1 x=\"]{\" y=\"\\\"]\"][b] \u{feff}{\"a\":\n1}",
                "{\"a\": 1}\n",
            ),
            ("<14>1 - dc1 - - - - {\"a\":1}", "{\"a\":1}\n"),
            ("<13>May  1 10:00:00 dc1 nxlog[12]: {\"a\":1}", "{\"a\":1}\n"),
            ("{\"a\":1}\r", "{\"a\":1}\n"),
            (
                "<13>May  1 dc1 wec: <Event a='b'>\n</Event>",
                "{\"_raw\":\"<Event a='b'>\\n</Event>\"}\n",
            ),
            ("<13>May  1 dc1 sshd: hello", "<13>May  1 dc1 sshd: hello\n"),
            ("<x>{}", "<x>{}\n"),
            ("  ", ""),
        ] {
            assert_eq!(record(message), expected, "{message}");
        }
    }
}
