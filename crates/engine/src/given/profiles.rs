//! The profiles of files for `FileProfile`.

use kql_types::{Value, datetime};

use super::csv::{Csv, CsvError};

/// What is known of files, by their hashes.
#[derive(Clone, Debug)]
pub struct FileProfiles {
    csv: Option<Csv>,
}

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
    /// The text is no CSV with a header, or has neither of the columns `SHA1` and `SHA256`.
    pub fn parse(text: &str) -> Result<Self, CsvError> {
        let csv = Csv::parse(text)?;
        if csv.place("SHA1").is_none() && csv.place("SHA256").is_none() {
            let name = "SHA1".to_owned();
            return Err(CsvError::NoColumn { name, columns: csv.columns });
        }
        Ok(Self { csv: Some(csv) })
    }

    /// Stands for no knowledge of any file: what `FileProfile` says of files it has never seen.
    pub const fn unknown() -> Self {
        Self { csv: None }
    }

    /// Returns the saved function, which adds the columns to the rows it is invoked on; `hash` is the
    /// column with the SHA-1 or SHA-256 by which a file is found.
    pub(crate) fn function(&self, hash: &str) -> String {
        let mut rows = Vec::new();
        for row in self.csv.iter().flat_map(|csv| &csv.rows) {
            for key in ["SHA1", "SHA256"] {
                let hash = self.field(row, key).to_ascii_lowercase();
                if !hash.is_empty() {
                    let values = COLUMNS.iter().map(|(name, ty)| value(self.field(row, name), ty));
                    let values: Vec<String> = values.collect();
                    rows.push(format!("{}, {}", literal(&hash), values.join(", ")));
                }
            }
        }
        let columns = COLUMNS.iter().map(|(name, ty)| format!("{name}: {ty}"));
        format!(
            "(source: (*), hash: string = 'SHA1', most: long = 1000) {{
                source
                | extend __hash = tolower(column_ifexists({}, ''))
                | lookup kind = leftouter (datatable (__hash: string, {}) [{}]
                    | summarize take_any(*) by __hash) on __hash
                | project-away __hash
            }}",
            literal(hash),
            columns.collect::<Vec<_>>().join(", "),
            rows.join(", ")
        )
    }

    fn field<'a>(&self, row: &'a [String], name: &str) -> &'a str {
        let place = self.csv.as_ref().and_then(|csv| csv.place(name));
        place.and_then(|place| row.get(place)).map_or("", String::as_str).trim()
    }
}

/// Writes a field as a constant of a type; text that is no value of it is null.
fn value(field: &str, ty: &str) -> String {
    let value = match ty {
        "long" => Value::Long(field.parse().ok()),
        "bool" => Value::Bool(field.to_ascii_lowercase().parse().ok()),
        "datetime" => Value::Datetime(datetime::parse(field)),
        _ => Value::String(field.to_owned()),
    };
    value.to_string()
}

fn literal(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
