//! What belongs to one hop, and who its ends are.

use std::sync::Arc;

use detection::alert::Alert;
use lateral::{Account, AddressNote, Confidence, Logon, NamedBy, Observations, Place, trace};

use crate::fixture::{MINUTE, SECOND, access, alert, lines};

fn account(name: &str) -> Account {
    Account { name: name.to_owned(), domain: "corp".to_owned(), sid: String::new() }
}

#[test]
fn both_ends_of_a_psexec_run_are_one_hop() {
    let alerts = [
        alert(
            MINUTE,
            "B10",
            &[
                ("DeviceName", "ws-117.corp.example"),
                ("SourceDevice", "ws-117.corp.example"),
                ("TargetDevice", "srv-files02"),
                ("AccountName", "adm-okafor"),
                ("ProcessCommandLine", r"psexec64 \\srv-files02 hostname"),
            ],
        ),
        alert(
            MINUTE + SECOND,
            "B06",
            &[
                ("DeviceName", "srv-files02.corp.example"),
                ("TargetDevice", "srv-files02.corp.example"),
                ("SourceIP", "10.20.30.117"),
                ("AccountName", "adm-okafor"),
                ("AccountDomain", "CORP"),
                ("LogonId", "0x52f0be"),
                ("ShareName", r"\\*\ADMIN$"),
                ("RelativePath", "PSEXESVC.exe"),
            ],
        ),
        alert(
            MINUTE + 2 * SECOND,
            "B11",
            &[
                ("DeviceName", "srv-files02.corp.example"),
                ("TargetDevice", "srv-files02.corp.example"),
                ("ServiceName", "PSEXESVC"),
            ],
        ),
    ];
    let own = AddressNote {
        address: "10.20.30.117".parse().unwrap(),
        by: NamedBy::OwnRecord,
        host: "WS-117".to_owned(),
        first: 0,
        last: 0,
    };
    let observations = Observations { addresses: vec![own], ..Observations::default() };
    let movement = trace(&alerts, &observations);
    assert_eq!(
        lines(&movement),
        ["ws-117.corp.example -> srv-files02.corp.example as corp\\adm-okafor, PsExec, 3 alerts, \
          high, both ends"]
    );
    let hop = &movement.hops[0];
    assert_eq!(hop.artefacts.shares.iter().collect::<Vec<_>>(), ["ADMIN$"]);
    assert_eq!(hop.artefacts.services.iter().collect::<Vec<_>>(), ["PSEXESVC"]);
    assert_eq!(hop.sessions.iter().collect::<Vec<_>>(), [&0x52_f0be]);
    assert_eq!(hop.evidence.len(), 3);
    assert_eq!((hop.first, hop.last), (MINUTE, MINUTE + 2 * SECOND));
    assert!(movement.unplaced.is_empty());
}

#[test]
fn a_session_names_the_source_of_what_has_none() {
    let service = alert(
        MINUTE,
        "B18",
        &[("DeviceName", "srv-1"), ("TargetDevice", "srv-1"), ("LogonId", "0x77")],
    );
    let logon = Logon {
        host: "SRV-1".to_owned(),
        id: 0x77,
        time: MINUTE - SECOND,
        account: Some(account("amy")),
        address: Some("10.0.0.9".parse().unwrap()),
        workstation: "WS-9".to_owned(),
    };
    let observations = Observations { logons: vec![logon], ..Observations::default() };
    let movement = trace(&[service], &observations);
    assert_eq!(
        lines(&movement),
        ["10.0.0.9 -> srv-1 as corp\\amy, service, 1 alerts, medium, target"]
    );
    assert!(movement.hops[0].reasons.contains("logon session names the source"));
}

#[test]
fn without_any_record_of_it_the_source_stays_unknown() {
    let service = alert(
        MINUTE,
        "B11",
        &[("DeviceName", "srv-1"), ("TargetDevice", "srv-1"), ("ServiceName", "PSEXESVC")],
    );
    let movement = trace(&[service], &Observations::default());
    assert_eq!(movement.hops[0].source, Place::Unknown);
    assert_eq!(movement.hops[0].confidence, Confidence::Low);
}

