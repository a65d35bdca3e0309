//! Data at addresses: the files that the user gives in its place, read as `externaldata` reads.
//!
//! Source: <https://learn.microsoft.com/kusto/query/externaldata-operator> and
//! <https://learn.microsoft.com/azure/data-explorer/ingestion-supported-formats>

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch,
        RecordBatchOptions, StringViewArray,
    },
    datatypes::{Field, Schema},
    error::ArrowError,
};
use kql_bind::tree::External;
use kql_types::{KqlType, Value, datetime, decimal::Decimal, dynamic, guid, timespan};
use thiserror::Error;

use super::csv::{CsvError, records};
use crate::raw_table::encoding;

/// Why a file in the place of an address cannot be read.
#[derive(Debug, Error)]
pub(crate) enum ExternalError {
    /// The file cannot be read, or is no UTF-8.
    #[error("{path}: {source}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    /// It is no CSV or the like.
    #[error("{path}: {source}", path = path.display())]
    Csv { path: PathBuf, source: CsvError },
    /// It holds JSON that cannot be read.
    #[error("{path}: line {line}: no JSON object", path = path.display())]
    Json { path: PathBuf, line: usize },
    /// A format, or a property, that does not run.
    #[error("`{0}` of `externaldata` does not run yet")]
    Unsupported(String),
    /// The rows do not make a batch.
    #[error("the rows do not fit their columns")]
    Batch(#[from] ArrowError),
}

/// Reads files, one after the other, as rows of the columns wanted.
pub(crate) fn read(
    files: &[&Path],
    data: &External,
    wanted: &[(Arc<str>, KqlType)],
) -> Result<RecordBatch, ExternalError> {
    let mut rows = Vec::new();
    for path in files {
        let options = Options::new(data, path)?;
        let text = fs::read_to_string(path)
            .map_err(|source| ExternalError::Read { path: (*path).to_owned(), source })?;
        rows.extend(options.rows(path, &text, data)?);
    }
    let places: Vec<Option<usize>> = wanted
        .iter()
        .map(|(name, _)| data.declared.iter().position(|(declared, _)| declared == name))
        .collect();
    let fields =
        wanted.iter().map(|(name, ty)| Field::new(&**name, encoding(*ty), *ty != KqlType::String));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let columns = wanted.iter().zip(places).map(|((_, ty), place)| {
        let texts = rows.iter().map(|row: &Vec<String>| {
            place.and_then(|place| row.get(place)).map_or("", String::as_str)
        });
        column(*ty, texts)
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    Ok(RecordBatch::try_new_with_options(schema, columns.collect(), &options)?)
}

/// How a file is to be read.
struct Options {
    format: Format,
    ignores_first: bool,
}

enum Format {
    /// Fields between delimiters.
    Delimited(char),
    /// An object for each line, or several lines.
    Json,
    /// Each line is the first column.
    Lines,
    /// The whole is the first column.
    Whole,
}

impl Options {
    /// Reads the properties; the format is by the file's extension unless it is given.
    fn new(data: &External, path: &Path) -> Result<Self, ExternalError> {
        let mut format = path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase());
        let mut ignores_first = false;
        for (name, value) in &data.properties {
            let text = value.to_text();
            match name.to_ascii_lowercase().as_str() {
                "format" => format = Some(text.to_ascii_lowercase()),
                "ignorefirstrecord" => ignores_first = text.eq_ignore_ascii_case("true"),
                _ => return Err(ExternalError::Unsupported(name.clone())),
            }
        }
        let format = match format.as_deref() {
            None | Some("csv") => Format::Delimited(','),
            Some("tsv" | "tsve") => Format::Delimited('\t'),
            Some("psv") => Format::Delimited('|'),
            Some("scsv") => Format::Delimited(';'),
            Some("sohsv") => Format::Delimited('\u{1}'),
            Some("json" | "multijson" | "jsonl") => Format::Json,
            Some("txt") => Format::Lines,
            Some("raw") => Format::Whole,
            Some(other) => return Err(ExternalError::Unsupported(format!("format={other}"))),
        };
        Ok(Self { format, ignores_first })
    }

    fn rows(
        &self,
        path: &Path,
        text: &str,
        data: &External,
    ) -> Result<Vec<Vec<String>>, ExternalError> {
        let mut rows: Vec<Vec<String>> = match self.format {
            Format::Delimited(delimiter) => records(text, delimiter)
                .map_err(|source| ExternalError::Csv { path: path.to_owned(), source })?
                .into_iter()
                .map(|(_, fields)| fields)
                .collect(),
            Format::Json => json_rows(path, text, data)?,
            Format::Lines => text.lines().map(|line| vec![line.to_owned()]).collect(),
            Format::Whole => vec![vec![text.to_owned()]],
        };
        if self.ignores_first && !rows.is_empty() {
            rows.remove(0);
        }
        Ok(rows)
    }
}

/// Reads an array of objects, or an object a line; a column is the property of its name.
fn json_rows(path: &Path, text: &str, data: &External) -> Result<Vec<Vec<String>>, ExternalError> {
    let row = |json: &str| -> Vec<String> {
        let property = |name: &str| dynamic::get(json, name).unwrap_or("null");
        let columns = data.declared.iter().map(|(name, ty)| match ty {
            KqlType::Dynamic => property(name).to_owned(),
            _ => dynamic::unquote(property(name)).into_owned(),
        });
        columns.collect()
    };
    if let Some(json) = dynamic::compact(text) {
        return Ok(match dynamic::kind(&json) {
            dynamic::Kind::Array => dynamic::elements(&json).map(row).collect(),
            _ => vec![row(&json)],
        });
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let rows = lines.map(|(line, text)| match dynamic::compact(text) {
        Some(json) => Ok(row(&json)),
        None => Err(ExternalError::Json { path: path.to_owned(), line }),
    });
    rows.collect()
}

/// Makes a column of texts; text that is no value of the type is null.
fn column<'a>(ty: KqlType, texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    match ty {
        KqlType::Bool => Arc::new(texts.map(to_bool).collect::<BooleanArray>()),
        KqlType::Int => Arc::new(texts.map(|it| it.trim().parse().ok()).collect::<Int32Array>()),
        KqlType::Long => Arc::new(texts.map(|it| it.trim().parse().ok()).collect::<Int64Array>()),
        KqlType::Real => Arc::new(texts.map(|it| it.trim().parse().ok()).collect::<Float64Array>()),
        KqlType::Datetime => Arc::new(texts.map(datetime::parse).collect::<Int64Array>()),
        KqlType::Timespan => Arc::new(texts.map(timespan::parse).collect::<Int64Array>()),
        KqlType::Guid => Arc::new(texts.map(guid::parse).collect::<StringViewArray>()),
        KqlType::Dynamic => Arc::new(texts.map(to_dynamic).collect::<StringViewArray>()),
        KqlType::Decimal => {
            let canonical = |text| Decimal::parse(text).map(|decimal| decimal.to_string());
            Arc::new(texts.map(canonical).collect::<StringViewArray>())
        }
        KqlType::String => Arc::new(texts.map(Some).collect::<StringViewArray>()),
    }
}

fn to_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Reads JSON; text that is none is a dynamic string.
fn to_dynamic(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    let json = dynamic::compact(text).map(std::borrow::Cow::into_owned);
    let json = json.unwrap_or_else(|| {
        let mut quoted = String::new();
        dynamic::encode(&Value::String(text.to_owned()), &mut quoted);
        quoted
    });
    (dynamic::kind(&json) != dynamic::Kind::Null).then_some(json)
}
