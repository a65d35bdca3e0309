//! Patterns of entries: text with `*` for any text, compared without regard to case.

/// Tells whether a text has the form of a pattern.
///
/// Linear in the text for each `*`; no pattern takes longer.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = text.split_once(part) else { return false };
        text = behind;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text) in [
            ("psexec.exe", "PsExec.exe"),
            ("PDQDeployRunner-*", "pdqdeployrunner-1"),
            (r"*\ccmsetup\*", r"C:\Windows\ccmsetup\ccmsetup.exe"),
            ("*", ""),
            ("a*b*c", "aXbYc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn everything_else_is_itself() {
        for (pattern, text) in
            [("a", "ab"), ("a*", "ba"), ("*a", "ab"), ("ab*ba", "aba"), ("a.c", "abc"), ("", "a")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
