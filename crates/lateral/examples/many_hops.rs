//! Measures hops and paths of as many alerts as asked for: time, and the most memory that was in use.
//!
//! `cargo run --release --example many_hops -- 100000`; a tenth of the alerts beside it tells whether
//! both grow in proportion. Memory is told where `/proc` is.

use std::{error::Error, io::Write, sync::Arc, time::Instant};

use detection::alert::{Alert, Evidence, Origin, RuleRef, Severity};
use kql_types::{Ticks, Value};
use lateral::{Observations, Start, origins, paths, places_of, reach, trace};

const MINUTE: Ticks = 600_000_000;
/// Hosts in use.
const HOSTS: usize = 2_000;
/// Accounts in use.
const ACCOUNTS: usize = 17;

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).as_deref().unwrap_or("100000").parse()?;
    let alerts: Vec<Alert> = (0..count).map(alert).collect();
    let before = peak_kib();
    let began = Instant::now();
    let movement = trace(&alerts, &Observations::default());
    let traced = began.elapsed();
    let all = paths(&movement, usize::MAX);
    let steps: usize = all.iter().map(|path| path.hops.len()).sum();
    let found = origins(&movement).len();
    let first = movement.hops.first().ok_or("no hops")?;
    let reached = reach(&movement, &Start::Place(first.source.clone(), Ticks::MIN)).len();
    let total = began.elapsed();
    writeln!(
        std::io::stdout(),
        "{} hops between {} hosts in {traced:.2?}; {} paths of {steps} steps, {found} origins, \
         {reached} hosts reached from the first, after {total:.2?}; {} MiB for the alerts, {} MiB at most",
        movement.hops.len(),
        places_of(&movement.hops).len(),
        all.len(),
        before / 1024,
        peak_kib() / 1024,
    )?;
    Ok(())
}

/// An admin share opened; the hosts are few enough to be met again and again.
fn alert(number: usize) -> Alert {
    let host = |factor: usize, more: usize| {
        let at = number.wrapping_mul(factor).wrapping_add(more) % HOSTS;
        format!("host-{at:06}.corp.example")
    };
    let (source, target) = (host(7, 0), host(13, 5));
    let account = format!("account-{}", number % ACCOUNTS);
    let columns = [
        ("DeviceName", target.clone()),
        ("TargetDevice", target.clone()),
        ("SourceDevice", source),
        ("AccountName", account),
    ];
    Alert {
        id: number.to_string(),
        rule: Arc::new(RuleRef {
            id: "r".into(),
            name: "r".into(),
            behaviours: vec!["B06".into()],
            methods: [("B06".into(), "share access".into())].into(),
            techniques: vec![],
        }),
        severity: Severity::Medium,
        time: Some(MINUTE.saturating_mul(i64::try_from(number).unwrap_or(Ticks::MAX))),
        entities: Vec::new(),
        columns: columns.map(|(name, value)| (name.into(), Value::String(value))).into(),
        evidence: vec![Evidence {
            origin: Arc::new(Origin {
                file: "Security.evtx".into(),
                member: None,
                channel: None,
                host: Some(target),
            }),
            line: u64::try_from(number).unwrap_or_default(),
            record_id: None,
            event_id: Some(5140),
        }],
    }
}

/// Returns the most memory that the process has used, in KiB; 0 where that is not known.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
