//! Tests of whole times.

use proptest::prelude::*;

use super::{
    order::{Evidence, Settled},
    *,
};

fn form(settled: Settled) -> TimeForm {
    TimeForm { settled, ..TimeForm::default() }
}

fn read(settled: Settled, text: &str) -> Option<String> {
    let time = form(settled).read(text)?;
    Some(datetime::format_json(time.ticks).to_string())
}

#[track_caller]
fn check(settled: Settled, text: &str, expected: &str) {
    assert_eq!(read(settled, text).as_deref(), Some(expected), "{text}");
}

const DAY_FIRST: Settled = Settled::Shown(DateOrder::DayFirst);
const MONTH_FIRST: Settled = Settled::Shown(DateOrder::MonthFirst);

#[test]
fn forms_with_one_reading_are_read_in_any_column() {
    for text in [
        "2026-02-09T20:15:02Z",
        "2026-02-09 20:15:02",
        "2026/02/09 20:15:02",
        "2026. 2. 9. 오후 8:15:02",
        "2026-02-09 오후 8:15:02",
        "2026-02-09 午後 08:15:02",
        "2026/2/9 下午 8:15:02",
        "2026/2/9 下午8:15:02",
        "2026年2月9日 20:15:02",
        "Feb 9, 2026 @ 20:15:02.000",
        "2026年2月9日 下午8:15:02",
        "2026年2月9日20時15分02秒",
        "2026년 2월 9일 오후 8:15:02",
        "2026. 02. 09. 20:15:02",
        "2026. 02. 09. du. 8:15:02",
        "2026. február 9. 20:15:02",
        "Feb 9, 2026 8:15:02 PM",
        "Feb 9, 2026, 8:15:02\u{202f}PM",
        "Monday, February 9, 2026 8:15:02 PM",
        "9. Februar 2026 20:15:02",
        "9. Februar 2026 um 20:15:02",
        "9 février 2026 à 20:15:02",
        "9 de febrero de 2026, 8:15:02 p. m.",
        "9 de febrero de 2026, 8:15:02 p.\u{a0}m.",
        "9 лютого 2026 р. о 20:15:02",
        "9 февраля 2026 г. в 20:15:02",
        "9 lutego 2026 20:15:02",
        "9 Şubat 2026 20:15:02",
        "09-Feb-2026 20:15:02",
        "09.02.2026 20:15:02",
        "09.02.2026, 20:15:02",
        "9. 2. 2026 20:15:02",
        "9.2.2026 20.15.02",
        "9.2.2026 klo 20.15.02",
        "09.02.2026. 20:15:02",
        "9.2.2026 г. 20:15:02",
        "9/2/2569 20:15:02",
        "๙/๒/๒๕๖๙ ๒๐:๑๕:๐๒",
        "Mon, 9 Feb 2026 20:15:02 GMT",
        "2026-02-09 20 h 15 min 02 s",
    ] {
        for settled in [Settled::Undecided, DAY_FIRST, MONTH_FIRST, Settled::Contradicted] {
            check(settled, text, "2026-02-09T20:15:02Z");
        }
        assert!(!form(Settled::Undecided).read(text).unwrap().is_undecided, "{text}");
    }
    check(Settled::Undecided, "Feb 9, 2026 8:15:02.125 PM", "2026-02-09T20:15:02.125Z");
    check(Settled::Undecided, "09.02.2026 20:15:02,123456789", "2026-02-09T20:15:02.1234567Z");
    check(Settled::Undecided, "2026-02-09T20:15:02.123456789Z", "2026-02-09T20:15:02.1234567Z");
    check(Settled::Undecided, "Feb 9, 2026", "2026-02-09T00:00:00Z");
    check(Settled::Undecided, "9/2/2569", "2026-02-09T00:00:00Z");
}

