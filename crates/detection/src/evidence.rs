//! From the engine's record references to what an alert cites.

use engine::{Balance, RecordRef};

use crate::alert::Evidence;

/// Returns what an alert says of the records, in order of file and place.
pub(crate) fn evidence(records: &[RecordRef], balance: &Balance) -> Vec<Evidence> {
    let mut cited: Vec<Evidence> =
        records.iter().filter_map(|record| cite(record, balance)).collect();
    cited.sort_by(Evidence::by_place);
    cited
}

fn cite(record: &RecordRef, balance: &Balance) -> Option<Evidence> {
    let member = balance.member(record.member)?;
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(Evidence {
        file: engine::path_text(&member.file),
        member: member.member.clone(),
        line: record.line,
        record_id: record.record_id,
        event_id: record.event_id,
        channel: text(&record.channel),
        host: text(&record.host),
    })
}