#[test]
fn a_trace_that_could_be_of_two_sources_is_of_none() {
    let service = alert(
        MINUTE + SECOND,
        "B18",
        &[("DeviceName", "srv-1"), ("TargetDevice", "srv-1"), ("ServiceName", "updsvc")],
    );
    let alerts =
        [access(MINUTE, "ws-1", "srv-1", "amy"), access(MINUTE, "ws-2", "srv-1", "bob"), service];
    let movement = trace(&alerts, &Observations::default());
    assert_eq!(movement.hops.len(), 3);
    assert!(movement.hops.iter().any(|hop| hop.source == Place::Unknown));
}

#[test]
fn output_redirected_to_the_own_host_is_part_of_the_session() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", "amy"),
        alert(
            MINUTE + SECOND,
            "B16",
            &[
                ("DeviceName", "srv-1"),
                ("TargetDevice", "srv-1"),
                ("SourceIP", "127.0.0.1"),
                ("AccountName", "amy"),
                ("ShareName", "ADMIN$"),
                ("RelativePath", "__1619425227.894209"),
            ],
        ),
    ];
    let movement = trace(&alerts, &Observations::default());
    assert_eq!(lines(&movement), ["ws-1 -> srv-1 as amy, wmiexec, 2 alerts, high, target"]);
    // Alone, an access from the own host is no movement.
    let movement = trace(&alerts[1..], &Observations::default());
    assert!(movement.hops.is_empty());
    assert_eq!(movement.unplaced, [0]);
}

#[test]
fn two_ways_to_run_something_in_one_session_are_two_hops() {
    let with = |time, behaviour, extra: (&'static str, &'static str)| {
        alert(
            time,
            behaviour,
            &[
                ("DeviceName", "srv-1"),
                ("TargetDevice", "srv-1"),
                ("SourceDevice", "ws-1"),
                ("AccountName", "amy"),
                extra,
            ],
        )
    };
    let alerts = [
        with(MINUTE, "B11", ("ServiceName", "PSEXESVC")),
        with(2 * MINUTE, "B17", ("TaskName", "upd")),
        with(2 * MINUTE + SECOND, "B04", ("FileName", "upd.exe")),
    ];
    let movement = trace(&alerts, &Observations::default());
    assert_eq!(
        lines(&movement),
        [
            "ws-1 -> srv-1 as amy, PsExec, 1 alerts, medium, target",
            "ws-1 -> srv-1 as amy, scheduled task, 2 alerts, high, target",
        ]
    );
}

