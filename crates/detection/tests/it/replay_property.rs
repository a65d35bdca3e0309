//! What the replay finds is what looking at every run of the schedule finds, whatever the rule.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::RngSeed};

use crate::made::{MINUTE, MadeRule, Row, both_ways, environment, settings};

/// Queries of all forms in which rules have to do with time; `A` and `B` are lengths of time, `A` the
/// shorter one.
pub(crate) const QUERIES: [&str; 48] = [
    "Visits | where Number > 2",
    "Visits | where TimeGenerated > ago(A)",
    "Visits | where TimeGenerated >= ago(B) and Number > 1",
    "Visits | where TimeGenerated < ago(A)",
    "Visits | where TimeGenerated <= now(-A) or Host == 'h1'",
    "Visits | where TimeGenerated == ago(A)",
    "Visits | where TimeGenerated != ago(A)",
    "Visits | where TimeGenerated between (ago(B) .. ago(A))",
    "Visits | where TimeGenerated !between (ago(B) .. ago(A))",
    "Visits | where not(TimeGenerated > ago(A))",
    "Visits | where now() - TimeGenerated between (A .. B)",
    "Visits | where TimeGenerated + A < now()",
    "Starts | where Timestamp > ago(A)",
    "Starts | where Timestamp between (ago(B) .. ago(A)) | summarize n = count() by Host",
    "Moves | where Timestamp > ago(A)",
    "Moves | where TimeGenerated > ago(A) and Timestamp < ago(A)",
    "Visits | extend Age = now() - TimeGenerated",
    "Visits | where TimeGenerated > ago(B) | extend Seen = now(), Old = TimeGenerated < ago(A)",
    "Visits | extend Day = startofday(now()) | where TimeGenerated > Day",
    "Visits | where bin(TimeGenerated, A) == bin(now(), A)",
    "Visits | where datetime_diff('minute', now(), TimeGenerated) < 30",
    "Visits | where hourofday(now()) % 2 == 0",
    "Visits | extend Old = iff(TimeGenerated < ago(A), 'old', 'new') | where Old == 'old'",
    "Visits | summarize n = count() by Host",
    "Visits | summarize n = count(), Last = max(TimeGenerated) by Host | where Last < ago(A)",
    "Visits | summarize First = min(TimeGenerated) by Host | where First > ago(A)",
    "Visits | summarize n = count() by Host, bin(TimeGenerated, A)",
    "Visits | summarize n = dcount(Host), Age = max(now() - TimeGenerated)\n| where n > 1",
    "Visits | summarize n = count() by Host, Age = bin(now() - TimeGenerated, A)",
    "Visits | summarize arg_max(TimeGenerated, *) by Host | where TimeGenerated < ago(A)",
    "Visits | summarize n = countif(TimeGenerated > ago(A)), m = count() by Host | where n < m",
    "Visits | top 1 by TimeGenerated asc",
    "Visits | where TimeGenerated < ago(A) | top 2 by Number desc",
    "Visits | sort by TimeGenerated asc | extend Before = prev(Number) | where Number < Before",
    "Visits | where TimeGenerated > ago(B) | sort by Host asc, TimeGenerated asc\n\
     | extend Next = next(TimeGenerated) | where Next - TimeGenerated < A",
    "Visits | serialize n = row_number() | where n == 2",
    "Visits | make-series n = count() default = 0 on TimeGenerated from ago(B) to now() step A \
     by Host",
    "Visits | make-series n = count() on TimeGenerated step A by Host",
    "Visits | join kind=inner (Starts | where Timestamp > ago(A)) on Host",
    "Visits | where TimeGenerated > ago(A) | join kind=leftanti (Visits | where TimeGenerated < \
     ago(A)) on Host",
    "Visits | join kind=inner Starts on Host | where Timestamp - TimeGenerated between (0m .. A)",
    "Visits | join kind=leftouter Starts on Host | where isempty(Host1) or Timestamp > ago(A)",
    "let known = Visits | where TimeGenerated between (ago(B) .. ago(A)) | distinct Host;\n\
     Visits | where TimeGenerated > ago(A) and Host !in (known)",
    "let since = ago(A);\nlet busy = Starts | where Timestamp > since | summarize n = count() by \
     Host | where n > 1;\nVisits | join kind=inner busy on Host",
    "let newest = toscalar(Visits | summarize max(TimeGenerated));\n\
     Visits | where TimeGenerated > newest - A and newest < ago(A)",
    "union Visits, (Starts | extend TimeGenerated = Timestamp) | where TimeGenerated > ago(A)",
    "union (Visits | where TimeGenerated < ago(A)), (Starts | where Timestamp > ago(A))\n\
     | summarize n = count() by Host",
    "Visits | mv-expand Part = pack_array(Number, Number + 1) to typeof(long)\n\
     | where TimeGenerated > ago(A) and Part % 2 == 0",
];

