//! One request for all branches, and where each branch's columns stand in the batches it brings.

mod leaf;
mod shared;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use arrow::{array::ArrayRef, record_batch::RecordBatch};
use evtx_arrow::EventColumn;
use kql_datafusion::{PathForm, ScanColumn};
use kql_types::{KqlType, Ticks, schema::ColumnSchema};
use sources::{DateOrder, EVENTS, Limits, Passwords, ScanRequest, TableRequest};
use windows_event_model::SystemField;

pub(crate) use self::{leaf::LeafLayout, shared::SharedColumns};
use self::{
    leaf::{EvidencePlaces, Origin, Sources},
    shared::{Source, type_of},
};
use super::{
    branch::Branch, event_requests::EventRequests, pushdown, raw_table::TYPE, table_pushdown,
};
use crate::{
    error::EngineError,
    evidence::TIME_COLUMNS,
    keys::{self, RecordColumns},
    schemas::Schemas,
};

/// What is asked of the readers, and how their batches are taken apart again.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) request: ScanRequest,
    /// By table and the number of the request among those of the table.
    requests: BTreeMap<String, BTreeMap<usize, Arc<RequestLayout>>>,
}

/// How the input is read, whatever is asked of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReadOptions {
    /// Whether to look for chunks of event logs in content of no known format.
    pub(crate) carve: bool,
    /// How far local times are from UTC in exports that have local times and do not say.
    pub(crate) local_offset: Option<Ticks>,
    /// What archives that are encrypted may be opened with.
    pub(crate) passwords: Passwords,
    /// The order of day and month in dates that could be read either way.
    pub(crate) date_order: Option<DateOrder>,
}

/// What the batches of one request have, and for which leaves.
#[derive(Debug)]
pub(crate) struct RequestLayout {
    /// Tells requests apart.
    pub(crate) id: usize,
    /// The leaves that it brings rows.
    pub(crate) leaves: Vec<Arc<LeafLayout>>,
    shared: Vec<Source>,
    /// The shared columns that are stored for the leaves, in the order in which they are.
    stored: Vec<usize>,
    /// Where the columns are by which events are told apart, in the order of [`RecordColumns`].
    record_columns: Option<[usize; 5]>,
    /// Where they are among the stored columns.
    stored_record_columns: Option<[usize; 5]>,
}

/// A request under construction.
#[derive(Debug, Default)]
struct Asked {
    shared: Vec<Source>,
    evidence: Option<EvidencePlaces>,
    /// The shared column that has the times of the records.
    time: Option<usize>,
    /// The one that has their places in their files, where rows may be asked for by time.
    line: Option<usize>,
    /// The leaves, and where their branches' columns come from.
    leaves: Vec<(usize, Vec<Origin>)>,
}

/// The columns by which events are told apart.
const RECORD_COLUMNS: [SystemField; 5] = [
    SystemField::RecordId,
    SystemField::EventId,
    SystemField::Channel,
    SystemField::Computer,
    SystemField::TimeCreated,
];

impl Layout {
    /// Makes the requests of all branches. `schemas` has every table's columns.
    ///
    /// # Errors
    ///
    /// If a leaf's columns are not among those that are stored for it.
    pub(crate) fn new(
        branches: &[Branch],
        schemas: &Schemas,
        options: ReadOptions,
    ) -> Result<Self, EngineError> {
        let of_events = branches.iter().enumerate().filter(|(_, it)| *it.table == *EVENTS);
        let filters = of_events
            .map(|(index, it)| (index, pushdown::event_filters(&it.conjuncts, &it.columns)))
            .collect();
        let mut events = EventRequests::new(&filters);
        let mut tables: BTreeMap<String, TableRequest> = BTreeMap::new();
        let mut asked: BTreeMap<(String, usize), Asked> = BTreeMap::new();
        let mut record_columns: BTreeMap<usize, [usize; 5]> = BTreeMap::new();
        for (leaf, branch) in branches.iter().enumerate() {
            let table = branch.table.to_string();
            if table != EVENTS {
                let asked = asked.entry((table, 0)).or_default();
                let origins = native_origins(branch, schemas, &mut tables, asked);
                asked.leaves.push((leaf, origins));
                continue;
            }
            for request in events.of(leaf) {
                let Some(columns) = events.columns(request) else { continue };
                record_columns.entry(request).or_insert_with(|| {
                    RECORD_COLUMNS.map(|field| ask(columns, EventColumn::System(field)))
                });
                let asked = asked.entry((table.clone(), request)).or_default();
                if branch.is_timed {
                    let time = EventColumn::System(SystemField::TimeCreated);
                    asked.time(Some(ask(columns, time)));
                }
                let origins = branch.columns.iter();
                let origins = origins.map(|it| event_origin(it, columns, asked)).collect();
                asked.leaves.push((leaf, origins));
            }
        }
        let mut requests: BTreeMap<String, BTreeMap<usize, Arc<RequestLayout>>> = BTreeMap::new();
        for (id, ((table, request), asked)) in asked.into_iter().enumerate() {
            let record = record_columns.get(&request).filter(|_| table == EVENTS).copied();
            let layout = Arc::new(RequestLayout::new(id, asked, branches, record)?);
            requests.entry(table).or_default().insert(request, layout);
        }
        for (table, request) in &mut tables {
            // What suffices for one leaf need not for another.
            let mut leaves = branches.iter().filter(|branch| *branch.table == **table);
            if let (Some(only), None) = (leaves.next(), leaves.next()) {
                request.first.clone_from(&only.first);
            }
        }
        let request = ScanRequest {
            events: events.finish(),
            tables,
            carve: options.carve,
            limits: Limits::default(),
            local_offset: options.local_offset,
            passwords: options.passwords,
            date_order: options.date_order,
            piece: sources::Piece::Whole,
        };
        Ok(Self { request, requests })
    }

