//! The columns of a table from its page in the documentation, which is Markdown.
//!
//! A page names its table in the first heading or in its title. Its columns are the rows of the tables
//! of which the first column is a name and the second a type.

use std::path::Path;

use super::{Columns, SchemasError, Tables, files, is_name, read};

/// Adds the tables that the pages of a folder are about.
pub(super) fn read_pages(
    folder: &Path,
    product: &'static str,
    tables: &mut Tables,
) -> Result<(), SchemasError> {
    for path in files(folder)? {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let (name, columns) = page(&read(&path)?);
        if let Some(name) = name.filter(|_| !columns.is_empty()) {
            tables.insert((name, product), columns);
        }
    }
    Ok(())
}

/// Reads a page: the table's name, if it has one, and the columns.
fn page(text: &str) -> (Option<String>, Columns) {
    let headings = text.lines().filter_map(|line| line.strip_prefix("# "));
    let titles = text.lines().filter_map(|line| line.strip_prefix("title: "));
    let last_word = |title: &str| title.split_whitespace().next_back().map(str::to_owned);
    let mut names = headings.map(|it| Some(it.trim().to_owned())).chain(titles.map(last_word));
    let name = names.find_map(|name| name.filter(|name| is_name(name)));
    let mut columns = Columns::new();
    for line in text.lines() {
        let Some(row) = line.trim().strip_prefix('|') else { continue };
        let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`'));
        let (Some(column), Some(ty)) = (cells.next(), cells.next()) else { continue };
        let is_new = columns.iter().all(|(known, _)| known != column);
        if let Ok(ty) = ty.to_ascii_lowercase().parse()
            && is_name(column)
            && is_new
        {
            columns.push((column.to_owned(), ty));
        }
    }
    (name, columns)
}

#[cfg(test)]
mod tests {
    use kql_types::KqlType;

    use super::*;

    #[test]
    fn rows_of_a_name_and_a_type_are_columns() {
        let text = "---\ntitle: Azure Monitor Logs reference - AuditX\n---\n\n## Columns\n\n\
                    |Column|Type|Description|\n|---|---|---|\n|TimeGenerated|datetime|When.|\n\
                    | `Count_d` | `double` | How many, as `int`. |\n|Not a name|string||\n";
        let (name, columns) = page(text);
        assert_eq!(name.as_deref(), Some("AuditX"));
        let expected = [("TimeGenerated", KqlType::Datetime), ("Count_d", KqlType::Real)];
        assert_eq!(columns, expected.map(|(name, ty)| (name.to_owned(), ty)));
        assert_eq!(page("# Table of things\n\n# Alerts\n").0.as_deref(), Some("Alerts"));
    }
}
