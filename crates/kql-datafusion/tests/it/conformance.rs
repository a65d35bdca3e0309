//! Recorded queries: what Microsoft's engine answered is what we answer, or we refuse.

use std::collections::BTreeMap;

use testkit::RecordedQuery;

use crate::runner::{Outcome, run};

/// Cases that answer as recorded. It only grows: a case that is refused again is a loss.
const EQUAL: usize = 327;

/// Cases that answer otherwise than recorded.
///
/// - The same call is recorded as true and, in `emu-has-ipv4-function-02`, as false, which is what
///   the documentation says.
const DIFFERENT: &[&str] = &["has-ipv4-function-03"];

#[test]
fn recorded_queries_give_the_recorded_rows() {
    let file = testkit::reference!("kql").path("kql/conformance.jsonl");
    let cases = testkit::json_lines::<RecordedQuery>(&file);
    let (mut equal, mut refused) = (0_usize, 0_usize);
    let mut differing = BTreeMap::new();
    for (_, case) in cases.iter().filter(|(_, case)| case.deterministic) {
        match run(&case.query) {
            Outcome::Invalid(_) | Outcome::Refused(_) => refused += 1,
            Outcome::Failed(error) => {
                differing.insert(&case.id, error);
            }
            Outcome::Ran(answer) => {
                let columns = answer.columns.iter().map(|(name, ty)| (name.clone(), ty.name()));
                match case.difference(&columns.collect::<Vec<_>>(), &answer.rows) {
                    None => equal += 1,
                    Some(difference) => {
                        differing.insert(&case.id, difference);
                    }
                }
            }
        }
    }
    for id in DIFFERENT {
        assert!(differing.remove(&(*id).to_owned()).is_some(), "{id} is as recorded");
    }
    let report: Vec<String> = differing.iter().map(|(id, why)| format!("{id}: {why}")).collect();
    let report = report.join("\n");
    assert!(differing.is_empty(), "{equal} equal, {refused} refused, different:\n{report}");
    assert!(equal >= EQUAL, "{equal} equal, {refused} refused; {EQUAL} were equal before");
}