#[test]
fn a_long_pause_ends_a_session() {
    let alerts = [
        access(MINUTE, "ws-1", "srv-1", "amy"),
        access(20 * MINUTE, "ws-1", "srv-1", "amy"),
        access(60 * MINUTE, "ws-1", "srv-1", "amy"),
    ];
    let movement = trace(&alerts, &Observations::default());
    let counts: Vec<usize> = movement.hops.iter().map(|hop| hop.alerts.len()).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn rules_of_other_people_are_read_by_the_columns_of_their_tables() {
    let connection = alert(
        MINUTE,
        "published",
        &[
            ("DeviceName", "ws-1"),
            ("RemoteIP", "10.0.0.7"),
            ("RemotePort", "445"),
            ("InitiatingProcessAccountName", "amy"),
        ],
    );
    let share = alert(
        2 * MINUTE,
        "other",
        &[
            ("Computer", "srv-1.corp.example"),
            ("IpAddress", "::ffff:10.0.0.5"),
            ("SubjectUserName", "bob"),
            ("ShareName", r"\\*\C$"),
        ],
    );
    let command = alert(
        3 * MINUTE,
        "published",
        &[
            ("DeviceName", "ws-1"),
            ("AccountName", "amy"),
            ("ProcessCommandLine", r"net  use Z: \\srv-9\C$"),
        ],
    );
    let mut alerts = [connection, share, command];
    for alert in &mut alerts {
        Arc::make_mut(&mut alert.rule).behaviours.clear();
        Arc::make_mut(&mut alert.rule).techniques = vec!["T1021.002".to_owned()];
    }
    let movement = trace(&alerts, &Observations::default());
    let ends: Vec<String> = movement
        .hops
        .iter()
        .map(|hop| format!("{} -> {} ({})", hop.source, hop.target, hop.method))
        .collect();
    assert_eq!(
        ends,
        [
            "ws-1 -> 10.0.0.7 (SMB)",
            "10.0.0.5 -> srv-1.corp.example (share access)",
            "ws-1 -> srv-9 (SMB)",
        ]
    );
}

#[test]
fn a_run_on_the_own_host_is_no_hop() {
    let local = alert(
        MINUTE,
        "B10",
        &[
            ("DeviceName", "ws-1"),
            ("SourceDevice", "ws-1"),
            ("AccountName", "amy"),
            ("ProcessCommandLine", "psexec -s cmd"),
        ],
    );
    let movement = trace(&[local], &Observations::default());
    assert!(movement.hops.is_empty(), "{:?}", lines(&movement));
    assert_eq!(movement.unplaced, [0]);
}

#[test]
fn a_client_that_gives_several_names_stays_its_address() {
    let row = |time, name: &'static str| {
        alert(
            time,
            "B19",
            &[
                ("DeviceName", "srv-1"),
                ("TargetDevice", "srv-1"),
                ("SourceDevice", name),
                ("SourceIP", "10.0.0.9"),
                ("AccountName", "amy"),
                ("ServiceName", "x"),
            ],
        )
    };
    let claim = |host: &str| AddressNote {
        address: "10.0.0.9".parse().unwrap(),
        by: NamedBy::Client,
        host: host.to_owned(),
        first: MINUTE,
        last: MINUTE,
    };
    let alerts = [row(MINUTE, "kali"), row(MINUTE + SECOND, "")];
    let ends = |addresses| {
        let movement = trace(&alerts, &Observations { addresses, ..Observations::default() });
        movement.hops.iter().map(|hop| hop.source.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ends(vec![claim("kali"), claim("0konuy9q")]), ["10.0.0.9"]);
    assert_eq!(ends(vec![claim("kali")]), ["kali"]);
}

/// An alert of a rule that is of no package, for these techniques.
fn foreign(techniques: &[&str], columns: &[(&str, &str)]) -> Alert {
    let mut alert = alert(MINUTE, "", columns);
    Arc::make_mut(&mut alert.rule).behaviours.clear();
    Arc::make_mut(&mut alert.rule).techniques =
        techniques.iter().map(|id| (*id).to_owned()).collect();
    alert
}

#[test]
fn an_alert_of_another_technique_is_no_hop() {
    let columns = [("DeviceName", "app-7"), ("SourceIP", "10.4.0.9"), ("ShareName", r"\\*\C$")];
    for techniques in [&["T1033"][..], &["T1021.001"], &[]] {
        let movement = trace(&[foreign(techniques, &columns)], &Observations::default());
        assert!(movement.hops.is_empty(), "{techniques:?}: {:?}", lines(&movement));
        assert_eq!(movement.unplaced, [0]);
    }
}

#[test]
fn an_alert_of_the_technique_is_a_hop_only_with_a_source() {
    let columns = [("DeviceName", "app-7"), ("AccountName", "ines"), ("IpAddress", "10.4.0.9")];
    let hops = |techniques: &[&str], columns: &[(&str, &str)]| {
        lines(&trace(&[foreign(techniques, columns)], &Observations::default()))
    };
    assert_eq!(hops(&["T1021.002"], &columns).len(), 1);
    assert_eq!(hops(&["t1021.002"], &columns[..2]), [] as [String; 0]);
    let itself = [("DeviceName", "app-7"), ("IpAddress", "127.0.0.1")];
    assert_eq!(hops(&["T1021.002"], &itself), [] as [String; 0]);
    // Remote services of any kind: the row has to speak of SMB.
    assert_eq!(hops(&["T1021"], &columns), [] as [String; 0]);
    let with_share = [columns[0], columns[2], ("ShareName", r"\\*\ADMIN$")];
    assert_eq!(hops(&["T1021"], &with_share).len(), 1);
}

#[test]
fn an_alert_of_another_technique_does_not_colour_a_hop() {
    let mut other = foreign(&["T1033"], &[("DeviceName", "srv-2"), ("AccountName", "amy")]);
    other.severity = detection::alert::Severity::High;
    let movement =
        trace(&[access(MINUTE, "ws-1", "srv-2", "amy"), other], &Observations::default());
    assert_eq!(movement.hops.len(), 1);
    assert_eq!(movement.hops[0].alerts, [0]);
    assert_eq!(movement.unplaced, [1]);
}
