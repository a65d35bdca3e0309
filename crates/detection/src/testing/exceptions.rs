//! Whether a package's tests would notice an exception that sets aside more than it is for.

use crate::{alert::Alert, tuning::Entry};

/// Returns the conditions without which an exception would set aside no alert that has to stand.
///
/// In go the alerts that tests want to stand. For each condition of an entry one of them has to be such
/// that nothing but this condition keeps the entry from it.
pub(super) fn untested_conditions(entries: &[Entry], standing: &[&Alert]) -> Vec<String> {
    let mut problems = Vec::new();
    for entry in entries {
        for (index, condition) in entry.conditions.iter().enumerate() {
            let mut wider = entry.clone();
            wider.conditions.remove(index);
            if !standing.iter().any(|alert| wider.is_for(alert)) {
                problems.push(format!(
                    "exception `{}` has no test that an alert stands for want of `{}` like `{}`",
                    entry.id, condition.column, condition.pattern
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use kql_types::Value;

    use super::*;
    use crate::{
        alert::{RuleRef, Severity},
        tuning::{Condition, Expiry},
    };

    fn entry() -> Entry {
        let condition = |column: &str, pattern: &str| Condition {
            column: column.to_owned(),
            pattern: pattern.to_owned(),
        };
        Entry {
            id: "e".to_owned(),
            rules: Vec::new(),
            conditions: vec![condition("ServiceName", "agent"), condition("FileName", "a.exe")],
            owner: "o".to_owned(),
            reason: "r".to_owned(),
            ticket: "t".to_owned(),
            expires: Expiry::Never,
        }
    }

    fn alert(service: &str, file: &str) -> Alert {
        let column = |name: &str, value: &str| (name.into(), Value::String(value.to_owned()));
        Alert {
            id: "a".to_owned(),
            rule: std::sync::Arc::new(RuleRef {
                id: "r".to_owned(),
                name: "R".to_owned(),
                behaviours: Vec::new(),
                methods: std::collections::BTreeMap::new(),
                techniques: vec![],
            }),
            severity: Severity::High,
            time: None,
            entities: Vec::new(),
            columns: vec![column("ServiceName", service), column("FileName", file)],
            evidence: Vec::new(),
        }
    }

    #[test]
    fn each_condition_needs_an_alert_that_it_alone_lets_stand() {
        let (name_alone, file_alone) = (alert("agent", "b.exe"), alert("other", "a.exe"));
        assert!(untested_conditions(&[entry()], &[&name_alone, &file_alone]).is_empty());
        let problems = untested_conditions(&[entry()], &[&name_alone]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("`ServiceName` like `agent`"), "{problems:?}");
        assert_eq!(untested_conditions(&[entry()], &[]).len(), 2);
    }
}
