//! A watchlist: rows of a CSV file for `_GetWatchlist`.

use std::fmt::Write;

use kql_types::{Value, dynamic};

use super::csv::{Csv, CsvError};

/// Rows, one column of which is the key that queries search.
#[derive(Clone, Debug)]
pub struct Watchlist {
    csv: Csv,
    key: usize,
}

impl Watchlist {
    /// Reads a watchlist; `key` names the search key's column, the first one unless it is given.
    ///
    /// # Errors
    ///
    /// The text is no CSV with a header, or has no such column.
    pub fn parse(text: &str, key: Option<&str>) -> Result<Self, CsvError> {
        let csv = Csv::parse(text)?;
        let key = match key {
            Some(name) => csv.place(name).ok_or_else(|| CsvError::NoColumn {
                name: name.to_owned(),
                columns: csv.columns.clone(),
            })?,
            None => csv.place("SearchKey").unwrap_or(0),
        };
        Ok(Self { csv, key })
    }

    /// Returns the saved function that yields the rows: the columns that every watchlist has, then
    /// those of the file, all of them strings.
    ///
    /// Source: <https://learn.microsoft.com/azure/sentinel/watchlists-queries>. Ids count rows, and
    /// when a row was changed is not known.
    pub(crate) fn function(&self) -> String {
        let own = |name: &str| !STANDARD.iter().any(|(standard, _)| *standard == name);
        let places: Vec<usize> = self
            .csv
            .columns
            .iter()
            .enumerate()
            .filter(|(_, name)| !name.is_empty() && own(name))
            .map(|(place, _)| place)
            .collect();
        let mut text = String::from("(name: string, keys: dynamic = dynamic(null)) { datatable (");
        let standard = STANDARD.iter().map(|(name, ty)| format!("{name}: {ty}"));
        let own = places.iter().filter_map(|place| self.csv.columns.get(*place));
        let own = own.map(|name| format!("[{}]: string", literal(name)));
        text.push_str(&standard.chain(own).collect::<Vec<_>>().join(", "));
        text.push_str(") [");
        for (number, row) in self.csv.rows.iter().enumerate() {
            let separator = if number > 0 { "," } else { "" };
            let key = row.get(self.key).map_or("", String::as_str);
            let item = self.item(row);
            let written = write!(
                text,
                "{separator}'{}', datetime(null), {}, dynamic({item})",
                number.saturating_add(1),
                literal(key)
            );
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
            for field in places.iter().filter_map(|place| row.get(*place)) {
                text.push_str(", ");
                text.push_str(&literal(field));
            }
        }
        text.push_str("] | where isnull(keys) or SearchKey in (keys) }");
        text
    }

    /// Writes a row as a bag.
    fn item(&self, row: &[String]) -> String {
        let mut item = String::from("{");
        for (number, (name, value)) in self.csv.columns.iter().zip(row).enumerate() {
            if number > 0 {
                item.push(',');
            }
            dynamic::quote(name, &mut item);
            item.push(':');
            dynamic::quote(value, &mut item);
        }
        item.push('}');
        item
    }
}

/// The columns that every watchlist has.
const STANDARD: [(&str, &str); 4] = [
    ("_DTItemId", "string"),
    ("LastUpdatedTimeUTC", "datetime"),
    ("SearchKey", "string"),
    ("WatchlistItem", "dynamic"),
];

fn literal(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_a_function() {
        let list = Watchlist::parse("Host,User Name\nsrv\"1,a'b\n", Some("user name")).unwrap();
        assert_eq!(
            list.function(),
            "(name: string, keys: dynamic = dynamic(null)) { datatable (_DTItemId: string, \
             LastUpdatedTimeUTC: datetime, SearchKey: string, WatchlistItem: dynamic, \
             [\"Host\"]: string, [\"User Name\"]: string) ['1', datetime(null), \"a'b\", \
             dynamic({\"Host\":\"srv\\\"1\",\"User Name\":\"a'b\"}), \"srv\\\"1\", \"a'b\"] \
             | where isnull(keys) or SearchKey in (keys) }"
        );
    }

    #[test]
    fn a_key_that_is_not_there_is_told() {
        let error = Watchlist::parse("a,b\n", Some("c")).unwrap_err();
        assert_eq!(error.to_string(), "no column `c`; there are a, b");
    }
}
