//! Columns and filters, on records that are known.

use evtx_arrow::{EventColumn, EventFilter, EventRequest};
use windows_event_model::{SystemField, filetime_to_ticks};

use testkit::Reference;

use crate::{collect::read, logs};

const PSEXEC: &str = "ID4688,4697,5140-5145 PSexec remote execution + admin share.evtx";

fn text(path: &str) -> EventColumn {
    EventColumn::Text(vec![path.to_owned()])
}

fn system(field: SystemField) -> EventColumn {
    EventColumn::System(field)
}

fn rows(
    reference: &Reference,
    name: &str,
    columns: Vec<EventColumn>,
    filters: Vec<EventFilter>,
) -> Vec<Vec<Option<String>>> {
    let request = EventRequest { columns, filters };
    let (_, collected) = read(&logs::named(reference, name).bytes, &request).unwrap();
    collected.rows()
}

fn some(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

#[test]
fn header_fields_have_their_encodings() {
    let reference = testkit::reference!("logs");
    let columns = SystemField::ALL.iter().map(|&field| system(field)).collect();
    let rows = rows(&reference, PSEXEC, columns, vec![]);
    let ticks = filetime_to_ticks(132_634_716_323_433_557).unwrap().to_string();
    let mut expected = some(&[
        &ticks,
        "Microsoft-Windows-Security-Auditing",
        "54849625-5478-4994-a5ba-3e3b0328c30d",
        "",
        "5145",
    ]);
    expected.push(None);
    expected.extend(some(&[
        "0",
        "0",
        "Information",
        "12811",
        "0",
        "0x8020000000000000",
        "349324",
        "349324",
        "",
        "4",
        "5328",
        "Security",
        "srvdefender01.offsec.lan",
        "",
        "3",
    ]));
    assert_eq!(rows[2], expected);
}

#[test]
fn data_are_text_and_json() {
    let reference = testkit::reference!("logs");
    let dynamic =
        |path: &[&str]| EventColumn::Dynamic(path.iter().map(|&step| step.into()).collect());
    let columns = vec![
        text("RelativeTargetName"),
        text("AccessMask"),
        dynamic(&["ShareName"]),
        text("NoSuchField"),
        dynamic(&["ShareName", "Deeper"]),
        dynamic(&[]),
    ];
    let rows = rows(&reference, PSEXEC, columns, vec![]);
    let row = &rows[2];
    assert_eq!(row[0].as_deref(), Some("PSEXESVC.exe"));
    assert_eq!(row[1].as_deref(), Some("0x120196"));
    assert_eq!(row[2].as_deref(), Some(r#""\\\\*\\ADMIN$""#));
    assert_eq!(row[3].as_deref(), Some(""));
    assert_eq!(row[4], None);
    let whole: serde_json::Value = serde_json::from_str(row[5].as_deref().unwrap()).unwrap();
    assert_eq!(whole["ShareName"], r"\\*\ADMIN$");
    assert_eq!(whole["AccessMask"], "0x120196");
}

#[test]
fn a_record_is_wanted_if_any_filter_accepts_it() {
    let reference = testkit::reference!("logs");
    let ids = |ids: &[u32]| EventFilter { event_ids: Some(ids.to_vec()), ..EventFilter::default() };
    let count =
        |filters| rows(&reference, PSEXEC, vec![system(SystemField::EventId)], filters).len();
    let all = count(vec![]);
    let shares = count(vec![ids(&[5140, 5145])]);
    let logons = count(vec![ids(&[4624])]);
    assert!(shares > 0 && logons > 0 && shares + logons < all);
    assert_eq!(count(vec![ids(&[5140, 5145]), ids(&[4624])]), shares + logons);
    assert_eq!(count(vec![ids(&[1])]), 0);
    assert_eq!(count(vec![ids(&[])]), 0);
}

#[test]
fn every_condition_of_a_filter_is_necessary() {
    let reference = testkit::reference!("logs");
    let fits = EventFilter {
        providers: Some(vec!["MICROSOFT-windows-security-auditing".into()]),
        event_ids: Some(vec![5145]),
        channels: Some(vec!["other".into(), "SECURITY".into()]),
        computers: Some(vec!["SRVDEFENDER01.offsec.lan".into()]),
        time: Some(0..i64::MAX),
        data: vec![],
    };
    let count = |filter: EventFilter| rows(&reference, PSEXEC, vec![], vec![filter]).len();
    let with = |change: fn(&mut EventFilter)| {
        let mut filter = fits.clone();
        change(&mut filter);
        count(filter)
    };
    assert!(count(fits.clone()) > 0);
    assert_eq!(with(|filter| filter.providers = Some(vec!["Security".into()])), 0);
    assert_eq!(with(|filter| filter.event_ids = Some(vec![7])), 0);
    assert_eq!(with(|filter| filter.channels = Some(vec![])), 0);
    assert_eq!(with(|filter| filter.computers = Some(vec!["srvdefender01".into()])), 0);
    assert_eq!(with(|filter| filter.time = Some(0..1)), 0);
}

#[test]
fn the_newest_time_counts_filtered_records() {
    let reference = testkit::reference!("logs");
    let request = EventRequest {
        columns: vec![],
        filters: vec![EventFilter { event_ids: Some(vec![]), ..EventFilter::default() }],
    };
    let (summary, collected) = read(&logs::named(&reference, PSEXEC).bytes, &request).unwrap();
    assert!(collected.batches.is_empty());
    assert_eq!(summary.filtered, 30);
    let last = filetime_to_ticks(132_634_717_830_223_113).unwrap();
    let newest = summary.newest.unwrap();
    // The header's time is that of writing, a moment after the event's.
    assert!(newest >= last && newest - last < 600_000_000, "{newest}");
}
