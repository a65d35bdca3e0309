//! A scan of a table that the user gives: its texts as values of the types that a query has for them.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray, StringViewArray, new_null_array},
    datatypes::{Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableType},
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use kql_types::{KqlType, dynamic};

use super::{
    external,
    table::{From, Given, GivenTable},
};
use crate::plan::raw_table::encoding;

impl Given {
    /// Returns a scan of the columns wanted.
    pub(crate) fn scan(&self, wanted: &[(Arc<str>, KqlType)]) -> GivenScan {
        let fields = wanted
            .iter()
            .map(|(name, ty)| Field::new(&**name, encoding(*ty), *ty != KqlType::String));
        let columns = wanted
            .iter()
            .map(|(name, ty)| (self.columns.get(name).cloned().unwrap_or(From::Nothing), *ty));
        GivenScan {
            rows: Arc::new(Rows {
                table: Arc::clone(&self.table),
                schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
                columns: columns.collect(),
            }),
        }
    }
}

/// Some columns of a table, as a leaf of a plan.
#[derive(Debug)]
pub(crate) struct GivenScan {
    rows: Arc<Rows>,
}

#[derive(Debug)]
struct Rows {
    table: Arc<GivenTable>,
    schema: SchemaRef,
    columns: Vec<(From, KqlType)>,
}

#[async_trait]
impl TableProvider for GivenScan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.rows.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = match projection {
            Some(projection) => Arc::new(self.rows.project(projection)?),
            None => Arc::clone(&self.rows),
        };
        let schema = Arc::clone(&rows.schema);
        let rows: Arc<dyn PartitionStream> = rows;
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![rows], None, [], false, limit)?))
    }
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let this = self.project(&(0..self.columns.len()).collect::<Vec<_>>());
        let batches = self.table.batches();
        let stream = (0..batches).filter_map(move |index| match &this {
            Ok(rows) => rows.batch(index).transpose(),
            Err(error) => Some(Err(DataFusionError::Internal(error.to_string()))),
        });
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            futures::stream::iter(stream),
        ))
    }
}

impl Rows {
    fn project(&self, columns: &[usize]) -> Result<Self> {
        Ok(Self {
            table: Arc::clone(&self.table),
            schema: Arc::new(self.schema.project(columns)?),
            columns: columns.iter().filter_map(|at| self.columns.get(*at).cloned()).collect(),
        })
    }

    fn batch(&self, index: usize) -> Result<Option<RecordBatch>> {
        let read = self.table.batch(index);
        let read = read.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let Some((first, texts)) = read else { return Ok(None) };
        let columns = self.columns.iter().map(|(from, ty)| column(from, *ty, first, &texts));
        let options = RecordBatchOptions::new().with_row_count(Some(texts.num_rows()));
        let schema = Arc::clone(&self.schema);
        Ok(Some(RecordBatch::try_new_with_options(schema, columns.collect(), &options)?))
    }
}

/// Makes a column of values, for rows that begin with the number `first`, counted from 0.
fn column(from: &From, ty: KqlType, first: usize, texts: &RecordBatch) -> ArrayRef {
    let rows = texts.num_rows();
    match from {
        From::Texts(at) => match texts.columns().get(*at) {
            Some(array) if ty == KqlType::String => Arc::clone(array),
            Some(array) => external::values(ty, texts_of(array)),
            None => nothing(ty, rows),
        },
        From::RowNumber => {
            let numbers = (1..=rows).map(|row| first.saturating_add(row).to_string());
            let numbers = StringArray::from_iter_values(numbers);
            external::values(ty, numbers.iter().map(Option::unwrap_or_default))
        }
        From::Bag(names) => {
            let bags = (0..rows).map(|row| {
                let fields = texts.columns().iter().map(|array| text_at(array, row));
                Some(bag(names.iter().map(String::as_str).zip(fields)))
            });
            Arc::new(bags.collect::<StringViewArray>())
        }
        From::Nothing => nothing(ty, rows),
    }
}

fn nothing(ty: KqlType, rows: usize) -> ArrayRef {
    match ty {
        KqlType::String => {
            Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n("", rows)))
        }
        _ => new_null_array(&encoding(ty), rows),
    }
}

fn texts_of(array: &ArrayRef) -> impl Iterator<Item = &str> {
    (0..array.len()).map(|row| text_at(array, row))
}

fn text_at(array: &ArrayRef, row: usize) -> &str {
    array.as_string_view_opt().map_or("", |texts| texts.value(row))
}

/// Writes fields as a bag.
fn bag<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut json = String::from("{");
    for (number, (name, value)) in fields.enumerate() {
        if number > 0 {
            json.push(',');
        }
        dynamic::quote(name, &mut json);
        json.push(':');
        dynamic::quote(value, &mut json);
    }
    json.push('}');
    json
}
