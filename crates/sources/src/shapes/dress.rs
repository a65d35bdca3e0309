//! What a record may be wrapped in, and how its keys may be written: the same for every shape.
//!
//! A search, a queue or a forwarder puts the record below a key of its own (`_source`, `result`,
//! `body`); Elastic's `fields`, and whatever flattens, join the keys by dots and write arrays of one
//! element. Neither changes what the record is.

use std::borrow::Cow;

use crate::json::{nested, probe::Probe};

/// How deep a record may be within its wrapping.
const MAX_DEPTH: usize = 3;
/// Objects of a record that are looked at for one.
const MAX_OBJECTS: usize = 24;
/// Where search engines keep the record itself, next to which anything else is drawn from it.
const SOURCE: &str = "_source";

/// What stands between a record's text and the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dress {
    /// The keys that lead to it.
    path: Vec<String>,
    /// Whether its keys are joined by dots, or its values in arrays.
    is_flat: bool,
}

impl Dress {
    /// Tells whether there is none.
    pub(crate) fn is_plain(&self) -> bool {
        self.path.is_empty() && !self.is_flat
    }

    /// Returns the record in its own form; `None` if it is not in this dress.
    pub(crate) fn undress<'r>(&self, record: &'r str) -> Option<Cow<'r, str>> {
        let mut text = record;
        for key in &self.path {
            text = Probe::new(text)?.get(&[key])?;
        }
        if !self.path.is_empty() && !text.starts_with('{') {
            return None;
        }
        if self.is_flat {
            return Probe::new(text).and_then(nested::nested).map(Cow::Owned);
        }
        Some(Cow::Borrowed(text))
    }
}

/// Returns the dresses that a record may be in, none first, those that leave it whole before those
/// that write it anew.
pub(crate) fn of(record: Probe<'_>) -> Vec<Dress> {
    let mut paths = vec![Vec::new()];
    add_paths(record, &[], &mut paths);
    let dress = |is_flat| move |path: &Vec<String>| Dress { path: path.clone(), is_flat };
    paths.iter().map(dress(false)).chain(paths.iter().map(dress(true))).collect()
}

/// Adds the paths of the objects below an object, outer before inner.
fn add_paths(object: Probe<'_>, path: &[String], paths: &mut Vec<Vec<String>>) {
    if path.len() >= MAX_DEPTH {
        return;
    }
    let inner = object.members().filter(|(_, value)| value.starts_with('{'));
    let mut inner: Vec<(Cow<'_, str>, &str)> = inner.collect();
    inner.sort_by_key(|(key, _)| key != SOURCE);
    let from = paths.len();
    for (key, _) in &inner {
        if paths.len() >= MAX_OBJECTS {
            return;
        }
        paths.push(path.iter().cloned().chain([key.to_string()]).collect());
    }
    let fresh: Vec<Vec<String>> = paths.get(from..).unwrap_or_default().to_vec();
    for ((_, value), path) in inner.iter().zip(fresh) {
        if let Some(probe) = Probe::new(value) {
            add_paths(probe, &path, paths);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_below_any_key() {
        let record = r#"{"a":1,"w":{"x":{"y":{"z":{}}}},"_source":{"b.c":[2]}}"#;
        let dresses = of(Probe::new(record).unwrap());
        let paths: Vec<String> =
            dresses.iter().filter(|dress| !dress.is_flat).map(|d| d.path.join("/")).collect();
        assert_eq!(paths, ["", "_source", "w", "w/x", "w/x/y"]);
        let flat = dresses.iter().find(|dress| dress.is_flat && dress.path == ["_source"]).unwrap();
        assert_eq!(flat.undress(record).unwrap(), r#"{"b":{"c":2}}"#);
        assert_eq!(flat.undress(r#"{"_source":1}"#), None);
        assert_eq!(flat.undress(r#"{"other":{}}"#), None);
    }
}