/// Puts lengths of time in the places of `A` and `B`.
pub(crate) fn with_lengths(query: &str, short: &str, long: &str) -> String {
    let mut text = format!("{query}\n");
    for (letter, length) in [("A", short), ("B", long)] {
        // Elsewhere a letter is part of a name.
        for before in ["(", "(-", ".. ", ", ", "+ ", "- ", "< ", "step "] {
            for after in [")", " ", "\n"] {
                let place = format!("{before}{letter}{after}");
                text = text.replace(&place, &format!("{before}{length}{after}"));
            }
        }
    }
    text.trim_end().to_owned()
}

pub(crate) fn rows() -> impl Strategy<Value = Vec<Row>> {
    // Whole minutes, many of them times at which a rule runs, and others.
    let time = prop_oneof![
        3 => (0..24_i64).prop_map(|five| five * 5 * MINUTE),
        2 => (0..120_i64).prop_map(|minute| minute * MINUTE),
        1 => 0..120 * MINUTE,
    ];
    let other = prop_oneof![2 => Just(0), 1 => (-20..20_i64).prop_map(|minutes| minutes * MINUTE)];
    let row = (0..3_usize, time, other, 0..3_u8, 0..6_i64).prop_map(
        |(table, time, other, host, number)| {
            let times = [time, if table == 2 { time + other } else { time }];
            Row { table, times, host, number }
        },
    );
    proptest::collection::vec(row, 0..9)
}

pub(crate) fn rule() -> impl Strategy<Value = MadeRule> {
    let lengths = prop_oneof![
        Just(("5m", "10m")),
        Just(("10m", "25m")),
        Just(("17m", "1h")),
        Just(("30m", "2h")),
        Just(("1h", "3h")),
    ];
    let schedule = prop_oneof![
        Just(("5m", "5m")),
        Just(("5m", "40m")),
        Just(("10m", "1h")),
        Just(("10m", "25m")),
        Just(("30m", "2h")),
        Just(("1h", "1h")),
        Just(("1h", "4h")),
    ];
    let trigger = prop_oneof![
        4 => Just(("gt", 0)),
        1 => Just(("ne", 0)),
        1 => Just(("gt", 1)),
        1 => Just(("eq", 1)),
        1 => Just(("eq", 2)),
        1 => Just(("GreaterThan", 2)),
    ];
    (0..QUERIES.len(), lengths, schedule, trigger).prop_map(
        |(query, (short, long), (frequency, period), trigger)| {
            let query = with_lengths(QUERIES[query], short, long);
            MadeRule { trigger, ..MadeRule::new(&query, frequency, period) }
        },
    )
}

/// Few cases, always the same, since each takes a second; `PROPTEST_CASES=5000` has as many others.
pub(crate) fn config() -> ProptestConfig {
    let told = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if told.cases != DEFAULT_CASES {
        return told;
    }
    ProptestConfig { cases: 8, rng_seed: RngSeed::Fixed(7), ..told }
}

/// What `proptest` runs unless told otherwise.
const DEFAULT_CASES: u32 = 256;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_replay_finds_what_every_run_finds(
        rules in proptest::collection::vec(rule(), 1..5),
        rows in rows(),
    ) {
        let (replayed, every) = both_ways(&rules, &rows);
        prop_assert_eq!(replayed, every);
    }
}

/// Which forms are looked at many runs at a time: what the property compares would else be the same.
#[test]
fn most_forms_are_replayed_many_runs_at_a_time() {
    let environment = environment();
    let engine = engine::Engine::new(&environment, settings()).unwrap();
    let mut forms: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for form in QUERIES {
        let text = with_lengths(form, "10m", "20m");
        let query = engine::compile(&text, &environment, true).unwrap();
        let replay = engine.replay(&query.results[0]).unwrap();
        forms.entry(replay.to_string()).or_default().push(form);
    }
    let counts = forms.iter().map(|(replay, forms)| (replay.as_str(), forms.len()));
    let expected = [("each row by itself, once", 1), ("many runs at once", 42), ("run by run", 5)];
    assert_eq!(counts.collect::<Vec<_>>(), expected, "{forms:#?}");
}

/// Every form of rule once, over rows that most of them find something in.
#[test]
fn rules_of_all_forms_are_replayed_as_looking_at_every_run_finds_them() {
    let row =
        |table, minute: i64, host, number| Row { table, times: [minute * MINUTE; 2], host, number };
    let rows = [
        row(0, 0, 0, 3),
        row(0, 7, 1, 1),
        row(0, 20, 1, 4),
        row(0, 34, 0, 2),
        row(1, 9, 1, 5),
        row(1, 30, 0, 0),
        row(2, 33, 2, 3),
    ];
    let rules = QUERIES.map(|it| MadeRule::new(&with_lengths(it, "10m", "20m"), "10m", "40m"));
    let (replayed, every) = both_ways(&rules, &rows);
    assert_eq!(replayed, every);
    let found = |number: usize| {
        replayed.alerts.iter().filter(|it| it.rule.id == format!("rule-{number}")).count()
    };
    let quiet: Vec<&str> = (0..QUERIES.len())
        .filter(|number| found(*number) == 0)
        .map(|number| QUERIES[number])
        .collect();
    assert!(quiet.len() < QUERIES.len() / 4, "{quiet:#?}");
}
