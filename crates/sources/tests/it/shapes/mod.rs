//! Every shape that is read, by an example of it: all columns that come out.

mod claims;
mod collectors;
mod envelopes;
mod get_winevent;
mod same_event;

use testkit::Reference;

use crate::collect::{all_events, everything, scan_file};

fn report(reference: &Reference, file: &str) -> String {
    let path = reference.path(&format!("telemetry/formats/{file}"));
    scan_file(path, &everything()).report()
}

macro_rules! snapshot {
    ($($name:ident: $file:literal,)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(report(&testkit::reference!("telemetry"), $file));
            }
        )*
    };
}

snapshot! {
    nxlog_security: "01_otrf_nxlog_logstash_5145.jsonl",
    nxlog_sysmon: "01b_otrf_nxlog_logstash_sysmon3.jsonl",
    flat_time_created: "02_otrf_flat_TimeCreated_5145.jsonl",
    flat_time_created_without_keywords: "02b_otrf_flat_TimeCreated_noKeywords.jsonl",
    winlogbeat6: "03_winlogbeat6_event_data.jsonl",
    winlogbeat6_process_access: "03b_winlogbeat_2019_scm_hijack_first.jsonl",
    evtx_dump: "04_evtx_dump_jsonl_5145.jsonl",
    evtx_dump_separate_attributes: "04c_evtx_dump_separate_attributes.jsonl",
    evtx_dump_pretty: "04d_sigma_regression_evtxdump_pretty.json",
    sentinel_security_event: "05_sentinel_SecurityEvent_export.jsonl",
    defender_union_of_tables: "06_defender_AH_export_jsonl.jsonl",
    defender_stream: "07_mde_streaming_DeviceProcessEvents.json",
    defender_stream_in_body: "08_mde_eventhub_body_DeviceNetworkEvents.json",
    portal_csv_in_local_time: "10_sentinel_portal_csv_header.csv",
    event_xml: "04b_evtx_dump_xml_head.xml",
    wazuh: "11_wazuh_alert.json",
    get_winevent: "12_get_winevent_convertto_json.json",
    velociraptor: "13_velociraptor_parse_evtx.json",
    splunk: "14_splunk_export.json",
    openwec: "15_openwec.json",
}

#[test]
fn what_is_no_log_says_what_was_found() {
    insta::assert_snapshot!(report(&testkit::reference!("telemetry"), "SOURCES.md"));
}

#[test]
fn tables_nobody_wants_are_counted() {
    let path = testkit::reference!("telemetry")
        .path("telemetry/formats/07_mde_streaming_DeviceProcessEvents.json");
    let collected = scan_file(path, &all_events());
    collected.assert_balances();
    insta::assert_snapshot!(
        collected.report(),
        @"Defender streaming JSON as DeviceProcessEvents: read 1, filtered 1, emitted 0, rejected 0, newest 2021-04-14T18:49:17.7849324Z"
    );
}
