//! Known differences from the reference, by the id of a case and with a reason for each.
//!
//! The lists are files of lines `id: reason`. A case that is listed and does not differ is as much a
//! failure as one that differs and is not listed, unless it is beyond the listed ones: then the figure
//! that the test asks for decides.

use std::collections::BTreeMap;

/// Reads a list.
pub(crate) fn listed(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").expect("`id: reason`"))
        .collect()
}

/// Fails if the list does not hold exactly the cases that differ.
#[track_caller]
pub(crate) fn assert_listed(list: &str, differing: &BTreeMap<String, String>) {
    let listed = listed(list);
    let stale: Vec<_> = listed.keys().filter(|id| !differing.contains_key(**id)).collect();
    let new: Vec<_> =
        differing.iter().filter(|(id, _)| !listed.contains_key(id.as_str())).collect();
    assert!(stale.is_empty(), "listed, but no longer different: {stale:?}");
    assert!(new.is_empty(), "different, but not listed: {new:#?}");
}
