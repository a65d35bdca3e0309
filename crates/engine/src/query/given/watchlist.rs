//! A watchlist: rows of a CSV file for `_GetWatchlist`.

use std::{collections::BTreeMap, fmt::Write, path::Path, sync::Arc};

use kql_types::Value;
use sources::list::{Dialect, ListError, ListFileError, ListReader, ListRecord};

use super::{
    GivenError,
    room::Room,
    table::{From, Given, TableBuilder},
};

/// Rows, one column of which is the key that queries search.
#[derive(Clone, Debug)]
pub struct Watchlist {
    columns: Arc<[String]>,
    given: Given,
}

/// The columns that every watchlist has.
const STANDARD: [(&str, &str); 4] = [
    ("_DTItemId", "string"),
    ("LastUpdatedTimeUTC", "datetime"),
    ("SearchKey", "string"),
    ("WatchlistItem", "dynamic"),
];

impl Watchlist {
    /// Reads a watchlist; `key` names the search key's column, the first one unless it is given.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no CSV with a header, or has no such column.
    pub fn read(path: &Path, key: Option<&str>, room: &Room) -> Result<Self, GivenError> {
        let wrong = |source: ListError| ListFileError { path: path.to_owned(), source };
        let mut list = ListReader::open(path, Dialect::CSV).map_err(wrong)?;
        let columns: Arc<[String]> = list.header().map_err(wrong)?.into();
        let key = place_of_key(&columns, key).map_err(wrong)?;
        let mut table = TableBuilder::new(columns.len(), path, room);
        let mut row = ListRecord::default();
        while list.read_row(columns.len(), &mut row).map_err(wrong)? {
            table.push(row.fields.iter().map(String::as_str))?;
        }
        let mut sources: BTreeMap<Arc<str>, From> =
            own(&columns).map(|(at, name)| (name.into(), From::Texts(at))).collect();
        // Ids count rows, and when a row was changed is not known.
        for (name, from) in [
            ("_DTItemId", From::RowNumber),
            ("LastUpdatedTimeUTC", From::Nothing),
            ("SearchKey", From::Texts(key)),
            ("WatchlistItem", From::Bag(Arc::clone(&columns))),
        ] {
            sources.insert(name.into(), from);
        }
        let given = Given { table: Arc::new(table.finish()?), columns: sources };
        Ok(Self { columns, given })
    }

    /// Returns the rows.
    pub(crate) fn given(&self) -> &Given {
        &self.given
    }

    /// Returns the saved function that scans the rows at an address: the columns that every watchlist
    /// has, then those of the file, all of them strings.
    ///
    /// Source: <https://learn.microsoft.com/azure/sentinel/watchlists-queries>.
    pub(crate) fn function(&self, address: &str) -> String {
        let mut text =
            String::from("(name: string, keys: dynamic = dynamic(null)) { externaldata (");
        let standard = STANDARD.iter().map(|(name, ty)| format!("{name}: {ty}"));
        let own = own(&self.columns).map(|(_, name)| format!("[{}]: string", literal(name)));
        text.push_str(&standard.chain(own).collect::<Vec<_>>().join(", "));
        let written =
            write!(text, ") [{}] | where isnull(keys) or SearchKey in (keys) }}", literal(address));
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        text
    }
}

/// Yields the columns of a file that stand for themselves, with their places.
fn own(columns: &[String]) -> impl Iterator<Item = (usize, &str)> {
    let is_own = |name: &str| !STANDARD.iter().any(|(standard, _)| *standard == name);
    let named = columns.iter().map(String::as_str).enumerate();
    named.filter(move |(_, name)| !name.is_empty() && is_own(name))
}

fn place_of_key(columns: &[String], key: Option<&str>) -> Result<usize, ListError> {
    let place = |name: &str| columns.iter().position(|it| it.eq_ignore_ascii_case(name));
    match key {
        Some(name) => place(name).ok_or_else(|| ListError::NoColumn {
            name: name.to_owned(),
            columns: columns.to_vec(),
        }),
        None => Ok(place("SearchKey").unwrap_or(0)),
    }
}

fn literal(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_has_the_columns_and_not_the_rows() {
        let folder = testkit::Folder::empty();
        let path = folder.write("l.csv", b"Host,User Name,SearchKey\nsrv\"1,a'b,c\n");
        let list = Watchlist::read(&path, Some("user name"), &Room::default()).unwrap();
        assert_eq!(
            list.function("x"),
            "(name: string, keys: dynamic = dynamic(null)) { externaldata (_DTItemId: string, \
             LastUpdatedTimeUTC: datetime, SearchKey: string, WatchlistItem: dynamic, \
             [\"Host\"]: string, [\"User Name\"]: string) [\"x\"] \
             | where isnull(keys) or SearchKey in (keys) }"
        );
    }

    #[test]
    fn a_key_that_is_not_there_is_told() {
        let folder = testkit::Folder::empty();
        let path = folder.write("l.csv", b"a,b\n");
        let error = Watchlist::read(&path, Some("c"), &Room::default()).unwrap_err().to_string();
        assert!(error.ends_with("l.csv: no column `c`; there are a, b"), "{error}");
    }
}
