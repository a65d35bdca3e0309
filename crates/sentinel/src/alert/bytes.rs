//! Limits of texts in bytes of UTF-8.

/// Returns the longest start of a text that has no more than so many bytes and no part of a character.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// Takes texts as long as they have no more than so many bytes together; the rest is left out.
pub(crate) fn within(texts: impl Iterator<Item = String>, most: usize) -> Vec<String> {
    let mut left = Some(most);
    texts
        .take_while(|text| {
            left = left.and_then(|left| left.checked_sub(text.len()));
            left.is_some()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_not_cut_in_two() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 9), "aé");
        assert_eq!(cut("é", 1), "");
    }

    #[test]
    fn texts_are_taken_until_one_is_too_long() {
        let texts = ["ab", "cd", "efg", "h"].map(str::to_owned);
        assert_eq!(within(texts.clone().into_iter(), 5), ["ab", "cd"]);
        assert_eq!(within(texts.into_iter(), 8), ["ab", "cd", "efg", "h"]);
    }
}
