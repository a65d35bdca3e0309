//! Rows that a command has made itself, such as a list of tables or of tokens.

use std::{io::Write, sync::Arc};

use arrow::{
    array::{ArrayRef, RecordBatch, StringViewArray},
    error::ArrowError,
};
use kql_types::{KqlType, schema::ColumnSchema};
use report::{Format, Options};

use crate::{
    error::{CommandError, ErrorKind},
    ui::Ui,
};

/// Columns, and all rows, or that they could not be put together.
pub(crate) type Listing = Result<(Vec<ColumnSchema>, RecordBatch), ArrowError>;

/// Puts columns together: name, type and values of each.
pub(crate) fn of(columns: Vec<(&str, KqlType, ArrayRef)>) -> Listing {
    let schema = |(name, ty, _): &(&str, KqlType, ArrayRef)| ColumnSchema {
        name: (*name).to_owned(),
        ty: *ty,
    };
    let schemas = columns.iter().map(schema).collect();
    let arrays = columns.into_iter().map(|(name, _, array)| (name.to_owned(), array));
    Ok((schemas, RecordBatch::try_from_iter(arrays)?))
}

/// Makes a column of texts.
pub(crate) fn texts(texts: impl Iterator<Item = String>) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(texts))
}

/// Writes the rows to the output.
pub(crate) fn write(listing: Listing, format: Format, ui: &Ui) -> Result<(), CommandError> {
    let (columns, rows) = listing.map_err(|error| CommandError::new(ErrorKind::System, error))?;
    let options = Options { table: ui.table_options(), ..Options::default() };
    let mut stdout = ui.stdout();
    let mut writer = report::begin(format, &columns, &options, &mut stdout)?;
    writer.batch(&rows)?;
    writer.finish()?;
    stdout.flush()?;
    Ok(())
}