#[test]
fn the_column_decides_between_day_and_month() {
    for text in [
        "9/2/2026 8:15:02 PM",
        "09/02/2026 20:15:02",
        "09-02-2026 20:15:02",
        "9/02/2026 8:15:02 pm",
        "9/2/2026 8:15:02 μ.μ.",
        "09/02/2026 8:15:02 p. m.",
        "09/02/2026 8:15:02 CH",
        "20:15:02 09/02/2026",
        "٩\u{200f}/٢\u{200f}/٢٠٢٦\u{60c} ٨:١٥:٠٢ م",
        "9/2/2026, 20:15:02",
    ] {
        check(DAY_FIRST, text, "2026-02-09T20:15:02Z");
        check(MONTH_FIRST, text, "2026-09-02T20:15:02Z");
        check(Settled::Given(DateOrder::DayFirst), text, "2026-02-09T20:15:02Z");
        assert_eq!(read(Settled::Contradicted, text), None, "{text}");
        assert_eq!(read(Settled::Given(DateOrder::YearFirst), text), None, "{text}");
        assert!(form(Settled::Undecided).read(text).unwrap().is_undecided, "{text}");
    }
    // What does not fit the column is no time.
    assert_eq!(read(DAY_FIRST, "02/13/2026"), None);
    assert_eq!(read(MONTH_FIRST, "13/02/2026"), None);
    check(Settled::Contradicted, "13/02/2026", "2026-02-13T00:00:00Z");
    check(Settled::Contradicted, "2/2/2026", "2026-02-02T00:00:00Z");
    assert_eq!(read(Settled::Undecided, "02.13.2026"), None);
    check(Settled::Given(DateOrder::MonthFirst), "02.13.2026", "2026-02-13T00:00:00Z");
    check(Settled::Given(DateOrder::DayFirst), "09/02/26", "2026-02-09T00:00:00Z");
    check(Settled::Given(DateOrder::YearFirst), "26/02/09", "2026-02-09T00:00:00Z");
}

#[test]
fn the_clock_of_twelve_hours_starts_at_twelve() {
    check(Settled::Undecided, "2026/2/9 上午 12:15:02", "2026-02-09T00:15:02Z");
    check(Settled::Undecided, "2026/2/9 午後 0:15:02", "2026-02-09T12:15:02Z");
    check(Settled::Undecided, "Feb 9, 2026 12:15:02 PM", "2026-02-09T12:15:02Z");
    assert_eq!(read(Settled::Undecided, "Feb 9, 2026 13:15:02 PM"), None);
}

#[test]
fn zones_are_heeded() {
    let local = TimeForm {
        settled: DAY_FIRST,
        offset: 2 * kql_types::timespan::HOUR,
        ..TimeForm::default()
    };
    let read = |text| {
        let time = local.read(text).unwrap();
        (datetime::format_json(time.ticks).to_string(), time.has_zone)
    };
    let at = |hour: u32, has_zone| (format!("2026-02-09T{hour:02}:15:02Z"), has_zone);
    assert_eq!(read("9/2/2026 20:15:02"), at(18, false));
    assert_eq!(read("2026-02-09 20:15:02"), at(18, false));
    assert_eq!(read("2026-02-09T20:15:02Z"), at(20, true));
    assert_eq!(read("2026-02-09T20:15:02-01:00"), at(21, true));
    assert_eq!(read("9/2/2026 20:15:02 UTC"), at(20, true));
    assert_eq!(read("9/2/2026 20:15:02 GMT+1"), at(19, true));
    assert_eq!(read("9.2.2026 20:15:02 +01:00"), at(19, true));
    assert_eq!(read("Mon, 9 Feb 2026 20:15:02 GMT"), at(20, true));
}

