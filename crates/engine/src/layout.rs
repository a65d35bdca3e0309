//! One request for all branches, and where each branch's columns stand in the batches it brings.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringViewArray, new_null_array},
    datatypes::{Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use evtx_arrow::{EventColumn, SystemField};
use kql_datafusion::{PathForm, ScanColumn};
use kql_types::{
    KqlType, Ticks, dynamic,
    schema::{ColumnSchema, TableSchema},
};
use sources::{DateOrder, EVENTS, Limits, Passwords, ScanRequest, TableRequest};

use crate::{
    branch::Branch,
    duplicates::{self, RecordColumns},
    event_requests::EventRequests,
    evidence::{self, EvidenceColumns, MemberId, TIME_COLUMNS},
    pushdown,
    raw_table::{self, TYPE},
    table_pushdown,
};

/// What is asked of the readers, and how their batches are taken apart again.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) request: ScanRequest,
    branches: Vec<BranchLayout>,
    /// Where the columns are by which events are told apart, in the order of [`RecordColumns`], by
    /// the index of the request.
    record_columns: BTreeMap<usize, [usize; 5]>,
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

/// Where one branch's columns come from.
#[derive(Debug)]
struct BranchLayout {
    schema: SchemaRef,
    feeds: Vec<Feed>,
}

/// A request that brings a branch rows.
#[derive(Debug)]
struct Feed {
    /// The index of the request among those of its table.
    request: usize,
    columns: Vec<ColumnOrigin>,
}

/// Where a column's values come from; numbers are indices into the reader's batch.
#[derive(Debug)]
enum ColumnOrigin {
    Batch(usize),
    /// A path into a native table's dynamic column.
    Path(usize, Vec<String>, PathForm),
    /// The table has the column, but no reader fills it.
    Missing(KqlType),
    /// The table's own name.
    Constant(Arc<str>),
    /// The table's own name where the batch has nothing: many exports do not repeat it in every row.
    TableName(usize, Arc<str>),
    Evidence {
        record_id: Option<usize>,
        event_id: Option<usize>,
        channel: Option<usize>,
        host: Option<usize>,
        time: Option<usize>,
    },
}

/// The columns by which events are told apart.
const RECORD_COLUMNS: [SystemField; 5] = [
    SystemField::RecordId,
    SystemField::EventID,
    SystemField::Channel,
    SystemField::Computer,
    SystemField::TimeGenerated,
];

impl Layout {
    /// Makes the requests of all branches. `schemas` has every table's columns.
    pub(crate) fn new(
        branches: &[Branch],
        schemas: &BTreeMap<String, Arc<TableSchema>>,
        options: ReadOptions,
    ) -> Self {
        let of_events = branches.iter().enumerate().filter(|(_, it)| *it.table == *EVENTS);
        let filters = of_events
            .map(|(index, it)| (index, pushdown::event_filters(&it.conjuncts, &it.columns)))
            .collect();
        let mut events = EventRequests::new(&filters);
        let mut record_columns = BTreeMap::new();
        let mut tables: BTreeMap<String, TableRequest> = BTreeMap::new();
        let mut layouts = Vec::with_capacity(branches.len());
        for (index, branch) in branches.iter().enumerate() {
            let feeds = if *branch.table == *EVENTS {
                let feeding = events.of(index);
                let feed = |request| {
                    let asked = events.columns(request)?;
                    record_columns.entry(request).or_insert_with(|| {
                        RECORD_COLUMNS.map(|field| ask(asked, EventColumn::System(field)))
                    });
                    let columns = branch.columns.iter().map(|c| event_origin(c, asked)).collect();
                    Some(Feed { request, columns })
                };
                feeding.into_iter().filter_map(feed).collect()
            } else {
                vec![Feed { request: 0, columns: native_origins(branch, schemas, &mut tables) }]
            };
            let fields: Vec<Field> = branch.columns.iter().map(raw_table::field).collect();
            layouts.push(BranchLayout { schema: Arc::new(Schema::new(fields)), feeds });
        }
        let request = ScanRequest {
            events: events.finish(),
            tables,
            carve: options.carve,
            limits: Limits::default(),
            local_offset: options.local_offset,
            passwords: options.passwords,
            date_order: options.date_order,
        };
        Self { request, branches: layouts, record_columns }
    }

    /// Returns what tells the records of a batch of events apart, `None` if nothing does.
    ///
    /// - `request`: the index of the request that brought the batch.
    pub(crate) fn keys(&self, request: usize, batch: &RecordBatch) -> Option<[ArrayRef; 2]> {
        let [record_id, event_id, channel, host, time] = *self.record_columns.get(&request)?;
        let column = |index: usize| batch.columns().get(index);
        duplicates::keys(&RecordColumns {
            record_id: column(record_id)?,
            event_id: column(event_id)?,
            channel: column(channel)?,
            host: column(host)?,
            time: column(time)?,
        })
    }

    /// Tells whether a request, by its index among those of the branch's table, brings a branch rows.
    pub(crate) fn is_fed_by(&self, branch: usize, request: usize) -> bool {
        self.feed(branch, request).is_some()
    }

    fn feed(&self, branch: usize, request: usize) -> Option<&Feed> {
        self.branches.get(branch)?.feeds.iter().find(|feed| feed.request == request)
    }

    /// Takes a branch's columns out of a batch that a request has brought; its last column is the
    /// line number.
    pub(crate) fn assemble(
        &self,
        branch: usize,
        request: usize,
        member: MemberId,
        batch: &RecordBatch,
    ) -> Result<RecordBatch, arrow::error::ArrowError> {
        let feed = self.feed(branch, request);
        let Some((layout, feed)) = self.branches.get(branch).zip(feed) else {
            return Ok(batch.clone());
        };
        let columns = feed.columns.iter().map(|origin| origin.array(member, batch)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&layout.schema), columns, &options)
    }
}