    /// Returns what a batch of a table has that answers a request of it; `None` if no leaf wants it.
    pub(crate) fn of(&self, table: &str, request: usize) -> Option<&Arc<RequestLayout>> {
        self.requests.get(table)?.get(&request)
    }
}

impl RequestLayout {
    fn new(
        id: usize,
        asked: Asked,
        branches: &[Branch],
        record_columns: Option<[usize; 5]>,
    ) -> Result<Self, EngineError> {
        let Asked { mut shared, evidence, time, line, leaves } = asked;
        let of_batch = |column: usize| ask(&mut shared, Source::Batch(column));
        let record_shared = record_columns.map(|columns| columns.map(of_batch));
        let mut stored: Vec<usize> = record_shared.into_iter().flatten().collect();
        for (leaf, columns) in &leaves {
            let Some(branch) = branches.get(*leaf) else { continue };
            stored.extend([time, line].into_iter().flatten().filter(|_| branch.is_timed));
            let projection = branch.projection.iter();
            for origin in projection.filter_map(|column| columns.get(*column)) {
                match origin {
                    Origin::Shared(number) => stored.push(*number),
                    Origin::Evidence => {
                        stored.extend(evidence.iter().flat_map(EvidencePlaces::all));
                    }
                    Origin::Missing(_) | Origin::Constant(_) => {}
                }
            }
        }
        stored.sort_unstable();
        stored.dedup();
        let place = |number: usize| stored.binary_search(&number).ok();
        let lay_out = |(leaf, columns): (usize, Vec<Origin>)| {
            let branch = branches.get(leaf)?;
            let from = Sources { evidence: evidence.as_ref(), time, line, member: stored.len() };
            LeafLayout::new(leaf, branch, columns, from, place).map(Arc::new)
        };
        let leaves: Option<Vec<_>> = leaves.into_iter().map(lay_out).collect();
        let leaves =
            leaves.ok_or(EngineError::Internal { what: "a leaf's column is not stored" })?;
        // They are stored, whatever the leaves want.
        let at = |number: usize| stored.partition_point(|stored| *stored < number);
        let stored_record_columns = record_shared.map(|columns| columns.map(at));
        Ok(Self { id, leaves, shared, stored, record_columns, stored_record_columns })
    }

    /// Returns those of the columns that leaves have in common that are stored, in the order in which they are. Behind them, the number
    /// of each row's member is stored.
    ///
    /// # Errors
    ///
    /// If one is missing.
    pub(crate) fn stored<'a>(
        &self,
        shared: &'a SharedColumns,
    ) -> Result<Vec<&'a ArrayRef>, EngineError> {
        let columns: Option<Vec<_>> =
            self.stored.iter().map(|number| shared.column(*number)).collect();
        columns.ok_or(EngineError::Internal { what: "a column to be stored is missing" })
    }

    /// Returns the number of the stored column that has the members.
    pub(crate) fn member(&self) -> usize {
        self.stored.len()
    }

    /// Returns the numbers of the stored columns by which events are told apart, in the order of
    /// [`RecordColumns`]; `None` if nothing tells the rows' records apart.
    pub(crate) fn stored_record_columns(&self) -> Option<[usize; 5]> {
        self.stored_record_columns
    }

    /// Returns what tells the records of a batch of events apart, `None` if nothing does.
    pub(crate) fn keys(&self, batch: &RecordBatch) -> Option<[ArrayRef; 2]> {
        let [record_id, event_id, channel, host, time] = self.record_columns?;
        let column = |index: usize| batch.columns().get(index);
        keys::keys(&RecordColumns {
            record_id: column(record_id)?,
            event_id: column(event_id)?,
            channel: column(channel)?,
            host: column(host)?,
            time: column(time)?,
        })
    }
}

