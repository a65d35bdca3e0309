//! Prints who logged on from where, of the logs given: `logons Security.evtx…`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example to be looked at")]

use std::{env, error::Error, fs::File, ops::ControlFlow};

use arrow_array::{RecordBatch, cast::AsArray, types::Int64Type};
use evtx_arrow::{Damage, EventColumn, EventFilter, EventRequest, EventSink, SystemField, read};

/// Ticks of 100 ns from 0001-01-01 to 1970-01-01.
const UNIX_EPOCH: i64 = 621_355_968_000_000_000;

struct Print;

impl EventSink for Print {
    fn batch(&mut self, _: usize, batch: RecordBatch) -> ControlFlow<()> {
        // Columns are taken by position: those of the request, in its order.
        let times = batch.column(0).as_primitive::<Int64Type>();
        let [users, addresses] = [1, 2].map(|at| batch.column(at).as_string_view());
        for row in 0..batch.num_rows() {
            let seconds = times.value(row).saturating_sub(UNIX_EPOCH) / 10_000_000;
            println!("{seconds} {} from {}", users.value(row), addresses.value(row));
        }
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, damage: Damage) {
        eprintln!("{damage}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = |name: &str| EventColumn::Text(vec![name.to_owned()]);
    let request = EventRequest {
        columns: vec![
            EventColumn::System(SystemField::TimeCreated),
            text("TargetUserName"),
            text("IpAddress"),
        ],
        filters: vec![EventFilter { event_ids: Some(vec![4624]), ..EventFilter::default() }],
    };
    for path in env::args_os().skip(1) {
        let summary = read(File::open(path)?, std::slice::from_ref(&request), &mut Print)?;
        eprintln!("{summary:?}");
    }
    Ok(())
}
