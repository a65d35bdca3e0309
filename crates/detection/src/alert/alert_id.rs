//! The id of an alert: the same finding has the same id in every run.

use std::{fmt::Write, sync::Arc};

use kql_types::Value;
use sha2::{Digest, Sha256};

use super::Evidence;
use crate::rule::Rule;

/// Returns the id of a finding, made of the rule, its version, the row and the records it rests
/// on.
///
/// The run is not part of it: an event that several runs of a schedule see is one finding. So a
/// column is left out whose values are made of the run's time, such as `now() - TimeGenerated`, as
/// `of_time` tells. Nor is the path of a file, which depends on where the evidence was copied to; only its name is.
pub(crate) fn finding_id(
    rule: &Rule,
    columns: &[(Arc<str>, Value)],
    of_time: &[bool],
    evidence: &[Evidence],
) -> [u8; 16] {
    let mut hash = Sha256::new();
    let mut field = |text: &str| {
        // The length before the text keeps two fields from reading as one.
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    };
    field(&rule.id);
    field(&rule.version);
    for (index, (name, value)) in columns.iter().enumerate() {
        if of_time.get(index) == Some(&true) {
            continue;
        }
        field(name);
        field(value.ty().name());
        field(&value.to_text());
    }
    for record in evidence {
        field(record.origin.file.rsplit(['/', '\\']).next().unwrap_or_default());
        field(record.origin.member.as_deref().unwrap_or_default());
        field(&record.line.to_string());
    }
    let mut id = [0; 16];
    for (byte, of_digest) in id.iter_mut().zip(hash.finalize()) {
        *byte = of_digest;
    }
    id
}

/// Returns an id as 32 hexadecimal digits.
pub(crate) fn written(id: &[u8; 16]) -> String {
    id.iter().fold(String::with_capacity(32), |mut id, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(id, "{byte:02x}");
        id
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{alert::Origin, package::PackagedRule};

    fn rule() -> Rule {
        let yaml = "id: r1\nname: R\nseverity: Low\nquery: print 1\nversion: 1.0.0\n";
        PackagedRule::parse(Path::new("r.yaml"), yaml, Vec::new()).unwrap().rule
    }

    fn record(file: &str, line: u64) -> Evidence {
        Evidence {
            origin: Arc::new(Origin { file: file.into(), member: None, channel: None, host: None }),
            line,
            record_id: None,
            event_id: None,
        }
    }

    #[test]
    fn the_folder_does_not_matter_and_the_record_does() {
        let columns = [("a".into(), Value::Long(Some(1)))];
        let id = |file, line| finding_id(&rule(), &columns, &[], &[record(file, line)]);
        assert_eq!(id("/evidence/a.evtx", 1), id("copy\\a.evtx", 1));
        assert_ne!(id("a.evtx", 1), id("a.evtx", 2));
        assert_eq!(written(&id("a.evtx", 1)).len(), 32);
    }

    #[test]
    fn what_is_made_of_the_runs_time_does_not_matter() {
        let columns =
            |age| [("a".into(), Value::Long(Some(1))), ("age".into(), Value::Timespan(Some(age)))];
        let id = |age, of_time: &[bool]| finding_id(&rule(), &columns(age), of_time, &[]);
        assert_eq!(id(1, &[false, true, false]), id(2, &[false, true, false]));
        assert_ne!(id(1, &[]), id(2, &[]));
    }

    #[test]
    fn text_does_not_run_from_one_column_into_the_next() {
        let columns = |a: &str, b: &str| {
            [("x".into(), Value::String(a.into())), ("y".into(), Value::String(b.into()))]
        };
        let id = |columns: &[(Arc<str>, Value)]| finding_id(&rule(), columns, &[], &[]);
        assert_ne!(id(&columns("ab", "c")), id(&columns("a", "bc")));
    }
}
