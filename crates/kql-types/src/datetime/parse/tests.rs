//! Datetimes as text: every form that is read, the forms that are null, and that the plain form is read as
//! the general reader reads it.

use proptest::prelude::*;

use super::{super::format_json, *};

#[track_caller]
fn check(text: &str, expected: &str) {
    let parsed = parse(text).map(|ticks| format_json(ticks).to_string());
    assert_eq!(parsed.as_deref(), Some(expected), "{text}");
}

#[test]
fn reads_what_the_engine_was_seen_to_read() {
    for (text, expected) in [
        ("2022-12-02", "2022-12-02T00:00:00Z"),
        ("2022-12-02 13:45:56", "2022-12-02T13:45:56Z"),
        ("2022-12-02T13:45:56Z", "2022-12-02T13:45:56Z"),
        ("2022/12/02", "2022-12-02T00:00:00Z"),
        ("12-02-2022", "2022-12-02T00:00:00Z"),
        ("12/02/2022", "2022-12-02T00:00:00Z"),
        ("12.02.2022", "2022-12-02T00:00:00Z"),
        ("2 Dec 2022", "2022-12-02T00:00:00Z"),
        ("Dec 2, 2022", "2022-12-02T00:00:00Z"),
        ("Fri, 02 Dec 2022 13:45:56 GMT", "2022-12-02T13:45:56Z"),
        ("20221202", "2022-12-02T00:00:00Z"),
        ("12-02-2022 13:45:56", "2022-12-02T13:45:56Z"),
        ("2/3/2022", "2022-02-03T00:00:00Z"),
        ("02/17/2016 08:40:01", "2016-02-17T08:40:01Z"),
        ("2022-12-02T13:45:56+02:00", "2022-12-02T11:45:56Z"),
        ("2022-12-02T13:45:56-05:00", "2022-12-02T18:45:56Z"),
        ("2015-12-31 23:59:59.9", "2015-12-31T23:59:59.9Z"),
        ("2018-02-24T15:14", "2018-02-24T15:14:00Z"),
        ("2017 - 08 - 01", "2017-08-01T00:00:00Z"),
        ("2025, 6, 14", "2025-06-14T00:00:00Z"),
        ("2017-10-30 23:00:00.1009001", "2017-10-30T23:00:00.1009001Z"),
    ] {
        check(text, expected);
    }
}

#[test]
fn reads_the_documented_formats() {
    for (text, expected) in [
        ("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.123456Z"),
        ("2014-11-08 15:55:55.123456Z", "2014-11-08T15:55:55.123456Z"),
        ("2014-11-08 15:05:25 GMT", "2014-11-08T15:05:25Z"),
        ("2014-11-08T15:05 GMT", "2014-11-08T15:05:00Z"),
        ("Sat, 8 Nov 14 15:05:02 GMT", "2014-11-08T15:05:02Z"),
        ("Sat, 8 Nov 14 15:05", "2014-11-08T15:05:00Z"),
        ("8 Nov 14 15:05 GMT", "2014-11-08T15:05:00Z"),
        ("Saturday, 08-Nov-14 15:05:02 GMT", "2014-11-08T15:05:02Z"),
        ("08-Nov-14 15:05", "2014-11-08T15:05:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.99999999Z", "9999-12-31T23:59:59.9999999Z"),
        ("  2014-11-08\t", "2014-11-08T00:00:00Z"),
        ("10 MAY 2021", "2021-05-10T00:00:00Z"),
        ("5/26/2021 12:04:05 AM", "2021-05-26T00:04:05Z"),
        ("5/26/2021 3:04:05 PM", "2021-05-26T15:04:05Z"),
    ] {
        check(text, expected);
    }
}

#[test]
fn refuses_what_is_no_datetime() {
    for text in [
        "",
        "not a date",
        "13-01-2022",
        "x12-02-2022",
        "2022",
        "2022-12",
        "2022 12 02",
        "2022-12-02T",
        "24:00",
        "2022-12-02 24:00:00",
        "2022-12-02 13:60:00",
        "2022-12-02 13:45:60",
        "2023-02-29",
        "2022-12-02junk",
        "2022-12-02 13:45:56 junk",
        "2022-12-02T13:45:56.",
        "12/02/22",
        "2022-12/02",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01",
        "99999999999999999999",
        "2022-12-02T13:45:56+99:00",
        "2022-12-02 13:00:00 PM",
        "١٢",
    ] {
        assert_eq!(parse(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn the_plain_form_is_read_as_by_the_scanner(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?Z",
        at in 0_usize..40,
        other in "[-0-9T:.Z xé]?",
    ) {
        let by_scanner = |text: &str| Scanner { rest: text.as_bytes() }.datetime();
        let digits = text.len().saturating_sub("0000-00-00T00:00:00.Z".len());
        if digits <= 7 {
            prop_assert_eq!(parse_plain_utc(&text), by_scanner(&text));
        }
        // A text that is not quite of the form is left alone, or read the same.
        let mut spoilt = text;
        let end = at.saturating_add(1).min(spoilt.len());
        spoilt.replace_range(at.min(end)..end, &other);
        if let Some(ticks) = parse_plain_utc(&spoilt) {
            prop_assert_eq!(by_scanner(&spoilt), Some(ticks));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[-0-9T:.+Z /,a-z]{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn both_paths_agree(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?Z?)?") {
        if let Some(ticks) = iso(text.as_bytes()) {
            prop_assert_eq!(Scanner { rest: text.as_bytes() }.datetime(), Some(ticks));
        }
    }
}
