//! How the rows of a table lie in its Delta table: columns, their types, and what is added to them.
//!
//! | KQL | Delta | remarks |
//! |---|---|---|
//! | bool, int, long, real | boolean, integer, long, double | |
//! | datetime | timestamp | microseconds; all of KQL's years fit |
//! | | byte, `<column>_100ns` | the ticks of 100 ns that a microsecond leaves, 0 to 9 |
//! | timespan | long | ticks of 100 ns: Delta has no type for it |
//! | string, guid, decimal | string | |
//! | dynamic | string | JSON text |
//!
//! A column's KQL type stands in the metadata of its field. Delta tables do not tell names apart by case: of
//! columns that differ in nothing else, all but the last in the order of their bytes have a number behind
//! their names.

use std::{collections::BTreeSet, sync::Arc};

use crate::error::LakeError;
use arrow::datatypes::{DataType as ArrowType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{DataType, MetadataValue, PrimitiveType, StructField, StructType};
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use sources::EVENTS;
use sources::kept::{FIELD_PREFIX as FIELD, TICKS_SUFFIX as TICKS};
pub(crate) use sources::kept::{LINE_COLUMN as LINE, SOURCE_COLUMN as SOURCE};

/// The partition: the day of a row's time, UTC; missing where a row has no time.
pub const DAY: &str = "_Day";
/// When a row came into the lake.
pub const INGESTED: &str = "_IngestionTime";
/// The file's path, as it was given.
pub(crate) const FILE: &str = "_File";
/// The member of the archive.
pub(crate) const MEMBER: &str = "_Member";
/// The table with the account of what was ingested.
pub const LEDGER: &str = "LakeInput";
/// The key of a field's metadata that has the KQL type.
const KQL_TYPE: &str = "kql.type";
/// The one that has the column's name where the lake's is another.
pub(crate) const KQL_NAME: &str = "kql.name";
/// Columns that a row's time may be in; the first that the table has counts.
pub(crate) const TIME_COLUMNS: [&str; 2] = ["TimeGenerated", "Timestamp"];

/// The columns of a table of the lake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) table: String,
    /// The table's own columns. Those behind `fields_from` are copies of fields of an event's data.
    pub(crate) columns: Vec<ColumnSchema>,
    /// What the lake calls them.
    names: Vec<String>,
    /// From which column on `""` is kept as null.
    pub(crate) fields_from: usize,
    /// Whether rows have a day and the place they were read from.
    pub(crate) is_telemetry: bool,
}

impl Layout {
    /// Lays out a table of telemetry.
    ///
    /// # Errors
    ///
    /// If a column's name is one that a Delta table cannot have.
    pub(crate) fn of_table(table: &TableSchema) -> Result<Self, LakeError> {
        let fields_from = table.columns.len();
        Self::new(&table.name, table.columns.clone(), fields_from, true).checked()
    }

    /// Lays out the table of events, with columns for some of the fields of their data.
    ///
    /// # Errors
    ///
    /// If a field's name is one that a Delta table cannot have.
    pub(crate) fn of_events(
        header: Vec<ColumnSchema>,
        fields: &[String],
    ) -> Result<Self, LakeError> {
        let mut columns = header;
        let fields_from = columns.len();
        let column =
            |field: &String| ColumnSchema { name: format!("{FIELD}{field}"), ty: KqlType::String };
        columns.extend(fields.iter().map(column));
        Self::new(EVENTS, columns, fields_from, true).checked()
    }

    /// Lays out a table as it lies in the lake.
    ///
    /// # Errors
    ///
    /// If a column's name is one that a Delta table cannot have.
    pub(crate) fn of_kept(table: &TableSchema) -> Result<Self, LakeError> {
        let is_field = |column: &ColumnSchema| column.name.starts_with(FIELD);
        let columns = table.columns.clone();
        let fields_from = columns.iter().position(is_field).unwrap_or(columns.len());
        let is_events = table.name == EVENTS;
        let fields_from = if is_events { fields_from } else { columns.len() };
        Self::new(&table.name, columns, fields_from, true).checked()
    }