impl Asked {
    fn shared(&mut self, source: Source) -> Origin {
        Origin::Shared(ask(&mut self.shared, source))
    }

    /// Takes note of which column of the reader's batch has the times of the records.
    fn time(&mut self, column: Option<usize>) {
        self.time = column.map(|column| ask(&mut self.shared, Source::Batch(column)));
        self.line = Some(ask(&mut self.shared, Source::Line));
    }

    /// Takes note of where evidence comes from, by columns of the reader's batch.
    fn evidence(
        &mut self,
        [record_id, event_id, channel, host, time]: [Option<usize>; 5],
    ) -> Origin {
        if self.evidence.is_none() {
            let line = ask(&mut self.shared, Source::Line);
            let mut shared = |column: Option<usize>| {
                column.map(|column| ask(&mut self.shared, Source::Batch(column)))
            };
            self.evidence = Some(EvidencePlaces {
                line,
                record_id: shared(record_id),
                event_id: shared(event_id),
                channel: shared(channel),
                host: shared(host),
                time: shared(time),
            });
        }
        Origin::Evidence
    }
}

/// Returns where a branch over a native table has its columns, and adds what it asks of the table.
fn native_origins(
    branch: &Branch,
    schemas: &Schemas,
    tables: &mut BTreeMap<String, TableRequest>,
    asked: &mut Asked,
) -> Vec<Origin> {
    let schema = schemas.get(&branch.table);
    let schema = schema.as_deref();
    let demand = schema.map(|schema| table_pushdown::alternatives(&branch.conjuncts, schema));
    let demand = demand.unwrap_or_default();
    let request = match tables.entry(branch.table.to_string()) {
        Entry::Vacant(entry) => {
            entry.insert(TableRequest { alternatives: demand, ..TableRequest::default() })
        }
        Entry::Occupied(entry) => {
            let request = entry.into_mut();
            let known = std::mem::take(&mut request.alternatives);
            request.alternatives = table_pushdown::either(known, demand);
            request
        }
    };
    let columns = &mut request.columns;
    let first_of = |columns: &mut Vec<ColumnSchema>, names: [&str; 2]| {
        let found = names.iter().find_map(|name| schema?.column(name));
        found.map(|column| ask(columns, column.clone()))
    };
    if branch.is_timed {
        let time = first_of(columns, TIME_COLUMNS);
        asked.time(time);
    }
    let mut origin = |column: &ScanColumn| match column {
        ScanColumn::Column { name, ty } => {
            let at = ask(columns, ColumnSchema { name: name.to_string(), ty: *ty });
            asked.shared(if &**name == TYPE && *ty == KqlType::String {
                Source::TableName(at, Arc::clone(&branch.table))
            } else {
                Source::Batch(at)
            })
        }
        ScanColumn::Path { column, steps, form } => {
            let whole = ColumnSchema { name: column.to_string(), ty: KqlType::Dynamic };
            asked.shared(Source::Path(ask(columns, whole), steps.clone(), *form))
        }
        ScanColumn::Evidence => {
            let host = first_of(columns, ["DeviceName", "Computer"]);
            let time = first_of(columns, TIME_COLUMNS);
            asked.evidence([None, None, None, host, time])
        }
    };
    branch.columns.iter().map(&mut origin).collect()
}

/// Returns where a branch over events has a column, and adds what it asks of them.
fn event_origin(column: &ScanColumn, columns: &mut Vec<EventColumn>, asked: &mut Asked) -> Origin {
    let mut of_batch = |column: EventColumn| Source::Batch(ask(columns, column));
    match column {
        ScanColumn::Column { name, .. } if &**name == "EventData" => {
            asked.shared(of_batch(EventColumn::Dynamic(Vec::new())))
        }
        ScanColumn::Column { name, .. } if &**name == TYPE => Origin::Constant(EVENTS.into()),
        ScanColumn::Column { name, ty } => match sources::header_field(name) {
            Some(field) => asked.shared(of_batch(EventColumn::System(field))),
            None => Origin::Missing(*ty),
        },
        ScanColumn::Path { column, steps, form } if &**column == "EventData" => {
            asked.shared(of_batch(match form {
                PathForm::Text => EventColumn::Text(steps.clone()),
                PathForm::Dynamic => EventColumn::Dynamic(steps.clone()),
            }))
        }
        ScanColumn::Path { form, .. } => Origin::Missing(type_of(*form)),
        ScanColumn::Evidence => asked
            .evidence(RECORD_COLUMNS.map(|field| Some(ask(columns, EventColumn::System(field))))),
    }
}

/// Returns the place of what is asked for, adding it if nobody has asked for it yet.
fn ask<T: PartialEq>(asked: &mut Vec<T>, column: T) -> usize {
    asked.iter().position(|have| *have == column).unwrap_or_else(|| {
        asked.push(column);
        asked.len().saturating_sub(1)
    })
}
