//! Events that come by syslog.

use std::{
    io::Write,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    access::certificate,
    client::{Served, Setup, secured},
};

const EVENT: &str = r#"{"EventTime":"2024-05-01 10:00:00","Hostname":"dc1","Keywords":-9214364837600034816,"EventType":"AUDIT_SUCCESS","SeverityValue":2,"Severity":"INFO","EventID":5140,"SourceName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","Version":1,"Task":12808,"OpcodeValue":0,"RecordNumber":7,"ProcessID":4,"ThreadID":8,"Channel":"Security","ShareName":"ADMIN$","EventReceivedTime":"2024-05-01 10:00:01","SourceModuleName":"in","SourceModuleType":"im_msvistalog"}"#;
const XML: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>5140</EventID><TimeCreated SystemTime='2024-05-01T10:00:00Z'/><EventRecordID>8</EventRecordID><Channel>Security</Channel><Computer>dc1</Computer></System><EventData><Data Name='ShareName'>C$</Data></EventData></Event>";

fn rows(served: &Served, query: &str) -> Value {
    served.post("/v1/rest/query", &json!({ "csl": query })).json()["Tables"][0]["Rows"].clone()
}

/// Waits until the lake has so many records by syslog, and has rejected so many.
#[track_caller]
fn wait_for(served: &Served, stored: u64, rejected: u64) {
    let expected = json!([[stored, rejected]]);
    let started = Instant::now();
    loop {
        let found = rows(served, "LakeInput | summarize sum(RecordsStored), sum(RecordsRejected)");
        if found == expected {
            return;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{found} is not {expected}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn events_come_in_and_what_is_none_is_told() {
    let served = Served::start(Setup { has_syslog: true, has_lake: true, ..Setup::new() });
    let mut stream = TcpStream::connect(served.syslog.unwrap()).unwrap();
    let message = format!("<14>1 2024-05-01T10:00:00Z dc1 nxlog - - [a@1 b=\"c\"] {EVENT}");
    write!(stream, "{} {message}", message.len()).unwrap();
    write!(stream, "<14>May  1 10:00:00 dc1 wec: {XML}\n<13>May  1 10:00:00 dc1 sshd: hello\n")
        .unwrap();
    drop(stream);
    wait_for(&served, 2, 1);
    let shares = rows(
        &served,
        "WindowsEvent | project tostring(EventData.ShareName), EventID | order by EventData_ShareName asc",
    );
    assert_eq!(shares, json!([["ADMIN$", 5140], ["C$", 5140]]));
    let reasons =
        rows(&served, "LakeInput | where RecordsRejected > 0 | project tostring(Reasons)");
    assert!(reasons.to_string().contains("expected `{`"), "{reasons}");
    let metrics = served.get("/metrics", &[]).body;
    let name = format!("syslog:{}", served.syslog.unwrap());
    assert!(metrics.contains(&format!("records_total{{input=\"{name}\"}} 2")), "{metrics}");
}

#[test]
fn what_there_is_no_room_for_waits() {
    let room = 3 * EVENT.len();
    let served = Served::start(Setup { has_syslog: true, has_lake: true, room, ..Setup::new() });
    let mut stream = TcpStream::connect(served.syslog.unwrap()).unwrap();
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let mut stream = TcpStream::connect(served.syslog.unwrap()).unwrap();
            thread::spawn(move || {
                for _ in 0..20 {
                    writeln!(stream, "{EVENT}").unwrap();
                    // Each in a packet of its own.
                    thread::sleep(Duration::from_millis(5));
                }
            })
        })
        .collect();
    for sender in senders {
        sender.join().unwrap();
    }
    writeln!(stream, "{EVENT}").unwrap();
    drop(stream);
    wait_for(&served, 61, 0);
}

#[test]
fn syslog_speaks_tls() {
    let (certificate, key) = certificate();
    let served = Served::start(Setup {
        has_syslog: true,
        has_lake: true,
        tls: Some((certificate.clone(), key)),
        tokens: vec![("read", service::Role::Read)],
        ..Setup::new()
    });
    // Whoever does not speak it brings nothing in.
    let mut plain = TcpStream::connect(served.syslog.unwrap()).unwrap();
    writeln!(plain, "{EVENT}").unwrap();
    let mut stream = secured(&certificate, served.syslog.unwrap());
    writeln!(stream, "{EVENT}").unwrap();
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    let started = Instant::now();
    loop {
        let headers = [("Authorization", "Bearer read")];
        let metrics = served.ask_securely(&certificate, "GET", "/metrics", &headers, "").body;
        if metrics
            .lines()
            .any(|it| it.contains("records_total{input=\"syslog") && it.ends_with("} 1"))
        {
            break;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{metrics}");
        thread::sleep(Duration::from_millis(20));
    }
}
