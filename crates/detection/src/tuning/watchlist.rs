//! Watchlists of exceptions: CSV files with a head, in the form that Sentinel takes as watchlists.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use engine::list::{Dialect, ListError, ListFileError, ListReader, ListRecord};
use kql_types::{datetime, formula};
use thiserror::Error;

use super::entry::{Condition, Entry, Expiry};

/// Whose list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchlistKind {
    /// What a package knows of products; such entries need not end.
    KnownTools,
    /// A site's own exceptions: each has an owner, a reason, a ticket and an end.
    Site,
}

/// A list that could not be read.
#[derive(Debug, Error)]
pub enum WatchlistError {
    /// The file could not be read, or is no list.
    #[error(transparent)]
    List(#[from] ListFileError),
    /// The list lacks a column.
    #[error("{path}: no watchlist of exceptions: column `{column}` is missing", path = path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// An entry is not what it should be.
    #[error("{path}: line {line}: {problem}", path = path.display())]
    Entry {
        /// The file.
        path: PathBuf,
        /// The line of the entry.
        line: u64,
        /// What is wrong and what was expected.
        problem: String,
    },
}

/// How lists of exceptions are written.
const DIALECT: Dialect = Dialect { delimiter: b',', by_hand: true };

/// The columns that a list has to have; `Column3` and `Value3` may be left out.
const NEEDED: [&str; 10] = [
    "Id", "Rules", "Column1", "Value1", "Column2", "Value2", "Owner", "Reason", "Ticket", "Expires",
];

/// A record of a list, by the names of its columns.
struct Row<'a> {
    head: &'a [String],
    fields: &'a [String],
}

impl Row<'_> {
    fn get(&self, column: &str) -> String {
        let at = self.head.iter().position(|name| name == column);
        at.and_then(|at| self.fields.get(at)).cloned().unwrap_or_default()
    }
}

const TICKS_PER_DAY: i64 = 864_000_000_000;

impl Entry {
    /// Reads a list from CSV; `path` names it in errors.
    ///
    /// # Errors
    ///
    /// If the text is no list, or an entry lacks what it must have: an id of its own, two conditions
    /// on different columns, neither of which allows everything, and for a site's list an owner, a
    /// reason, a ticket and an end.
    pub fn parse_list(
        path: &Path,
        csv: &str,
        kind: WatchlistKind,
    ) -> Result<Vec<Self>, WatchlistError> {
        let list = ListReader::new(csv.as_bytes(), DIALECT);
        Self::read_list(path, list.map_err(ListError::Read), kind)
    }

    /// Reads a list's file.
    ///
    /// # Errors
    ///
    /// As [`Entry::parse_list`], or if the file cannot be read.
    pub fn load_list(path: &Path, kind: WatchlistKind) -> Result<Vec<Self>, WatchlistError> {
        Self::read_list(path, ListReader::open(path, DIALECT), kind)
    }

    fn read_list(
        path: &Path,
        list: Result<ListReader<'_>, ListError>,
        kind: WatchlistKind,
    ) -> Result<Vec<Self>, WatchlistError> {
        let wrong = |source: ListError| ListFileError { path: path.to_owned(), source };
        let mut list = list.map_err(wrong)?;
        let head = match list.header() {
            Err(ListError::NoHeader) => Vec::new(),
            head => head.map_err(wrong)?,
        };
        if let Some(column) = NEEDED.into_iter().find(|name| !head.iter().any(|it| it == name)) {
            return Err(WatchlistError::Column { path: path.to_owned(), column });
        }
        let mut ids = BTreeSet::new();
        let mut entries = Vec::new();
        let mut record = ListRecord::default();
        while list.read_row(head.len(), &mut record).map_err(wrong)? {
            for field in &mut record.fields {
                *field = formula::unguarded(Cow::Borrowed(field)).trim().to_owned();
            }
            let row = Row { head: &head, fields: &record.fields };
            let entry = entry(&row, kind).and_then(|entry| {
                let is_new = ids.insert(entry.id.clone());
                is_new.then_some(entry).ok_or_else(|| "the id is already taken".to_owned())
            });
            entries.push(entry.map_err(|problem| WatchlistError::Entry {
                path: path.to_owned(),
                line: record.line,
                problem,
            })?);
        }
        Ok(entries)
    }
}

fn entry(row: &Row<'_>, kind: WatchlistKind) -> Result<Entry, String> {
    let id = row.get("Id");
    if id.is_empty() {
        return Err("the entry has no id".to_owned());
    }
    let conditions = conditions([
        (row.get("Column1"), row.get("Value1")),
        (row.get("Column2"), row.get("Value2")),
        (row.get("Column3"), row.get("Value3")),
    ])?;
    let needed = ["Owner", "Reason", "Ticket"].map(|name| (name, row.get(name)));
    if kind == WatchlistKind::Site
        && let Some((name, _)) = needed.iter().find(|(_, text)| text.is_empty())
    {
        let name = name.to_ascii_lowercase();
        return Err(format!("`{id}` has no {name}: who decided this, and why?"));
    }
    let rules = row.get("Rules");
    let rules = rules.split([' ', ';']).filter(|rule| !matches!(*rule, "" | "*"));
    let [(_, owner), (_, reason), (_, ticket)] = needed;
    Ok(Entry {
        id,
        rules: rules.map(str::to_owned).collect(),
        conditions,
        owner,
        reason,
        ticket,
        expires: expiry(&row.get("Expires"), kind)?,
    })
}

