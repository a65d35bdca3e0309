//! What the folders of a file say of its rows: `date=2024-05-01/host=a/part-0.parquet`.

use std::path::Path;

/// Returns keys and values of the folders that are written so, the outermost first.
pub(crate) fn of_path(path: &Path) -> Vec<(String, String)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    folders
        .filter_map(|folder| {
            let text = folder.as_os_str().to_str()?;
            let (key, value) = text.split_once('=')?;
            (!key.is_empty()).then(|| (key.to_owned(), decoded(value)))
        })
        // The value that stands for a missing one.
        .filter(|(_, value)| value != "__HIVE_DEFAULT_PARTITION__")
        .collect()
}

/// Returns the names of the folders and the file, the innermost first, partitions left out.
pub(crate) fn names(path: &Path) -> Vec<String> {
    let components = path.components().rev().filter_map(|part| part.as_os_str().to_str());
    components.filter(|name| !name.contains('=')).map(str::to_owned).collect()
}

/// Decodes `%3A` and the like, with which writers escape what no folder can be called.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = escaped.filter(|_| *first == b'%') {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_name_partitions() {
        let path = Path::new("/lake/DeviceFileEvents/date=2024-05-01/host=a%3Ab/x=y.parquet");
        let expected = [("date", "2024-05-01"), ("host", "a:b")];
        let found = of_path(path);
        let found: Vec<_> = found.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(found, expected);
        assert_eq!(names(path)[..2], ["DeviceFileEvents", "lake"]);
    }
}
