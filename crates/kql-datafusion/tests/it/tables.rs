//! Tables in memory, as the engine's are: a catalogue for the binder and scans for the lowering.

use std::sync::{Arc, Mutex};

use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, Int64Array, RecordBatch, StringViewArray, StructArray, new_empty_array,
        },
        datatypes::{DataType, Field, Fields, Schema},
    },
    common::DataFusionError,
    datasource::{MemTable, provider_as_source},
    logical_expr::TableSource,
};
use kql_bind::{Catalog, TableDefinition, tree::External};
use kql_datafusion::{PathForm, ScanColumn, Scans};
use kql_types::{
    KqlType, dynamic,
    schema::{ColumnSchema, TableSchema},
};
use testkit::Reference;

/// What `_GetWatchlist` yields, in Sentinel.
const WATCHLIST: &str = "(name: string) {
    datatable (SearchKey: string, WatchlistItem: dynamic) []
}";

/// Tables of strings, longs and dynamics, and a record of what was asked of them.
#[derive(Default)]
pub(crate) struct Tables {
    known: Vec<(TableSchema, Vec<Vec<&'static str>>)>,
    asked: Mutex<Vec<String>>,
    functions: Vec<(&'static str, &'static str)>,
    /// Whether data at any address is there, without rows.
    has_external: bool,
}

impl Tables {
    /// Adds a table; a value is written as KQL's JSON would have it, a missing one as nothing.
    pub(crate) fn with(
        mut self,
        name: &str,
        columns: &[(&str, KqlType)],
        rows: &[&[&'static str]],
    ) -> Self {
        let columns = columns.iter().map(|&(name, ty)| ColumnSchema { name: name.into(), ty });
        let schema = TableSchema { name: name.into(), columns: columns.collect() };
        self.known.push((schema, rows.iter().map(|row| row.to_vec()).collect()));
        self
    }

    /// Adds a saved function, its text as `(parameters) { body }`.
    pub(crate) fn with_function(mut self, name: &'static str, text: &'static str) -> Self {
        self.functions.push((name, text));
        self
    }

    /// Returns the tables of an environment of the reference material, without rows.
    pub(crate) fn reference(reference: &Reference, environment: &str) -> Self {
        let all: serde_json::Value =
            serde_json::from_str(&reference.text("kql/environments.json")).unwrap();
        let names: &[&str] =
            if environment == "both" { &["m365", "sentinel"] } else { &[environment] };
        let mut tables = Self { has_external: true, ..Self::default() };
        for name in names {
            for (table, columns) in all[name]["tables"].as_object().unwrap() {
                let columns = columns.as_object().unwrap().iter().map(|(name, ty)| ColumnSchema {
                    name: name.clone(),
                    ty: ty.as_str().unwrap().parse().unwrap_or(KqlType::Dynamic),
                });
                let schema = TableSchema { name: table.clone(), columns: columns.collect() };
                if tables.find(table).is_none() {
                    tables.known.push((schema, Vec::new()));
                }
            }
        }
        tables
    }

    /// Returns the columns that scans were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn find(&self, name: &str) -> Option<&(TableSchema, Vec<Vec<&'static str>>)> {
        self.known.iter().find(|(schema, _)| schema.name == name)
    }
}

impl Catalog for Tables {
    fn table(&self, name: &str) -> Option<TableDefinition> {
        let (schema, _) = self.find(name)?;
        Some(TableDefinition { schema: Arc::new(schema.clone()), views: Vec::new() })
    }

    fn function(&self, name: &str) -> Option<Arc<str>> {
        let saved = self.functions.iter().find(|(known, _)| *known == name);
        let saved = saved.map(|(_, text)| *text);
        saved.or_else(|| (name == "_GetWatchlist").then_some(WATCHLIST)).map(Arc::from)
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.known.iter().map(|(schema, _)| schema.name.as_str().into()).collect()
    }
}

impl Scans for Tables {
    fn scan(
        &self,
        table: &str,
        columns: &[ScanColumn],
    ) -> Result<Arc<dyn TableSource>, DataFusionError> {
        let (schema, rows) = self.find(table).expect("the table is there");
        self.asked.lock().unwrap().extend(columns.iter().map(ToString::to_string));
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for column in columns {
            let array = array(column, schema, rows);
            fields.push(Field::new(column.to_string(), array.data_type().clone(), true));
            arrays.push(array);
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
        Ok(provider_as_source(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?)))
    }

    fn external(
        &self,
        _data: &External,
        wanted: &[(Arc<str>, KqlType)],
    ) -> Result<Option<Arc<dyn TableSource>>, DataFusionError> {
        let fields = wanted.iter().map(|(name, ty)| {
            let data_type = kql_datafusion::data_type(*ty).expect("no decimals");
            Field::new(name.to_string(), data_type, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::new_empty(Arc::clone(&schema));
        let table = MemTable::try_new(schema, vec![vec![batch]])?;
        Ok(self.has_external.then(|| provider_as_source(Arc::new(table))))
    }

    fn evidence_type(&self) -> DataType {
        DataType::Struct(evidence_fields())
    }
}

fn evidence_fields() -> Fields {
    Fields::from(vec![Field::new("row", DataType::Int64, true)])
}

fn array(column: &ScanColumn, schema: &TableSchema, rows: &[Vec<&'static str>]) -> ArrayRef {
    let values = |name: &str| {
        let at = schema.columns.iter().position(|it| it.name == name).expect("a known column");
        rows.iter().map(move |row| row[at])
    };
    match column {
        ScanColumn::Column { name, ty: KqlType::Long } => {
            Arc::new(values(name).map(|it| it.parse().ok()).collect::<Int64Array>())
        }
        ScanColumn::Column { name, ty: KqlType::String } => {
            Arc::new(values(name).map(Some).collect::<StringViewArray>())
        }
        ScanColumn::Column { ty, .. } if rows.is_empty() => {
            new_empty_array(&kql_datafusion::data_type(*ty).expect("no decimals"))
        }
        ScanColumn::Column { name, .. } => {
            let json = values(name).map(|it| (!it.is_empty()).then_some(it));
            Arc::new(json.collect::<StringViewArray>())
        }
        ScanColumn::Path { column, steps, form } => {
            let found = values(column)
                .map(|json| steps.iter().try_fold(json, |json, step| dynamic::get(json, step)));
            Arc::new(match form {
                PathForm::Text => {
                    let text = |found: Option<_>| found.map(dynamic::unquote).unwrap_or_default();
                    StringViewArray::from_iter_values(found.map(text))
                }
                PathForm::Dynamic => found.collect(),
            })
        }
        ScanColumn::Evidence => {
            let numbers: Int64Array = (0..).take(rows.len()).map(Some).collect();
            Arc::new(StructArray::new(evidence_fields(), vec![Arc::new(numbers)], None))
        }
    }
}