impl ColumnOrigin {
    fn array(&self, member: MemberId, batch: &RecordBatch) -> ArrayRef {
        let rows = batch.num_rows();
        let at = |index: usize| batch.columns().get(index).map(Arc::clone);
        let missing = |ty| missing(ty, rows);
        match self {
            Self::Batch(index) => at(*index).unwrap_or_else(|| missing(KqlType::String)),
            Self::Path(index, steps, form) => {
                at(*index).map_or_else(|| missing(type_of(*form)), |a| path(&a, steps, *form))
            }
            Self::Missing(ty) => missing(*ty),
            Self::Constant(text) => Arc::new(StringViewArray::from_iter_values(
                std::iter::repeat_n(text.as_ref(), rows),
            )),
            Self::TableName(index, name) => {
                let given = at(*index).unwrap_or_else(|| missing(KqlType::String));
                let Some(given) = given.as_string_view_opt() else { return given };
                let or_name = |text: Option<_>| match text {
                    Some("") | None => &**name,
                    Some(text) => text,
                };
                Arc::new(StringViewArray::from_iter_values(given.iter().map(or_name)))
            }
            Self::Evidence { record_id, event_id, channel, host, time } => {
                let line =
                    batch.columns().last().map_or_else(|| missing(KqlType::Long), Arc::clone);
                evidence::column(
                    member,
                    EvidenceColumns {
                        line,
                        record_id: record_id.and_then(at),
                        event_id: event_id.and_then(at),
                        channel: channel.and_then(at),
                        host: host.and_then(at),
                        time: time.and_then(at),
                    },
                )
            }
        }
    }
}

/// Follows a path of keys in each value of a dynamic column.
fn path(array: &ArrayRef, steps: &[String], form: PathForm) -> ArrayRef {
    let Some(values) = array.as_string_view_opt() else {
        return missing(type_of(form), array.len());
    };
    let follow = |json| steps.iter().try_fold(json, |json, key| dynamic::get(json, key));
    let found = values.iter().map(|json| json.and_then(follow));
    Arc::new(match form {
        PathForm::Text => {
            let text = |found: Option<_>| found.map(dynamic::unquote).unwrap_or_default();
            StringViewArray::from_iter_values(found.map(text))
        }
        PathForm::Dynamic => found.map(|found| found.filter(|json| *json != "null")).collect(),
    })
}

/// Returns the type of what a path is written as.
const fn type_of(form: PathForm) -> KqlType {
    match form {
        PathForm::Text => KqlType::String,
        PathForm::Dynamic => KqlType::Dynamic,
    }
}

fn missing(ty: KqlType, rows: usize) -> ArrayRef {
    if ty == KqlType::String {
        Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n("", rows)))
    } else {
        new_null_array(&raw_table::encoding(ty), rows)
    }
}

