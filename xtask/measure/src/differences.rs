//! Known differences from the reference, by the id of a case and with a reason for each.
//!
//! The lists are files of lines `id: reason` under `data/`. What is listed and does not differ is as
//! much a defect as what differs and is not listed: tests look at both.

use std::collections::BTreeMap;

use crate::report::Difference;

/// A list: reasons by the id of a case.
pub(crate) struct Reasons<'t>(BTreeMap<&'t str, &'t str>);

impl<'t> Reasons<'t> {
    /// Reads a list; a line without a reason counts as none.
    pub(crate) fn read(text: &'t str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(|line| line.split_once(": ")).collect())
    }

    /// Says why each case differs, and which of the listed ones do not.
    pub(crate) fn explain(
        &self,
        what: &'static str,
        differing: Vec<(String, String)>,
    ) -> (Vec<Difference>, Vec<String>) {
        let stale = self
            .0
            .keys()
            .filter(|id| !differing.iter().any(|(it, _)| it == *id))
            .map(|id| format!("{id} ({what})"))
            .collect();
        let differences = differing
            .into_iter()
            .map(|(id, found)| {
                let reason = self.0.get(id.as_str()).map(|reason| (*reason).to_owned());
                Difference { what, id, found, reason }
            })
            .collect();
        (differences, stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_get_their_reasons_and_what_does_not_differ_is_stale() {
        let reasons = Reasons::read("# about\n\na: one reason\nb: another: longer\n");
        let differing = vec![("b".to_owned(), "x".to_owned()), ("c".to_owned(), "y".to_owned())];
        let (differences, stale) = reasons.explain("kind", differing);
        let found: Vec<_> = differences.iter().map(|it| (&*it.id, it.reason.as_deref())).collect();
        assert_eq!(found, [("b", Some("another: longer")), ("c", None)]);
        assert_eq!(stale, ["a (kind)"]);
    }
}
