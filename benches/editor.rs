//! What an editor waits for, on a query of 300 lines: completions and problems, against parsing and binding
//! the query once.
//!
//! The bars are times that people notice: 50 ms for a completion, 100 ms for the problems.

use std::fmt::Write as _;

use benches::Comparison;
use criterion::Criterion;
use kql_language::{Document, StandardTables};

/// Parts of the query, each ten lines long: a table of its own, joined to the ones before.
const PARTS: usize = 29;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = query()?;
    let bytes = u64::try_from(text.len())?;
    let catalogue = StandardTables::new(tables::Environment::Both);
    // Behind the last `where`, where the columns of all parts are known.
    let place = text.rfind("Count").ok_or("the query ends with a column")?;
    let cursor = u32::try_from(place.saturating_add("Coun".len()))?;
    let completions = || Document::new(&text, &catalogue).completions(cursor).len();
    let problems = || Document::new(&text, &catalogue).problems().len();
    let bound = || {
        let (tree, _) = kql_syntax::parse(&text);
        kql_bind::bind(&tree, &catalogue).0.results.len()
    };
    let count = |it: usize| u64::try_from(it).unwrap_or(u64::MAX);
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    Comparison::new("completions in 300 lines", bytes, || count(completions()))
        .against("parsing and binding once", || count(bound()))
        .run(&mut criterion);
    Comparison::new("problems of 300 lines", bytes, || count(problems()))
        .against("parsing and binding once", || count(bound()))
        .run(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// Returns a query of 300 lines, as long rules are: variables that are tables, joined at the end.
fn query() -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for part in 0..PARTS {
        writeln!(
            text,
            "let Part{part} = SecurityEvent\n\
             | where TimeGenerated > ago({}d)\n\
             | where EventID in (4624, 4625, 4688, {})\n\
             | where Account !endswith '$' and Account has_any ('admin', 'svc', 'part{part}')\n\
             | extend Host = tolower(tostring(split(Computer, '.')[0]))\n\
             | extend Hour{part} = bin(TimeGenerated, 1h)\n\
             | where isnotempty(Host) and strlen(Account) between (3 .. 64)\n\
             | summarize Count{part} = count(), Accounts{part} = make_set(Account, 100) by Host, Hour{part}\n\
             | where Count{part} > 5 and array_length(Accounts{part}) > 1\n\
             | project-rename Seen{part} = Hour{part};",
            part.saturating_add(1),
            part.saturating_add(5000),
        )?;
    }
    text.push_str("Part0\n");
    for part in 1..9 {
        writeln!(text, "| join kind=leftouter (Part{part}) on Host")?;
    }
    text.push_str("| where Count0 > 1 and Count");
    Ok(text)
}
