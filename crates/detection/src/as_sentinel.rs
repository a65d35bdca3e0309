//! An alert of a hunt as Sentinel has it.

use kql_types::{Ticks, Value};
use sentinel::{Assumptions, Losses, Row, Rows, RunOfRule};

use crate::{alert::Alert, package::PackagedRule};

/// Returns an alert as Sentinel has it, with nothing of it lost, and under the same id.
///
/// `None` if it is of a rule that neither Sentinel nor Defender runs, or its id is not one of a hunt.
///
/// - `scheduled`: the run that raises it.
/// - `generated`: when it was raised.
pub fn as_sentinel(
    rule: &PackagedRule,
    alert: &Alert,
    scheduled: Ticks,
    generated: Ticks,
) -> Option<sentinel::Alert> {
    let analytics = rule.analytics()?;
    let columns: Vec<String> = alert.columns.iter().map(|(name, _)| (**name).to_owned()).collect();
    let values: Vec<Value> = alert.columns.iter().map(|(_, value)| value.clone()).collect();
    let row = Row { id: id_of(&alert.id)?, time: alert.time, values };
    let run = RunOfRule {
        rule: analytics,
        scheduled,
        executed: generated,
        is_first: false,
        losses: Losses::None,
        assumptions: &Assumptions::default(),
    };
    let raised = run.alerts(Rows::new(&columns, &[&row]));
    let mut one = raised.alerts.into_iter().next()?;
    one.generated = generated;
    one.severity = alert.severity;
    Some(one)
}

fn id_of(written: &str) -> Option<[u8; 16]> {
    let mut id = [0; 16];
    if written.len() != 32 {
        return None;
    }
    for (at, byte) in id.iter_mut().enumerate() {
        let from = at.checked_mul(2)?;
        *byte = u8::from_str_radix(written.get(from..from.checked_add(2)?)?, 16).ok()?;
    }
    Some(id)
}