    /// Returns the columns of a table of telemetry, but for those that the lake has added.
    pub(crate) fn columns_of(schema: &StructType) -> Vec<ColumnSchema> {
        let column = |field: &StructField| {
            let text = |key: &str| match field.metadata().get(key) {
                Some(MetadataValue::String(text)) => Some(text.clone()),
                _ => None,
            };
            let name = text(KQL_NAME).unwrap_or_else(|| field.name().clone());
            Some(ColumnSchema { name, ty: text(KQL_TYPE)?.parse().ok()? })
        };
        schema.fields().filter_map(column).collect()
    }

    /// Lays out the ledger.
    pub(crate) fn of_ledger(columns: Vec<ColumnSchema>) -> Self {
        let fields_from = columns.len();
        Self::new(LEDGER, columns, fields_from, false)
    }

    fn new(
        table: &str,
        columns: Vec<ColumnSchema>,
        fields_from: usize,
        is_telemetry: bool,
    ) -> Self {
        let name = |column: &ColumnSchema| {
            let is_other = |other: &&ColumnSchema| {
                other.name.eq_ignore_ascii_case(&column.name) && other.name > column.name
            };
            match columns.iter().filter(is_other).count() {
                0 => column.name.clone(),
                others => format!("{}_{}", column.name, others.saturating_add(1)),
            }
        };
        let names = columns.iter().map(name).collect();
        Self { table: table.to_owned(), names, columns, fields_from, is_telemetry }
    }

    fn checked(self) -> Result<Self, LakeError> {
        let wrong = |column: &ColumnSchema, reason| LakeError::Column {
            table: self.table.clone(),
            column: column.name.clone(),
            reason,
        };
        for (at, column) in self.columns.iter().enumerate() {
            // Source: <https://github.com/delta-io/delta/blob/master/PROTOCOL.md>, names without column mapping.
            if column.name.contains([' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '=']) {
                return Err(wrong(column, "a character that Delta tables do not allow in names"));
            }
            let name = self.names.get(at);
            let is_same = |other: &String| name.is_some_and(|it| it.eq_ignore_ascii_case(other));
            if self.names.iter().take(at).any(is_same) {
                return Err(wrong(column, "the lake has another column of that name"));
            }
            let added = [DAY, INGESTED, SOURCE, FILE, MEMBER, LINE];
            if added.iter().any(|name| name.eq_ignore_ascii_case(&column.name)) {
                return Err(wrong(column, "the lake has a column of that name itself"));
            }
        }
        Ok(self)
    }

    /// Returns the place of the column with the rows' times, if there is one.
    pub(crate) fn time(&self) -> Option<usize> {
        let place = |name: &&str| self.columns.iter().position(|column| column.name == **name);
        TIME_COLUMNS.iter().find_map(place)
    }

    /// Returns the place of the column by which rows are put in order before their times.
    pub(crate) fn first_order(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.name == "EventID" && column.ty == KqlType::Int)
    }

    /// Returns what the lake calls a column.
    pub(crate) fn kept_name(&self, at: usize) -> Option<&str> {
        self.names.get(at).map(String::as_str)
    }

    /// Returns what the lake calls the columns of fields.
    pub(crate) fn fields(&self) -> BTreeSet<&str> {
        self.names.iter().skip(self.fields_from).map(String::as_str).collect()
    }

    /// Returns the schema of the Parquet files, of which each may be without some of the fields' columns.
    pub(crate) fn arrow(&self) -> SchemaRef {
        let own = self.columns.iter().zip(&self.names).flat_map(|(column, name)| {
            let field = Field::new(name, arrow_type(column.ty), true);
            std::iter::once(field).chain(self.ticks_of(column, name, ArrowType::Int8, Field::new))
        });
        let added = [
            Field::new(SOURCE, ArrowType::Int64, true),
            Field::new(FILE, ArrowType::Utf8View, true),
            Field::new(MEMBER, ArrowType::Utf8View, true),
            Field::new(LINE, ArrowType::Int64, true),
            Field::new(INGESTED, arrow_type(KqlType::Datetime), true),
        ];
        let added = added.into_iter().filter(|_| self.is_telemetry);
        Arc::new(Schema::new(own.chain(added).collect::<Vec<_>>()))
    }

