//! Schemas in files: CSV with the header `name,type` and one column of the table a line.
//!
//! Names are plain identifiers and types KQL's type names, so nothing is ever quoted.

use kql_types::schema::{ColumnSchema, TableSchema};
use thiserror::Error;

const HEADER: &str = "name,type";

/// Why a schema file could not be read. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// The first line is not the header.
    #[error("schema of `{table}`: the first line is `{found}`, expected `name,type`")]
    Header {
        /// The table whose schema it is.
        table: String,
        /// What the first line holds.
        found: String,
    },
    /// A line is not a name, a comma and a type.
    #[error(
        "schema of `{table}`, line {line}: found `{found}`, expected a name, a comma and a type"
    )]
    Line {
        /// The table whose schema it is.
        table: String,
        /// The line.
        line: usize,
        /// What it holds.
        found: String,
    },
    /// A type is none of KQL's.
    #[error("schema of `{table}`, line {line}: `{found}` is not a type")]
    Type {
        /// The table whose schema it is.
        table: String,
        /// The line.
        line: usize,
        /// The name found where a type is expected.
        found: String,
    },
    /// Two columns have the same name.
    #[error("schema of `{table}`, line {line}: there is a column `{name}` above")]
    Duplicate {
        /// The table whose schema it is.
        table: String,
        /// The line of the second column.
        line: usize,
        /// The name that both have.
        name: String,
    },
}

/// Reads the schema of the table `name` from the text of a schema file.
///
/// Columns keep the order of the lines; empty lines are skipped; lines end in `\n` or `\r\n`.
///
/// # Errors
///
/// The first line that is not as it should be.
pub fn parse_schema(name: &str, text: &str) -> Result<TableSchema, SchemaError> {
    let mut lines = text.lines().zip(1..);
    let header = lines.next().map_or("", |(header, _)| header);
    if header != HEADER {
        return Err(SchemaError::Header { table: name.into(), found: header.into() });
    }
    let mut columns: Vec<ColumnSchema> = Vec::new();
    for (text, line) in lines.filter(|(text, _)| !text.is_empty()) {
        let column = parse_column(name, text, line)?;
        if columns.iter().any(|above| above.name == column.name) {
            return Err(SchemaError::Duplicate { table: name.into(), line, name: column.name });
        }
        columns.push(column);
    }
    Ok(TableSchema { name: name.into(), columns })
}

fn parse_column(table: &str, text: &str, line: usize) -> Result<ColumnSchema, SchemaError> {
    let Some((name, ty)) = text.split_once(',').filter(|(name, _)| is_identifier(name)) else {
        return Err(SchemaError::Line { table: table.into(), line, found: text.into() });
    };
    match ty.parse() {
        Ok(ty) => Ok(ColumnSchema { name: name.into(), ty }),
        Err(_) => Err(SchemaError::Type { table: table.into(), line, found: ty.into() }),
    }
}

fn is_identifier(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use kql_types::KqlType;

    use super::*;

    #[test]
    fn columns_keep_their_order() {
        let schema = parse_schema("T", "name,type\r\nb,long\r\n\r\na,dynamic\r\n").unwrap();
        let columns: Vec<_> = schema.columns.iter().map(|c| (c.name.as_str(), c.ty)).collect();
        assert_eq!(columns, [("b", KqlType::Long), ("a", KqlType::Dynamic)]);
        assert_eq!(schema.name, "T");
    }

    #[test]
    fn a_bad_line_is_named() {
        let message = |text| parse_schema("T", text).unwrap_err().to_string();
        assert_eq!(message(""), "schema of `T`: the first line is ``, expected `name,type`");
        assert_eq!(
            message("name,type\na\n"),
            "schema of `T`, line 2: found `a`, expected a name, a comma and a type"
        );
        assert_eq!(
            message("name,type\n\n1a,long\n"),
            "schema of `T`, line 3: found `1a,long`, expected a name, a comma and a type"
        );
        assert_eq!(
            message("name,type\na,varchar\n"),
            "schema of `T`, line 2: `varchar` is not a type"
        );
        assert_eq!(
            message("name,type\na,long\na,int\n"),
            "schema of `T`, line 3: there is a column `a` above"
        );
    }
}
