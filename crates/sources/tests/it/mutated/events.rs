//! Events as the formats write them.

use super::{
    NUMBER, Record, TEXT,
    text::{csv, lines, quoted},
};

const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";

pub(super) fn evtx_dump(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"Event\":{{\"System\":{{\"Provider\":{{\"#attributes\":{{\"Name\":{provider}}}}},\
             \"EventID\":{id},\"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":{time}}}}},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":{computer}}},\
             \"EventData\":{{\"A\":{text},\"N\":{number}}}}}}}"
        )
    })
}

pub(super) fn xmltodict(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"Event\":{{\"System\":{{\"Provider\":{{\"@Name\":{provider}}},\"EventID\":{id},\
             \"TimeCreated\":{{\"@SystemTime\":{time}}},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":{computer}}},\
             \"EventData\":{{\"Data\":[{{\"@Name\":\"A\",\"#text\":{text}}},{{\"@Name\":\"N\",\
             \"#text\":{number}}}]}}}}}}"
        )
    })
}

pub(super) fn evtxecmd_json(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        let payload = quoted(&format!(
            "{{\"EventData\":{{\"Data\":[{{\"@Name\":\"A\",\"#text\":{text}}},{{\"@Name\":\"N\",\
             \"#text\":{number}}}]}}}}"
        ));
        format!(
            "{{\"EventId\":{id},\"TimeCreated\":{time},\"Provider\":{provider},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":{computer},\
             \"ChunkNumber\":3,\"Payload\":{payload}}}"
        )
    })
}

pub(super) fn nxlog(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"EventTime\":{time},\"EventReceivedTime\":\"2026-03-01 00:00:00\",\
             \"SourceName\":{provider},\"EventID\":{id},\
             \"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Hostname\":{computer},\"A\":{text},\
             \"N\":{number}}}"
        )
    })
}

pub(super) fn winlogbeat(records: &[Record]) -> Vec<u8> {
    lines(records, |record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"@timestamp\":{time},\"winlog\":{{\"provider_name\":{provider},\"event_id\":{id},\
             \"channel\":\"Microsoft-Windows-Sysmon/Operational\",\"computer_name\":{computer},\
             \"event_data\":{{\"A\":{text},\"N\":{number}}}}}}}"
        )
    })
}

/// A message of Sysmon.
fn message(record: &Record) -> String {
    format!("Title:\r\nImage: {}\r\nProcessId: {}", record[TEXT], record[NUMBER])
}

pub(super) fn get_winevent_json(records: &[Record]) -> Vec<u8> {
    let event = |record: &Record| {
        let [time, provider, id, computer, ..] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"Id\":{id},\"LogName\":\"Microsoft-Windows-Sysmon/Operational\",\
             \"MachineName\":{computer},\"ProviderName\":{provider},\"TimeCreated\":{time},\
             \"Message\":{},\"Properties\":[{{\"Value\":{}}},{{\"Value\":{}}}]}}",
            quoted(&message(record)),
            quoted(&record[TEXT]),
            quoted(&record[NUMBER])
        )
    };
    let events: Vec<String> = records.iter().map(event).collect();
    format!("[{}]", events.join(",\n")).into_bytes()
}

pub(super) fn get_winevent_csv(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let [time, provider, id, computer, ..] = record.clone();
        let channel = "Microsoft-Windows-Sysmon/Operational".to_owned();
        vec![message(record), id, provider, channel, computer, time]
    };
    csv(',', "Message,Id,ProviderName,LogName,MachineName,TimeCreated", records.iter().map(row))
}

/// Events whose message is not Sysmon's.
pub(super) fn service_csv(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let message = format!(
            "A service.\r\n\r\nService Name:  {}\r\nService File Name:  {}\r\nService Type:  \
             t\r\nService Start Type:  s\r\nService Account:  a",
            record[TEXT], record[NUMBER]
        );
        let [time, _, _, computer, ..] = record.clone();
        let provider = "Service Control Manager".to_owned();
        vec![message, "7045".to_owned(), provider, "System".to_owned(), computer, time]
    };
    csv(',', "Message,Id,ProviderName,LogName,MachineName,TimeCreated", records.iter().map(row))
}