fn conditions(columns: [(String, String); 3]) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (column, pattern) in columns {
        match (column.is_empty(), pattern.is_empty()) {
            (true, true) => continue,
            (true, false) => return Err(format!("value `{pattern}` has no column")),
            (false, true) => return Err(format!("column `{column}` has no value")),
            (false, false) => {}
        }
        if pattern.chars().all(|c| matches!(c, '*' | '?' | ' ')) {
            return Err(format!("`{pattern}` allows everything in `{column}`"));
        }
        conditions.push(Condition { column, pattern });
    }
    let columns: BTreeSet<&str> = conditions.iter().map(|c| c.column.as_str()).collect();
    if columns.len() < 2 {
        return Err(
            "expected two attributes of different columns: a name alone is easily taken".to_owned()
        );
    }
    Ok(conditions)
}

fn expiry(text: &str, kind: WatchlistKind) -> Result<Expiry, String> {
    if text.eq_ignore_ascii_case("never") && kind == WatchlistKind::KnownTools {
        return Ok(Expiry::Never);
    }
    let epoch = datetime::parse("1970-01-01").unwrap_or_default();
    let day =
        datetime::parse(text).map(|ticks| ticks.saturating_sub(epoch).div_euclid(TICKS_PER_DAY));
    day.map(Expiry::On)
        .ok_or_else(|| format!("`{text}` is not a date on which it expires: expected `2027-01-31`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires\n";

    fn parse(row: &str, kind: WatchlistKind) -> Result<Vec<Entry>, String> {
        Entry::parse_list(Path::new("w.csv"), &format!("{HEAD}{row}\n"), kind)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_entry_is_read() {
        let row = r#"e1,B04 B11,FileName,a.exe,SourceIP,"10.0.0.*",,,amy,because,T-1,1970-01-03"#;
        let entry = parse(row, WatchlistKind::Site).unwrap().remove(0);
        assert_eq!(entry.rules, ["B04", "B11"]);
        assert_eq!(entry.conditions.len(), 2);
        assert_eq!(entry.expires, Expiry::On(2));
    }

    #[test]
    fn what_is_missing_is_said_with_its_line() {
        for (row, problem) in [
            (",*,A,a,B,b,,,amy,x,T,2030-01-01", "line 2: the entry has no id"),
            ("e,*,A,a,,,,,amy,x,T,2030-01-01", "two attributes"),
            ("e,*,A,a,A,b,,,amy,x,T,2030-01-01", "two attributes"),
            ("e,*,A,*,B,b,,,amy,x,T,2030-01-01", "allows everything"),
            ("e,*,A,a,B,b,,,,x,T,2030-01-01", "has no owner"),
            ("e,*,A,a,B,b,,,amy,,T,2030-01-01", "has no reason"),
            ("e,*,A,a,B,b,,,amy,x,,2030-01-01", "has no ticket"),
            ("e,*,A,a,B,b,,,amy,x,T,never", "is not a date"),
            ("e,*,A,a,B,b,,,amy,x,T,", "is not a date"),
        ] {
            let error = parse(row, WatchlistKind::Site).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn half_a_list_is_none() {
        let cut = "e,*,A,\"a,B,b,,,amy,x,T,2030-01-01\nf,*,A,a,B,b,,,amy,x,T,2030-01-01";
        let error = parse(cut, WatchlistKind::Site).unwrap_err();
        assert_eq!(error, "w.csv: line 2: a quote that is not closed");
        let wide = "e,*,A,a,B,b,,,amy,x,T,2030-01-01,more";
        let error = parse(wide, WatchlistKind::Site).unwrap_err();
        assert_eq!(error, "w.csv: line 2: 13 fields, but 12 columns");
    }

    #[test]
    fn a_list_that_excel_saved_as_unicode_is_read() {
        let text = format!("{HEAD}e1,*,A,a,B,b,,,amy,x,T-1,2030-01-01\r\n");
        let bytes = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
        let folder = testkit::Folder::empty();
        let path = folder.write("ours.csv", bytes.collect::<Vec<u8>>());
        let entries = Entry::load_list(&path, WatchlistKind::Site).unwrap();
        assert_eq!(entries[0].id, "e1");
    }

    #[test]
    fn what_a_package_knows_need_not_end() {
        let entry = parse("e,*,A,a,B,b,,,,,,never", WatchlistKind::KnownTools).unwrap().remove(0);
        assert_eq!(entry.expires, Expiry::Never);
    }
}
