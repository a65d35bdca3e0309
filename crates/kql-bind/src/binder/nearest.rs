//! The nearest name: what the user may have meant.

/// Returns the help that names the candidate nearest to `name`, if one is near enough.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|it| format!("did you mean `{it}`?"))
}

/// Returns the help that says what something is called today; `None` if that is not known.
pub(crate) fn renamed(today: &[&str]) -> Option<String> {
    let names: Vec<String> = today.iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("Microsoft has replaced it by {}", names.join(" and ")))
}

/// Returns the candidate with the fewest edits, at most a third of the name's length.
///
/// A difference in case alone counts as the smallest edit. Of equally near ones the first in order of
/// the alphabet is taken.
fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let most = length.div_ceil(3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= most.saturating_mul(4))
        .filter_map(|candidate| {
            let edits = if candidate.eq_ignore_ascii_case(name) {
                0
            } else {
                strsim::damerau_levenshtein(name, candidate)
            };
            (edits <= most).then_some((edits, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_nearest_and_nothing_far() {
        let names = ["FileName", "FolderPath", "FileSize"];
        assert_eq!(nearest("FileNam", names), Some("FileName"));
        assert_eq!(nearest("filename", names), Some("FileName"));
        assert_eq!(nearest("Flie", names), None);
        assert_eq!(nearest("Whatever", names), None);
    }
}
