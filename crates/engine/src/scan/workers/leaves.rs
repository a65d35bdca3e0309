//! The leaves of a run as bytes: tables, columns and conditions, functions by their names.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    common::tree_node::{TreeNode, TreeNodeRecursion},
    error::DataFusionError,
    execution::{TaskContext, context::SessionContext},
    logical_expr::Expr,
};
use datafusion_proto::bytes::Serializeable;
use kql_datafusion::{PathForm, ScanColumn};
use kql_types::schema::{ColumnSchema, TableSchema};
use prost::Message;
use sources::{EVENTS, First};

use super::ReadHere;
use crate::{
    error::EngineError,
    plan::{
        branch::Branch,
        layout::{Layout, ReadOptions},
        raw_table::RawTable,
    },
    schemas::Schemas,
};

/// Functions that read files by their paths: another machine has others under the same.
const FILE_READERS: [&str; 1] = ["kql_geo_info_from_ip_address"];

/// What is asked of a worker.
#[derive(Message)]
struct Asked {
    #[prost(message, repeated, tag = "1")]
    leaves: Vec<Leaf>,
    /// Conditions, each once: many leaves have the same.
    #[prost(bytes = "vec", repeated, tag = "2")]
    conditions: Vec<Vec<u8>>,
    /// The columns of tables that are not Windows events.
    #[prost(message, repeated, tag = "3")]
    tables: Vec<Table>,
}

#[derive(Message)]
struct Leaf {
    #[prost(string, tag = "1")]
    table: String,
    #[prost(message, repeated, tag = "2")]
    columns: Vec<Column>,
    #[prost(uint64, repeated, tag = "3")]
    projection: Vec<u64>,
    /// Places among the conditions.
    #[prost(uint64, repeated, tag = "4")]
    conditions: Vec<u64>,
    #[prost(bool, tag = "5")]
    is_timed: bool,
    #[prost(message, optional, tag = "6")]
    first: Option<FirstRows>,
}

#[derive(Message)]
struct Column {
    #[prost(enumeration = "Kind", tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    ty: String,
    #[prost(string, repeated, tag = "4")]
    steps: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
enum Kind {
    Column = 0,
    Text = 1,
    Dynamic = 2,
    Evidence = 3,
}

#[derive(Message)]
struct FirstRows {
    #[prost(message, optional, tag = "1")]
    column: Option<Column>,
    #[prost(uint64, tag = "2")]
    rows: u64,
    #[prost(bool, tag = "3")]
    is_descending: bool,
    #[prost(bool, tag = "4")]
    has_nulls_first: bool,
}

#[derive(Message)]
struct Table {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    columns: Vec<Column>,
}

/// Leaves that were sent.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) branches: Vec<Branch>,
    pub(super) layout: Layout,
}

/// Writes leaves, and makes sure that whoever reads them asks for the same as these.
///
/// # Errors
///
/// Why they cannot be sent.
pub(crate) fn encode(
    branches: &[Branch],
    schemas: &Schemas,
    layout: &Layout,
) -> Result<Vec<u8>, ReadHere> {
    let mut asked = Asked { leaves: Vec::new(), conditions: Vec::new(), tables: Vec::new() };
    let mut places: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for branch in branches {
        let mut conditions = Vec::with_capacity(branch.conjuncts.len());
        for conjunct in &branch.conjuncts {
            reads_no_file(conjunct)?;
            let bytes = conjunct.to_bytes().map_err(|error| stays(&error))?.to_vec();
            let next = u64::try_from(places.len()).unwrap_or(u64::MAX);
            let place = *places.entry(bytes.clone()).or_insert(next);
            if place == next {
                asked.conditions.push(bytes);
            }
            conditions.push(place);
        }
        let places = branch.projection.iter().filter_map(|place| u64::try_from(*place).ok());
        asked.leaves.push(Leaf {
            table: branch.table.to_string(),
            columns: branch.columns.iter().map(column).collect(),
            projection: places.collect(),
            conditions,
            is_timed: branch.is_timed,
            first: branch.first.as_ref().map(|first| FirstRows {
                column: Some(typed_column(&first.column)),
                rows: u64::try_from(first.rows).unwrap_or(u64::MAX),
                is_descending: first.is_descending,
                has_nulls_first: first.has_nulls_first,
            }),
        });
        let is_new = asked.tables.iter().all(|table| *table.name != *branch.table);
        if *branch.table != *EVENTS
            && is_new
            && let Some(schema) = schemas.get(&branch.table)
        {
            let columns = schema.columns.iter().map(typed_column).collect();
            asked.tables.push(Table { name: schema.name.clone(), columns });
        }
    }
    let bytes = asked.encode_to_vec();
    // A function or a value that comes out as another one would leave rows away.
    let back = decode(&bytes).map_err(|error| ReadHere::DoesNotTravel(told(&error)))?;
    let is_same = branches.len() == back.branches.len()
        && branches.iter().zip(&back.branches).all(|(one, other)| {
            one.conjuncts == other.conjuncts
                && one.columns == other.columns
                && one.projection == other.projection
                && one.input == other.input
                && one.schema == other.schema
        })
        && layout.request.events == back.layout.request.events
        && layout.request.tables == back.layout.request.tables;
    if is_same {
        Ok(bytes)
    } else {
        Err(ReadHere::DoesNotTravel("it comes back as another one".to_owned()))
    }
}

