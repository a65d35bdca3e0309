//! Reads event logs as a detection does, eight fields of twelve event ids, and tells the balance.
//!
//! Measure it in release mode: `time throughput FILE…`; user and system time together are what a
//! core spends.

#![expect(clippy::print_stdout, reason = "an example to be looked at")]

use std::{env, error::Error, fs::File, ops::ControlFlow};

use arrow_array::RecordBatch;
use evtx_arrow::{Damage, EventColumn, EventFilter, EventRequest, EventSink, read};
use windows_event_model::SystemField;

struct Count {
    bytes: usize,
}

impl EventSink for Count {
    fn batch(&mut self, _: usize, batch: RecordBatch) -> ControlFlow<()> {
        self.bytes = self.bytes.saturating_add(batch.get_array_memory_size());
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, damage: Damage) {
        println!("{damage}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = |name: &str| EventColumn::Text(vec![name.to_owned()]);
    let request = EventRequest {
        columns: vec![
            EventColumn::System(SystemField::TimeCreated),
            EventColumn::System(SystemField::EventId),
            EventColumn::System(SystemField::Computer),
            EventColumn::System(SystemField::RecordId),
            text("SubjectUserName"),
            text("IpAddress"),
            text("ShareName"),
            text("RelativeTargetName"),
        ],
        filters: vec![EventFilter {
            event_ids: Some(vec![4624, 4648, 4672, 4688, 4697, 4698, 5140, 5145, 7045, 1, 3, 11]),
            ..EventFilter::default()
        }],
    };
    for path in env::args_os().skip(1) {
        let mut sink = Count { bytes: 0 };
        let summary = read(File::open(path)?, std::slice::from_ref(&request), &mut sink)?;
        println!("{summary:?}, {} bytes of batches", sink.bytes);
    }
    Ok(())
}
