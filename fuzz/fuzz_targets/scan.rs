//! Scans bytes for everything, and checks that the account of it adds up.

#![expect(clippy::arithmetic_side_effects, reason = "no more rows than an input has bytes")]

use std::{ops::ControlFlow, path::Path, sync::LazyLock};

use arrow_array::RecordBatch;
use evtx_arrow::{EventColumn, EventRequest};
use sources::{KnownTables, Limits, Origin, Problem, ScanRequest, Sink, TableRequest, scan_stream};
use windows_event_model::SystemField;

static KNOWN: LazyLock<(KnownTables, ScanRequest)> = LazyLock::new(|| {
    let schemas: Vec<_> =
        tables::catalog(tables::Environment::Both).into_iter().map(|it| it.schema).collect();
    let requests = schemas.iter().map(|schema| {
        let request = TableRequest { columns: schema.columns.clone(), ..TableRequest::default() };
        (schema.name.clone(), request)
    });
    let events = EventRequest {
        columns: vec![
            EventColumn::System(SystemField::TimeCreated),
            EventColumn::System(SystemField::EventId),
            EventColumn::Text(vec!["Image".to_owned()]),
            EventColumn::Dynamic(Vec::new()),
        ],
        filters: Vec::new(),
    };
    let limits = Limits { record_bytes: 1 << 16, block_bytes: 1 << 12, ..Limits::default() };
    let request = ScanRequest {
        events: vec![events],
        tables: requests.collect(),
        limits,
        ..ScanRequest::default()
    };
    (KnownTables::new(schemas), request)
});

/// Scans the bytes as a stream of that name.
pub(crate) fn check(name: &str, bytes: &[u8]) {
    let (known, request) = &*KNOWN;
    let mut count = Count::default();
    let summaries = scan_stream(Path::new(name), bytes, request, known, &mut count);
    let mut emitted = 0;
    for summary in summaries {
        assert!(summary.balances(), "{summary:?}");
        emitted += summary.emitted;
    }
    assert_eq!(emitted, count.rows);
}

#[derive(Default)]
struct Count {
    rows: u64,
}

impl Sink for Count {
    fn batch(&mut self, _origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        self.rows += batch.num_rows() as u64;
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) {
        // Every problem can be said.
        assert!(!problem.to_string().is_empty());
    }
}