    /// Returns the schema of the Delta table.
    pub(crate) fn delta(&self) -> Vec<StructField> {
        let own = self.columns.iter().zip(&self.names).flat_map(|(column, name)| {
            let mut metadata = vec![(KQL_TYPE, column.ty.name())];
            if column.name != *name {
                metadata.push((KQL_NAME, &column.name));
            }
            let field = StructField::nullable(name, delta_type(column.ty)).with_metadata(metadata);
            let byte = DataType::Primitive(PrimitiveType::Byte);
            let ticks =
                self.ticks_of(column, name, byte, |name, ty, _| StructField::nullable(name, ty));
            std::iter::once(field).chain(ticks)
        });
        let primitive = |name: &str, ty| StructField::nullable(name, DataType::Primitive(ty));
        let added = [
            primitive(SOURCE, PrimitiveType::Long),
            primitive(FILE, PrimitiveType::String),
            primitive(MEMBER, PrimitiveType::String),
            primitive(LINE, PrimitiveType::Long),
            primitive(INGESTED, PrimitiveType::Timestamp),
            primitive(DAY, PrimitiveType::Date),
        ];
        own.chain(added.into_iter().filter(|_| self.is_telemetry)).collect()
    }

    /// Tells whether a column has one for ticks behind it: the times of the ledger are whole microseconds.
    pub(crate) fn has_ticks(&self, column: &ColumnSchema) -> bool {
        column.ty == KqlType::Datetime && self.is_telemetry
    }

    /// Makes the field for the ticks of a datetime that a microsecond leaves; no other type has one.
    fn ticks_of<T, F>(
        &self,
        column: &ColumnSchema,
        name: &str,
        ty: T,
        field: impl FnOnce(String, T, bool) -> F,
    ) -> Option<F> {
        let has_ticks = self.has_ticks(column);
        has_ticks.then(|| field(format!("{name}{TICKS}"), ty, true))
    }

    /// Returns the columns of which the log says in what range their values lie.
    pub(crate) fn said_of(&self) -> Vec<String> {
        let time = self.time().filter(|_| self.is_telemetry);
        let columns = [time, self.first_order()].into_iter().flatten();
        columns.filter_map(|at| self.kept_name(at)).map(str::to_owned).collect()
    }

    /// Returns the partition columns.
    pub(crate) fn partitions(&self) -> Vec<String> {
        if self.is_telemetry { vec![DAY.to_owned()] } else { Vec::new() }
    }

    /// Returns the schema of a table that has these columns beside those that it has, or `None` if it has
    /// them all.
    ///
    /// # Errors
    ///
    /// If one of them has another type there.
    pub(crate) fn widened(&self, known: &StructType) -> Result<Option<StructType>, LakeError> {
        let mut fields: Vec<StructField> = known.fields().cloned().collect();
        let before = fields.len();
        for field in self.delta() {
            match known.field(field.name()) {
                None => fields.push(field),
                Some(there) if there.data_type() == field.data_type() => {}
                Some(there) => {
                    return Err(LakeError::Type {
                        table: self.table.clone(),
                        column: field.name().clone(),
                        found: there.data_type().to_string(),
                        given: field.data_type().to_string(),
                    });
                }
            }
        }
        if fields.len() == before {
            return Ok(None);
        }
        let widened = StructType::try_new(fields);
        widened.map(Some).map_err(|error| LakeError::table(&self.table)(error.into()))
    }
}

/// Returns the Arrow type that a column has in the lake.
pub(crate) fn arrow_type(ty: KqlType) -> ArrowType {
    match ty {
        KqlType::Bool => ArrowType::Boolean,
        KqlType::Int => ArrowType::Int32,
        KqlType::Long | KqlType::Timespan => ArrowType::Int64,
        KqlType::Real => ArrowType::Float64,
        KqlType::Datetime => ArrowType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        KqlType::String | KqlType::Guid | KqlType::Decimal | KqlType::Dynamic => {
            ArrowType::Utf8View
        }
    }
}

fn delta_type(ty: KqlType) -> DataType {
    DataType::Primitive(match ty {
        KqlType::Bool => PrimitiveType::Boolean,
        KqlType::Int => PrimitiveType::Integer,
        KqlType::Long | KqlType::Timespan => PrimitiveType::Long,
        KqlType::Real => PrimitiveType::Double,
        KqlType::Datetime => PrimitiveType::Timestamp,
        KqlType::String | KqlType::Guid | KqlType::Decimal | KqlType::Dynamic => {
            PrimitiveType::String
        }
    })
}