/// Reads leaves that [`encode`] wrote.
///
/// # Errors
///
/// If they are not, or name a function that there is not.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, EngineError> {
    let wrong =
        |error: prost::DecodeError| EngineError::Plan(DataFusionError::External(Box::new(error)));
    let Asked { leaves, conditions, tables } = Asked::decode(bytes).map_err(wrong)?;
    let registry = registry();
    let condition = |bytes: &Vec<u8>| Expr::from_bytes_with_ctx(bytes, &registry);
    let conditions = conditions.iter().map(condition).collect::<Result<Vec<_>, _>>();
    let conditions = conditions.map_err(EngineError::Plan)?;
    let branches =
        leaves.into_iter().map(|leaf| leaf.branch(&conditions)).collect::<Result<Vec<_>, _>>()?;
    let table = |table: Table| {
        let columns = table.columns.into_iter().map(Column::schema).collect::<Result<_, _>>()?;
        Ok(Arc::new(TableSchema { name: table.name, columns }))
    };
    let tables = tables.into_iter().map(table).collect::<Result<Vec<_>, EngineError>>()?;
    let schemas = Schemas::new(tables.iter(), None);
    let layout = Layout::new(&branches, &schemas, ReadOptions::default())?;
    Ok(Decoded { branches, layout })
}

const WRONG: EngineError = EngineError::Internal { what: "leaves that were sent are not whole" };

impl Leaf {
    fn branch(self, conditions: &[Expr]) -> Result<Branch, EngineError> {
        let columns: Vec<ScanColumn> =
            self.columns.into_iter().map(Column::scan).collect::<Result<_, _>>()?;
        let input =
            datafusion::logical_expr::TableSource::schema(&RawTable::new(&self.table, &columns));
        let place = |place: &u64| usize::try_from(*place).ok();
        let projection: Option<Vec<usize>> = self.projection.iter().map(place).collect();
        let projection = projection.ok_or(WRONG)?;
        let condition = |at: &u64| conditions.get(place(at)?).cloned();
        let conjuncts: Option<Vec<Expr>> = self.conditions.iter().map(condition).collect();
        let first = self.first.map(|first| {
            Ok::<_, EngineError>(First {
                column: first.column.ok_or(WRONG)?.schema()?,
                rows: usize::try_from(first.rows).map_err(|_| WRONG)?,
                is_descending: first.is_descending,
                has_nulls_first: first.has_nulls_first,
            })
        });
        Ok(Branch {
            table: self.table.as_str().into(),
            schema: Arc::new(input.project(&projection).map_err(EngineError::Batch)?),
            columns,
            projection,
            conjuncts: conjuncts.ok_or(WRONG)?,
            raw_schema: Arc::clone(&input),
            input,
            // Where a few rows suffice nothing is sent.
            fetch: None,
            first: first.transpose()?,
            is_timed: self.is_timed,
        })
    }
}

impl Column {
    fn scan(self) -> Result<ScanColumn, EngineError> {
        let path = |column: String, steps, form| ScanColumn::Path {
            column: column.as_str().into(),
            steps,
            form,
        };
        Ok(match Kind::try_from(self.kind).map_err(|_| WRONG)? {
            Kind::Column => ScanColumn::Column {
                ty: self.ty.parse().map_err(|_| WRONG)?,
                name: self.name.as_str().into(),
            },
            Kind::Text => path(self.name, self.steps, PathForm::Text),
            Kind::Dynamic => path(self.name, self.steps, PathForm::Dynamic),
            Kind::Evidence => ScanColumn::Evidence,
        })
    }

    fn schema(self) -> Result<ColumnSchema, EngineError> {
        Ok(ColumnSchema { ty: self.ty.parse().map_err(|_| WRONG)?, name: self.name })
    }
}

fn typed_column(column: &ColumnSchema) -> Column {
    let ty = column.ty.name().to_owned();
    Column { kind: Kind::Column.into(), name: column.name.clone(), ty, steps: Vec::new() }
}

fn column(column: &ScanColumn) -> Column {
    let (kind, name, ty, steps) = match column {
        ScanColumn::Column { name, ty } => (Kind::Column, &**name, ty.name(), Vec::new()),
        ScanColumn::Path { column, steps, form: PathForm::Text } => {
            (Kind::Text, &**column, "", steps.clone())
        }
        ScanColumn::Path { column, steps, form: PathForm::Dynamic } => {
            (Kind::Dynamic, &**column, "", steps.clone())
        }
        ScanColumn::Evidence => (Kind::Evidence, "", "", Vec::new()),
    };
    Column { kind: kind.into(), name: name.to_owned(), ty: ty.to_owned(), steps }
}

/// Returns the functions by which conditions are read: ours beside DataFusion's own.
fn registry() -> TaskContext {
    let context = SessionContext::new();
    for function in kql_datafusion::kernels() {
        context.register_udf(function);
    }
    TaskContext::from(&context)
}

fn reads_no_file(condition: &Expr) -> Result<(), ReadHere> {
    let mut reader = None;
    let walked = condition.apply(|node| {
        if let Expr::ScalarFunction(function) = node {
            let name = FILE_READERS.iter().find(|name| **name == function.name());
            reader = reader.or(name.copied());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    walked.map_err(|error| stays(&error))?;
    reader
        .map_or(Ok(()), |name| Err(ReadHere::ReadsFile(name.strip_prefix("kql_").unwrap_or(name))))
}

fn stays(error: &DataFusionError) -> ReadHere {
    ReadHere::DoesNotTravel(error.strip_backtrace())
}

fn told(error: &EngineError) -> String {
    match error {
        EngineError::Plan(error) => error.strip_backtrace(),
        other => other.to_string(),
    }
}