/// Returns where a branch over a native table has its columns, and adds what it asks of the table.
fn native_origins(
    branch: &Branch,
    schemas: &BTreeMap<String, Arc<TableSchema>>,
    tables: &mut BTreeMap<String, TableRequest>,
) -> Vec<ColumnOrigin> {
    let schema = schemas.get(&*branch.table);
    let demand = schema.map(|schema| table_pushdown::alternatives(&branch.conjuncts, schema));
    let demand = demand.unwrap_or_default();
    let asked = match tables.entry(branch.table.to_string()) {
        Entry::Vacant(entry) => {
            entry.insert(TableRequest { alternatives: demand, ..TableRequest::default() })
        }
        Entry::Occupied(entry) => {
            let asked = entry.into_mut();
            let known = std::mem::take(&mut asked.alternatives);
            asked.alternatives = table_pushdown::either(known, demand);
            asked
        }
    };
    let asked = &mut asked.columns;
    let origin = |column: &ScanColumn| match (table_origin(column, schema, asked), column) {
        (ColumnOrigin::Batch(index), ScanColumn::Column { name, ty: KqlType::String })
            if &**name == TYPE =>
        {
            ColumnOrigin::TableName(index, Arc::clone(&branch.table))
        }
        (origin, _) => origin,
    };
    branch.columns.iter().map(origin).collect()
}

fn event_origin(column: &ScanColumn, asked: &mut Vec<EventColumn>) -> ColumnOrigin {
    let mut ask = |column: EventColumn| ask(asked, column);
    match column {
        ScanColumn::Column { name, .. } if &**name == "EventData" => {
            ColumnOrigin::Batch(ask(EventColumn::Dynamic(Vec::new())))
        }
        ScanColumn::Column { name, .. } if &**name == TYPE => ColumnOrigin::Constant(EVENTS.into()),
        ScanColumn::Column { name, ty } => match system_field(name) {
            Some(field) => ColumnOrigin::Batch(ask(EventColumn::System(field))),
            None => ColumnOrigin::Missing(*ty),
        },
        ScanColumn::Path { column, steps, form } if &**column == "EventData" => {
            ColumnOrigin::Batch(ask(match form {
                PathForm::Text => EventColumn::Text(steps.clone()),
                PathForm::Dynamic => EventColumn::Dynamic(steps.clone()),
            }))
        }
        ScanColumn::Path { form, .. } => ColumnOrigin::Missing(type_of(*form)),
        ScanColumn::Evidence => ColumnOrigin::Evidence {
            record_id: Some(ask(EventColumn::System(SystemField::RecordId))),
            event_id: Some(ask(EventColumn::System(SystemField::EventID))),
            channel: Some(ask(EventColumn::System(SystemField::Channel))),
            host: Some(ask(EventColumn::System(SystemField::Computer))),
            time: Some(ask(EventColumn::System(SystemField::TimeGenerated))),
        },
    }
}

fn table_origin(
    column: &ScanColumn,
    schema: Option<&Arc<TableSchema>>,
    asked: &mut Vec<ColumnSchema>,
) -> ColumnOrigin {
    match column {
        ScanColumn::Column { name, ty } => {
            ColumnOrigin::Batch(ask(asked, ColumnSchema { name: name.to_string(), ty: *ty }))
        }
        ScanColumn::Path { column, steps, form } => {
            let whole = ColumnSchema { name: column.to_string(), ty: KqlType::Dynamic };
            ColumnOrigin::Path(ask(asked, whole), steps.clone(), *form)
        }
        ScanColumn::Evidence => {
            let mut first_of = |names: [&str; 2]| {
                names
                    .iter()
                    .find_map(|name| schema.and_then(|schema| schema.column(name)))
                    .map(|column| ask(asked, column.clone()))
            };
            ColumnOrigin::Evidence {
                record_id: None,
                event_id: None,
                channel: None,
                host: first_of(["DeviceName", "Computer"]),
                time: first_of(TIME_COLUMNS),
            }
        }
    }
}

/// Returns the index of a column in the request, adding it if nobody has asked for it yet.
fn ask<T: PartialEq>(asked: &mut Vec<T>, column: T) -> usize {
    asked.iter().position(|have| *have == column).unwrap_or_else(|| {
        asked.push(column);
        asked.len().saturating_sub(1)
    })
}

fn system_field(name: &str) -> Option<SystemField> {
    SystemField::ALL.into_iter().find(|field| field.name() == name)
}
