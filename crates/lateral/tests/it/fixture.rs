//! Made alerts, and a short form of what comes of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use detection::{
    Package,
    alert::{Alert, Evidence, Origin, RuleRef, Severity},
};
use kql_types::{Ticks, Value};
use lateral::{Hop, Movement, Path, paths};

/// What the package says of its behaviours.
static METHODS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let behaviours = Package::builtin().unwrap().behaviours.into_values();
    behaviours.filter_map(|behaviour| Some((behaviour.id, behaviour.method?))).collect()
});

pub(crate) const SECOND: Ticks = 10_000_000;
pub(crate) const MINUTE: Ticks = 60 * SECOND;

/// Makes an alert of one behaviour at a time, with columns; `DeviceName` logs its one record.
pub(crate) fn alert(time: Ticks, behaviour: &str, columns: &[(&str, &str)]) -> Alert {
    let text = |wanted: &str| {
        columns.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
    };
    let host = text("DeviceName");
    let evidence = Evidence {
        origin: Arc::new(Origin {
            file: format!("{}.evtx", host.as_deref().unwrap_or("unknown")),
            member: None,
            channel: None,
            host,
        }),
        line: u64::try_from(time / SECOND).unwrap(),
        record_id: None,
        event_id: None,
    };
    let columns = columns
        .iter()
        .map(|(name, value)| (Arc::from(*name), Value::String((*value).to_owned())))
        .collect::<Vec<_>>();
    Alert {
        id: format!("{time}-{behaviour}-{columns:?}"),
        rule: Arc::new(RuleRef {
            id: behaviour.to_owned(),
            name: behaviour.to_owned(),
            behaviours: vec![behaviour.to_owned()],
            methods: METHODS.clone(),
            techniques: vec![],
        }),
        severity: Severity::Medium,
        time: Some(time),
        entities: Vec::new(),
        columns,
        evidence: vec![evidence],
    }
}

/// An access as the target records it, from a named source.
pub(crate) fn access(time: Ticks, source: &str, target: &str, account: &str) -> Alert {
    let columns = [
        ("DeviceName", target),
        ("TargetDevice", target),
        ("SourceDevice", source),
        ("AccountName", account),
    ];
    alert(time, "B06", &columns)
}

/// Writes a hop in a line: `ws-1 -> srv-2 as amy, PsExec, 2 alerts, high, target`.
pub(crate) fn line(hop: &Hop) -> String {
    let account = hop.account.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string);
    format!(
        "{} -> {} as {account}, {}, {} alerts, {}, {}",
        hop.source,
        hop.target,
        hop.method,
        hop.alerts.len(),
        hop.confidence,
        hop.seen_by.name()
    )
}

pub(crate) fn lines(movement: &Movement) -> Vec<String> {
    movement.hops.iter().map(line).collect()
}

/// Writes a path in a line: `ws-1 > srv-2 > dc-1`.
pub(crate) fn places(movement: &Movement, path: &Path) -> String {
    let places = lateral::places(path, &movement.hops);
    places.iter().map(|place| place.short()).collect::<Vec<_>>().join(" > ")
}

pub(crate) fn all_paths(movement: &Movement) -> Vec<String> {
    paths(movement, usize::MAX).iter().map(|path| places(movement, path)).collect()
}