#[test]
fn what_cannot_be_told_is_no_time() {
    for text in [
        "",
        "yesterday",
        "02/09/26",
        "13/13/2026",
        "30/2/2026",
        "0/2/2026",
        // The Persian and the Islamic calendar, the years of Taiwan and of emperors.
        "1404/11/20 20:15:02",
        "20/11/1447 20:15:02",
        "115/2/9 20:15:02",
        "9 listopad 2026",
        "9 Xyz 2026",
        "9/2/2026 20:15:02 x",
        "9/2/2026 25:15:02",
        "9/2-2026",
        "9/2/2026 9/2/2026",
        "1 2 2026",
        "9/2",
        "1770668102",
    ] {
        assert_eq!(read(Settled::Undecided, text), None, "{text}");
    }
}

#[test]
fn times_that_are_not_set_are_read() {
    check(Settled::Undecided, "1/1/0001 12:00:00 AM", "0001-01-01T00:00:00Z");
    check(Settled::Undecided, "12/31/9999 11:59:59 PM", "9999-12-31T23:59:59Z");
}

#[test]
fn values_over_twelve_are_evidence() {
    let settled = |texts: &[&str]| {
        let mut evidence = Evidence::default();
        for text in texts {
            evidence.see(text);
        }
        evidence.settled()
    };
    assert_eq!(settled(&["1/2/2026", "2026-13-01", "x", "3.4.2026"]), Settled::Undecided);
    assert_eq!(settled(&["1/2/2026", "13/2/2026"]), DAY_FIRST);
    assert_eq!(settled(&["1-2-2026 1:00:00", "2-13-2026 1:00:00"]), MONTH_FIRST);
    assert_eq!(settled(&["13/2/2026", "2/13/2026"]), Settled::Contradicted);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,30}|[-0-9T:.+Z /,apm年月]{0,30}") {
        for settled in [Settled::Undecided, DAY_FIRST, Settled::Given(DateOrder::YearFirst)] {
            let _ = form(settled).read(&text);
        }
        Evidence::default().see(&text);
    }

    /// The shortcut for the plain form changes nothing, whatever is known of the column.
    #[test]
    fn the_plain_form_is_read_as_any_other(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?Z",
        other in "[-0-9T:.Z x]?",
        at in 0_usize..40,
        offset in -500_000_000_i64..500_000_000,
        is_zone_known: bool,
    ) {
        let mut spoilt = text.clone();
        let end = at.saturating_add(1).min(spoilt.len());
        spoilt.replace_range(at.min(end)..end, &other);
        for settled in [Settled::Undecided, DAY_FIRST, Settled::Given(DateOrder::YearFirst)] {
            let form = TimeForm { settled, offset, is_zone_known };
            for text in [&text, &spoilt] {
                prop_assert_eq!(form.read(text), form.read_any(text), "{}", text);
            }
        }
    }

    /// Whatever Kusto reads is read alike, unless day and month can be taken for each other.
    #[test]
    fn what_kusto_reads_is_read_alike(ticks in datetime::from_unix(0, kql_types::timespan::SECOND).unwrap()..datetime::from_unix(4_000_000_000, kql_types::timespan::SECOND).unwrap()) {
        let expected = Some(ticks);
        let read = |text: String| form(Settled::Undecided).read(&text).map(|time| time.ticks);
        prop_assert_eq!(read(datetime::format(ticks).to_string()), expected);
        prop_assert_eq!(read(datetime::format_json(ticks).to_string()), expected);
        prop_assert_eq!(read(datetime::format_spaced(ticks).to_string()), expected);
    }
}

#[test]
fn seconds_since_1970() {
    let text = |number| epoch_seconds(number).map(|ticks| datetime::format(ticks).to_string());
    assert_eq!(text("1744233485.0778975").unwrap(), "2025-04-09T21:18:05.0778975Z");
    assert_eq!(text("0").unwrap(), "1970-01-01T00:00:00.0000000Z");
    assert_eq!(text("1744233485.07789751234").unwrap(), "2025-04-09T21:18:05.0778975Z");
    assert_eq!((text("{}"), text("1e9")), (None, None));
}
