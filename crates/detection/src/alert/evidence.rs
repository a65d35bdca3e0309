//! From the engine's record references to what an alert cites.

use std::{collections::HashMap, sync::Arc};

use engine::{Balance, MemberId, RecordRef};

use super::{Evidence, Origin};

/// Where records come from, each place kept once however many alerts cite records of it.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// By member, channel and host.
    known: HashMap<(MemberId, Arc<str>, Arc<str>), Arc<Origin>>,
}

impl Origins {
    /// Returns what an alert says of the records, in order of file and place.
    pub(crate) fn evidence(&mut self, records: &[RecordRef], balance: &Balance) -> Vec<Evidence> {
        let cited = records.iter().filter_map(|record| self.cite(record, balance));
        let mut cited: Vec<Evidence> = cited.collect();
        cited.sort_by(Evidence::by_place);
        // They stay as long as the alert does.
        cited.shrink_to_fit();
        cited
    }

    fn cite(&mut self, record: &RecordRef, balance: &Balance) -> Option<Evidence> {
        let RecordRef { line, record_id, event_id, .. } = *record;
        Some(Evidence { origin: self.origin(record, balance)?, line, record_id, event_id })
    }

    fn origin(&mut self, record: &RecordRef, balance: &Balance) -> Option<Arc<Origin>> {
        let key = (record.member, Arc::clone(&record.channel), Arc::clone(&record.host));
        if let Some(known) = self.known.get(&key) {
            return Some(Arc::clone(known));
        }
        let member = balance.member(record.member)?;
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let origin = Arc::new(Origin {
            file: engine::path_text(&member.file),
            member: member.member.clone(),
            channel: text(&record.channel),
            host: text(&record.host),
        });
        self.known.insert(key, Arc::clone(&origin));
        Some(origin)
    }
}
