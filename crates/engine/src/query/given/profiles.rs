//! The profiles of files for `FileProfile`.

use std::{path::Path, sync::Arc};

use kql_types::Value;
use sources::list::{Dialect, ListError, ListFileError, ListReader, ListRecord};

use super::{
    GivenError,
    room::Room,
    table::{From, Given, TableBuilder},
};

/// What is known of files, by their hashes.
#[derive(Clone, Debug)]
pub struct FileProfiles {
    given: Given,
}

/// The column by which a file is found: either of its hashes.
const KEY: &str = "__hash";

/// The columns that `FileProfile` adds.
///
/// Source: <https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function>
const COLUMNS: [(&str, &str); 18] = [
    ("SHA1", "string"),
    ("SHA256", "string"),
    ("MD5", "string"),
    ("FileSize", "long"),
    ("GlobalPrevalence", "long"),
    ("GlobalFirstSeen", "datetime"),
    ("GlobalLastSeen", "datetime"),
    ("Signer", "string"),
    ("Issuer", "string"),
    ("SignerHash", "string"),
    ("IsCertificateValid", "bool"),
    ("IsRootSignerMicrosoft", "bool"),
    ("SignatureState", "string"),
    ("IsExecutable", "bool"),
    ("ThreatName", "string"),
    ("Publisher", "string"),
    ("SoftwareName", "string"),
    ("ProfileAvailability", "string"),
];

impl FileProfiles {
    /// Reads profiles: a CSV file with any of the columns that `FileProfile` adds, by name.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is no CSV with a header, or has neither of the columns `SHA1` and
    /// `SHA256`.
    pub fn read(path: &Path, room: &Room) -> Result<Self, GivenError> {
        let wrong = |source: ListError| ListFileError { path: path.to_owned(), source };
        let mut list = ListReader::open(path, Dialect::CSV).map_err(wrong)?;
        let columns = list.header().map_err(wrong)?;
        let place = |name: &str| columns.iter().position(|it| it.eq_ignore_ascii_case(name));
        let keys = ["SHA1", "SHA256"].map(place);
        if keys == [None, None] {
            let missing = ListError::NoColumn { name: "SHA1".to_owned(), columns };
            return Err(wrong(missing).into());
        }
        let places = COLUMNS.map(|(name, _)| place(name));
        let mut table = TableBuilder::new(COLUMNS.len().saturating_add(1), path, room);
        let mut row = ListRecord::default();
        while list.read_row(columns.len(), &mut row).map_err(wrong)? {
            let field = |place: &Option<usize>| {
                place.and_then(|place| row.fields.get(place)).map_or("", |it| it.trim())
            };
            let fields: Vec<&str> = places.iter().map(field).collect();
            for hash in keys.iter().map(field).map(str::to_ascii_lowercase) {
                if !hash.is_empty() {
                    let hash: &str = &hash;
                    table.push(
                        [hash].into_iter().chain(fields.iter().map(|field| -> &str { field })),
                    )?;
                }
            }
        }
        Self::of(table)
    }

    /// Stands for no knowledge of any file: what `FileProfile` says of files it has never seen.
    ///
    /// # Errors
    ///
    /// None that a table without rows has.
    pub fn unknown() -> Result<Self, GivenError> {
        let columns = COLUMNS.len().saturating_add(1);
        Self::of(TableBuilder::new(columns, Path::new(""), &Room::default()))
    }

    fn of(table: TableBuilder<'_>) -> Result<Self, GivenError> {
        let names = [KEY].into_iter().chain(COLUMNS.iter().map(|(name, _)| *name));
        let columns = names.enumerate().map(|(at, name)| (name.into(), From::Texts(at))).collect();
        Ok(Self { given: Given { table: Arc::new(table.finish()?), columns } })
    }

    /// Returns the rows.
    pub(crate) fn given(&self) -> &Given {
        &self.given
    }

    /// Returns the saved function, which adds the columns at an address to the rows it is invoked on;
    /// `hash` is the column with the SHA-1 or SHA-256 by which a file is found.
    pub(crate) fn function(address: &str, hash: &str) -> String {
        let columns = COLUMNS.iter().map(|(name, ty)| format!("{name}: {ty}"));
        format!(
            "(source: (*), hash: string = 'SHA1', most: long = 1000) {{
                source
                | extend {KEY} = tolower(column_ifexists({}, ''))
                | lookup kind = leftouter (externaldata ({KEY}: string, {}) [{}]
                    | summarize take_any(*) by {KEY}) on {KEY}
                | project-away {KEY}
            }}",
            literal(hash),
            columns.collect::<Vec<_>>().join(", "),
            literal(address)
        )
    }
}

fn literal(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