/// The columns of `EvtxECmd`'s CSV that hold something here.
pub(super) fn evtxecmd_csv(records: &[Record]) -> Vec<u8> {
    let row = |record: &Record| {
        let [time, provider, id, computer, text, number] = record.clone();
        let payload = format!(
            "{{\"EventData\":{{\"Data\":[{{\"@Name\":\"A\",\"#text\":{}}},{{\"@Name\":\"N\",\
             \"#text\":{}}}]}}}}",
            quoted(&text),
            quoted(&number)
        );
        let plain = |text: &str| text.to_owned();
        vec![plain("7"), time, id, provider, plain(CHANNEL), computer, plain("3"), payload]
    };
    let header = "EventRecordId,TimeCreated,EventId,Provider,Channel,Computer,ChunkNumber,Payload";
    csv(',', header, records.iter().map(row))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;")
}

fn xml_event(record: &Record) -> String {
    let [time, provider, id, computer, text, number] = record.each_ref().map(|it| escaped(it));
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='{provider}' Guid='{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}'/>\
         <EventID>{id}</EventID><TimeCreated SystemTime='{time}'/><Channel>{CHANNEL}</Channel>\
         <Computer>{computer}</Computer></System><EventData><Data Name='A'>{text}</Data>\
         <Data Name='N'>{number}</Data></EventData></Event>"
    )
}

/// As the Event Viewer saves a log.
pub(super) fn xml_of_the_event_viewer(records: &[Record]) -> Vec<u8> {
    let events: String = records.iter().map(xml_event).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>{events}</Events>"
    )
    .into_bytes()
}

/// As `wevtutil` writes what it finds: one event behind the other.
pub(super) fn xml_fragments(records: &[Record]) -> Vec<u8> {
    lines(records, xml_event)
}

fn winlog(record: &Record) -> String {
    let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
    format!(
        "{{\"@timestamp\":{time},\"winlog\":{{\"provider_name\":{provider},\"event_id\":{id},\
         \"channel\":\"{CHANNEL}\",\"computer_name\":{computer},\
         \"event_data\":{{\"A\":{text},\"N\":{number}}}}}}}"
    )
}

/// The answer of a search of Elasticsearch.
fn hits(hits: &[String]) -> Vec<u8> {
    format!(
        "{{\"took\":5,\"timed_out\":false,\"_shards\":{{\"total\":1,\"failed\":0}},\"hits\":{{\
         \"total\":{{\"value\":{},\"relation\":\"eq\"}},\"max_score\":1.0,\"hits\":[{}]}}}}",
        hits.len(),
        hits.join(",")
    )
    .into_bytes()
}

pub(super) fn elastic_hits(records: &[Record]) -> Vec<u8> {
    let hit = |record: &Record| {
        format!("{{\"_index\":\"w\",\"_id\":\"1\",\"_score\":1.0,\"_source\":{}}}", winlog(record))
    };
    hits(&records.iter().map(hit).collect::<Vec<_>>())
}

/// Fields by their dotted names, each an array.
pub(super) fn elastic_fields(records: &[Record]) -> Vec<u8> {
    let hit = |record: &Record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"_index\":\"w\",\"_id\":\"1\",\"fields\":{{\"@timestamp\":[{time}],\
             \"winlog.provider_name\":[{provider}],\"winlog.event_id\":[{id}],\
             \"winlog.channel\":[\"{CHANNEL}\"],\"winlog.computer_name\":[{computer}],\
             \"winlog.event_data.A\":[{text}],\"winlog.event_data.N\":[{number}]}}}}"
        )
    };
    hits(&records.iter().map(hit).collect::<Vec<_>>())
}

/// The answer of Splunk's REST interface.
pub(super) fn splunk_rest(records: &[Record]) -> Vec<u8> {
    let result = |record: &Record| {
        let [time, provider, id, computer, text, number] = record.each_ref().map(|it| quoted(it));
        format!(
            "{{\"_time\":{time},\"Name\":{provider},\"EventID\":{id},\"Channel\":\"{CHANNEL}\",\
             \"Computer\":{computer},\"A\":{text},\"N\":{number}}}"
        )
    };
    let results: Vec<String> = records.iter().map(result).collect();
    format!(
        "{{\"preview\":false,\"init_offset\":0,\"messages\":[],\"fields\":[{{\"name\":\"_time\"}}],\
         \"results\":[{}],\"highlighted\":{{}}}}",
        results.join(",")
    )
    .into_bytes()
}
