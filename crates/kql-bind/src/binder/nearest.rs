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
    let letters = Letters::of(name);
    candidates
        .into_iter()
        // Among hundreds of tables, few are worth counting the edits to.
        .filter(|candidate| letters.least_edits(&Letters::of(candidate)) <= most)
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

/// How often each letter is in a name, whatever its case, and any other character.
struct Letters([usize; 27]);

impl Letters {
    fn of(name: &str) -> Self {
        let mut counts = [0_usize; 27];
        for char in name.chars() {
            let letter = u32::from(char.to_ascii_lowercase()).checked_sub(u32::from('a'));
            let place = letter.and_then(|it| usize::try_from(it).ok()).map_or(26, |it| it.min(26));
            if let Some(count) = counts.get_mut(place) {
                *count = count.saturating_add(1);
            }
        }
        Self(counts)
    }

    /// Returns a number of edits that are needed at least: each changes two counts by one.
    fn least_edits(&self, other: &Self) -> usize {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(one, other)| one.abs_diff(*other)).fold(0, usize::saturating_add).div_ceil(2)
    }
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
