//! Alerts.

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;
use watch::AlertsWanted;

use super::{Answer, Asked, Problem, Shared, answer, most, time, with_watched};

/// Which alerts are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    rule: Option<String>,
    severity: Option<String>,
    incident: Option<i64>,
    since: Option<String>,
    before: Option<i64>,
    #[serde(default)]
    suppressed: bool,
    top: Option<u32>,
}

pub(super) async fn list(State(service): Shared, Asked(which): Asked<Which>) -> Answer {
    let wanted = AlertsWanted {
        rule: which.rule,
        severity: which.severity,
        incident: which.incident,
        since: time("since", which.since.as_deref())?,
        before: which.before,
        with_suppressed: which.suppressed,
        most: most(which.top),
    };
    let alerts = with_watched(&service, move |watched| watched.book.alerts(&wanted)).await?;
    let next = alerts.last().map(|alert| alert.number);
    answer(&json!({ "alerts": alerts, "before": next }))
}

pub(super) async fn one(State(service): Shared, Path(id): Path<String>) -> Answer {
    let wanted = id.clone();
    let alert = with_watched(&service, move |watched| watched.book.alert(&wanted)).await?;
    answer(&alert.ok_or_else(|| Problem::none(format!("there is no alert `{id}`")))?)
}
