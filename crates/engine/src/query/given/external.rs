//! Data at addresses: the files that the user gives in its place, read as `externaldata` reads.
//!
//! Source: <https://learn.microsoft.com/kusto/query/externaldata-operator> and
//! <https://learn.microsoft.com/azure/data-explorer/ingestion-supported-formats>

use std::{fs, io, path::Path, sync::Arc};

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, StringViewArray};
use kql_bind::tree::External;
use kql_types::{KqlType, Value, datetime, decimal::Decimal, dynamic, guid, timespan};
use sources::list::{self, Dialect, ListError, ListFileError, ListReader, ListRecord};

use super::{
    GivenError,
    room::Room,
    table::{From, Given, TableBuilder},
};

/// Reads files, one after the other, as rows of the columns declared.
pub(crate) fn read(files: &[&Path], data: &External, room: &Room) -> Result<Given, GivenError> {
    let first = files.first().copied().unwrap_or(Path::new(""));
    let mut table = TableBuilder::new(data.declared.len(), first, room);
    for path in files {
        Options::new(data, path)?.read(path, data, room, &mut table)?;
    }
    let columns = data.declared.iter().enumerate();
    let columns = columns.map(|(at, (name, _))| (Arc::clone(name), From::Texts(at))).collect();
    Ok(Given { table: Arc::new(table.finish()?), columns })
}

/// How a file is to be read.
struct Options {
    format: Format,
    ignores_first: bool,
}

enum Format {
    /// Fields between delimiters.
    Delimited(u8),
    /// An object for each line, or several lines.
    Json,
    /// Each line is the first column.
    Lines,
    /// The whole is the first column.
    Whole,
}

impl Options {
    /// Reads the properties; the format is by the file's extension unless it is given.
    fn new(data: &External, path: &Path) -> Result<Self, GivenError> {
        let mut format = path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase());
        let mut ignores_first = false;
        for (name, value) in &data.properties {
            let text = value.to_text();
            match name.to_ascii_lowercase().as_str() {
                "format" => format = Some(text.to_ascii_lowercase()),
                "ignorefirstrecord" => ignores_first = text.eq_ignore_ascii_case("true"),
                _ => return Err(GivenError::Unsupported(name.clone())),
            }
        }
        let format = match format.as_deref() {
            None | Some("csv") => Format::Delimited(b','),
            Some("tsv" | "tsve") => Format::Delimited(b'\t'),
            Some("psv") => Format::Delimited(b'|'),
            Some("scsv") => Format::Delimited(b';'),
            Some("sohsv") => Format::Delimited(1),
            Some("json" | "multijson" | "jsonl") => Format::Json,
            Some("txt") => Format::Lines,
            Some("raw") => Format::Whole,
            Some(other) => return Err(GivenError::Unsupported(format!("format={other}"))),
        };
        Ok(Self { format, ignores_first })
    }

    fn read(
        &self,
        path: &Path,
        data: &External,
        room: &Room,
        table: &mut TableBuilder<'_>,
    ) -> Result<(), GivenError> {
        let told = |source| GivenError::Read { path: path.to_owned(), source };
        let skipped = usize::from(self.ignores_first);
        match self.format {
            Format::Delimited(delimiter) => {
                let wrong = |source: ListError| ListFileError { path: path.to_owned(), source };
                let dialect = Dialect { delimiter, by_hand: false };
                let mut list = ListReader::open(path, dialect).map_err(wrong)?;
                let mut record = ListRecord::default();
                let mut is_skipped = self.ignores_first;
                while list.read(&mut record).map_err(wrong)? {
                    if !std::mem::take(&mut is_skipped) {
                        table.push(record.fields.iter().map(String::as_str))?;
                    }
                }
            }
            Format::Json => read_json(path, data, room, skipped, table)?,
            Format::Lines => {
                for line in list::text_lines(path).map_err(told)?.skip(skipped) {
                    table.push([line.map_err(told)?.as_str()].into_iter())?;
                }
            }
            Format::Whole if self.ignores_first => {}
            Format::Whole => {
                let text = list::read_text(path, most(room)).map_err(told)?;
                table.push([text.as_str()].into_iter())?;
            }
        }
        Ok(())
    }
}

/// What a text that has to be whole in memory may have, if its values take as much again.
fn most(room: &Room) -> u64 {
    u64::try_from(room.left_bytes()).unwrap_or(u64::MAX) / 2
}

/// Reads an array of objects, or an object a line; a column is the property of its name.
fn read_json(
    path: &Path,
    data: &External,
    room: &Room,
    skipped: usize,
    table: &mut TableBuilder<'_>,
) -> Result<(), GivenError> {
    let told = |source| GivenError::Read { path: path.to_owned(), source };
    let mut skipped = skipped;
    let mut push = |json: &str, table: &mut TableBuilder<'_>| {
        if let Some(left) = skipped.checked_sub(1) {
            skipped = left;
            return Ok(());
        }
        let fields = fields_of(json, data);
        table.push(fields.iter().map(String::as_str))
    };
    let is_by_line = fs::metadata(path).is_ok_and(|file| file.len() > most(room));
    if !is_by_line {
        let text = list::read_text(path, most(room)).map_err(told)?;
        if let Some(json) = dynamic::compact(&text) {
            return match dynamic::kind(&json) {
                dynamic::Kind::Array => {
                    dynamic::elements(&json).try_for_each(|json| push(json, table))
                }
                _ => push(&json, table),
            };
        }
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        return read_json_lines(path, lines, |json| push(json, table));
    }
    // An array of objects is refused here by its first line: it would have to be whole in memory.
    let lines = list::text_lines(path).map_err(told)?;
    read_json_lines(path, lines, |json| push(json, table))
}

fn read_json_lines(
    path: &Path,
    lines: impl Iterator<Item = io::Result<String>>,
    mut push: impl FnMut(&str) -> Result<(), GivenError>,
) -> Result<(), GivenError> {
    for (line, text) in (1..).zip(lines) {
        let text = text.map_err(|source| GivenError::Read { path: path.to_owned(), source })?;
        if text.trim().is_empty() {
            continue;
        }
        let json = dynamic::compact(&text).filter(|it| dynamic::kind(it) != dynamic::Kind::Array);
        match json {
            Some(json) => push(&json)?,
            None => return Err(GivenError::Json { path: path.to_owned(), line }),
        }
    }
    Ok(())
}

/// Returns the properties of an object that are columns, as texts.
fn fields_of(json: &str, data: &External) -> Vec<String> {
    let property = |name: &str| dynamic::get(json, name).unwrap_or("null");
    let columns = data.declared.iter().map(|(name, ty)| match ty {
        KqlType::Dynamic => property(name).to_owned(),
        _ => dynamic::unquote(property(name)).into_owned(),
    });
    columns.collect()
}

/// Makes a column of texts; text that is no value of the type is null.
pub(super) fn values<'a>(ty: KqlType, texts: impl Iterator<Item = &'a str>) -> ArrayRef {
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
