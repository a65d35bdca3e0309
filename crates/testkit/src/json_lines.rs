//! Test cases kept as JSON lines.

use std::path::Path;

use serde::de::DeserializeOwned;

/// Returns one value per non-empty line of the file, with its 1-based line number.
///
/// # Panics
///
/// If the file cannot be read or a line does not have the form of `T`.
#[track_caller]
#[expect(clippy::panic, reason = "a test without its cases has failed")]
pub fn json_lines<T: DeserializeOwned>(path: &Path) -> Vec<(usize, T)> {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(number, line)| match serde_json::from_str(line) {
            Ok(case) => (number, case),
            Err(error) => panic!("{}:{number}: {error}", path.display()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Folder;

    #[test]
    fn lines_keep_their_numbers() {
        let folder = Folder::with(&[("cases.jsonl", "[1]\n\n[2]\n")]);
        let cases: Vec<(usize, Vec<u8>)> = json_lines(&folder.path().join("cases.jsonl"));
        assert_eq!(cases, [(1, vec![1]), (3, vec![2])]);
    }

    #[test]
    fn a_line_of_another_form_fails_with_its_number() {
        let folder = Folder::with(&[("cases.jsonl", "1\n{}\n")]);
        let path = folder.path().join("cases.jsonl");
        let panic = std::panic::catch_unwind(|| json_lines::<u8>(&path)).expect_err("no number");
        let message = panic.downcast_ref::<String>().expect("the message is formatted");
        assert!(message.contains("cases.jsonl:2:"), "{message}");
    }
}
