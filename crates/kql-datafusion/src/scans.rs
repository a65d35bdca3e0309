//! What a plan asks of a table: its columns, paths into dynamic ones, and evidence.

use std::{
    fmt::{self, Display},
    sync::Arc,
};

use arrow::datatypes::DataType;
use datafusion_common::DataFusionError;
use datafusion_expr::TableSource;
use kql_bind::tree::External;
use kql_types::KqlType;

/// The name of the column that cites the records a row rests on.
pub const EVIDENCE: &str = "$evidence";

/// Where the native rows of tables come from. Implemented by the engine.
pub trait Scans {
    /// Returns a source of `table`'s rows whose schema has exactly `columns`, in this order.
    ///
    /// The names of its fields are those that [`ScanColumn`] displays. `columns` may be empty: only
    /// the number of rows is asked for.
    ///
    /// # Errors
    ///
    /// The table's rows cannot be had.
    fn scan(
        &self,
        table: &str,
        columns: &[ScanColumn],
    ) -> Result<Arc<dyn TableSource>, DataFusionError>;

    /// Returns a source of the rows that stand at addresses, or `None` if they are not there, in which
    /// case the query is refused.
    ///
    /// Its schema has exactly the columns wanted, in this order, in the encoding of their types: names
    /// among those that [`External::declared`] lists, and strings without nulls.
    ///
    /// # Errors
    ///
    /// The data is there and cannot be read.
    fn external(
        &self,
        data: &External,
        wanted: &[(Arc<str>, KqlType)],
    ) -> Result<Option<Arc<dyn TableSource>>, DataFusionError> {
        let _ = (data, wanted);
        Ok(None)
    }

    /// Returns the path of the database of addresses that `geo_info_from_ip_address` reads, in
    /// MMDB format; without one, queries that call it are refused.
    fn geo_database(&self) -> Option<Arc<str>> {
        None
    }

    /// Returns the type of [`ScanColumn::Evidence`]: a struct whose fields are the engine's affair.
    fn evidence_type(&self) -> DataType;
}

/// A column that a scan delivers; displays as the name of its field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScanColumn {
    /// A column of the table, in the type's encoding: strings without nulls.
    Column {
        /// Its name in the table.
        name: Arc<str>,
        /// Its type.
        ty: KqlType,
    },
    /// What a path finds in a dynamic column, `Utf8View`; where it finds nothing, null as a dynamic
    /// and `""` as text.
    Path {
        /// The column's name in the table.
        column: Arc<str>,
        /// The keys, outermost first; at least one.
        steps: Vec<String>,
        /// How what is found is written.
        form: PathForm,
    },
    /// Where the row comes from: a struct whose fields are the engine's affair.
    Evidence,
}

/// How a [`ScanColumn::Path`] is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathForm {
    /// As `tostring` prints it: a string without quotes.
    Text,
    /// As a dynamic: compact JSON.
    Dynamic,
}

impl Display for ScanColumn {
    /// Writes `EventID`, `EventData.Image`, `EventData.Image as dynamic`, `$evidence`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column { name, .. } => f.write_str(name),
            Self::Path { column, steps, form } => {
                f.write_str(column)?;
                for step in steps {
                    write_step(step, f)?;
                }
                match form {
                    PathForm::Text => Ok(()),
                    PathForm::Dynamic => f.write_str(" as dynamic"),
                }
            }
            Self::Evidence => f.write_str(EVIDENCE),
        }
    }
}

/// Writes `.name`, or `['any name']` where the first would be ambiguous.
fn write_step(step: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_name =
        !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name { write!(f, ".{step}") } else { write!(f, "[{step:?}]") }
}
