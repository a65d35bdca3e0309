//! Tables from a JSON file: `{table: {column: type}}`, columns in the file's order.

use std::path::Path;

use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use serde_json::{Map, Value};

use crate::error::CommandError;

/// Reads the tables of a file's text.
pub(super) fn load(path: &Path, json: &str) -> Result<Vec<tables::TableDefinition>, CommandError> {
    let wrong = |what: String| CommandError::user(format!("{}: {what}", path.display()));
    let tables: Map<String, Value> =
        serde_json::from_str(json).map_err(|error| wrong(error.to_string()))?;
    tables
        .into_iter()
        .map(|(name, columns)| {
            let columns = columns.as_object().ok_or_else(|| {
                wrong(format!("table `{name}`: expected an object of columns and their types"))
            })?;
            let columns = columns
                .iter()
                .map(|(column, ty)| {
                    let ty: Option<KqlType> = ty.as_str().and_then(|ty| ty.parse().ok());
                    let ty = ty.ok_or_else(|| {
                        wrong(format!("table `{name}`, column `{column}`: expected a KQL type"))
                    })?;
                    Ok(ColumnSchema { name: column.clone(), ty })
                })
                .collect::<Result<Vec<_>, CommandError>>()?;
            Ok(tables::TableDefinition { schema: TableSchema { name, columns }, views: Vec::new() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_the_files_order() {
        let tables = load(Path::new("s.json"), r#"{"T":{"b":"long","a":"string"}}"#).unwrap();
        let names: Vec<_> = tables[0].schema.columns.iter().map(|column| &*column.name).collect();
        assert_eq!(names, ["b", "a"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = load(Path::new("s.json"), r#"{"T":{"a":"text"}}"#).unwrap_err();
        assert_eq!(error.to_string(), "s.json: table `T`, column `a`: expected a KQL type");
    }
}
