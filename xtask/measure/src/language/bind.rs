//! The binder's verdict on real queries, and the columns it finds.

use std::collections::BTreeMap;

use super::{Columns, Outcome, column_line, columns, one_line};
use crate::{
    differences::Reasons,
    environment::Environment,
    reference::{RealQuery, ReferenceError},
    report::{Figure, Report},
};

/// The cases that differ, each with what was found.
#[derive(Default)]
struct Differing {
    refused: Vec<(String, String)>,
    columns: Vec<(String, String)>,
    accepted: Vec<(String, String)>,
}

/// Measures whether the binder accepts, rejects and names columns as the language service does.
///
/// # Errors
///
/// If the tables that the queries were bound against cannot be read.
pub fn bind(queries: &[RealQuery]) -> Result<Report, ReferenceError> {
    let mut environments = BTreeMap::new();
    for query in queries {
        if !environments.contains_key(&query.env) {
            environments.insert(query.env.clone(), Environment::reference(&query.env)?);
        }
    }
    let parsing = || queries.iter().filter(|query| query.parses);
    let mut differing = Differing::default();
    for query in parsing() {
        if let Some(environment) = environments.get(&query.env) {
            compare(query, &Outcome::of(&query.query, environment), &mut differing);
        }
    }
    let good = parsing().filter(|query| query.binds).count();
    let with_columns = parsing().filter(|it| it.binds && it.columns.is_some()).count();
    let bad = parsing().filter(|query| !query.binds).count();
    let figure = |what, of: usize, differing: &[_], bar_per_mille| Figure {
        what,
        agreeing: of.saturating_sub(differing.len()),
        of,
        bar_per_mille,
    };
    let figures = vec![
        figure("accepted, of those that bind there", good, &differing.refused, 990),
        figure("same columns, of those with columns there", with_columns, &differing.columns, 990),
        figure("refused, of those that do not bind there", bad, &differing.accepted, 950),
    ];
    let (mut differences, mut stale) = (Vec::new(), Vec::new());
    for (what, cases, reasons) in [
        ("refused here", differing.refused, include_str!("../../data/refused.txt")),
        ("other columns", differing.columns, include_str!("../../data/columns.txt")),
        ("accepted here", differing.accepted, include_str!("../../data/accepted.txt")),
    ] {
        let (explained, listed) = Reasons::read(reasons).explain(what, cases);
        differences.extend(explained);
        stale.extend(listed);
    }
    Ok(Report { title: "Binding real queries", figures, differences, stale })
}

fn compare(query: &RealQuery, outcome: &Outcome, differing: &mut Differing) {
    let id = || query.id.clone();
    match (&outcome.error, query.binds) {
        (Some(error), true) => differing.refused.push((id(), one_line(&query.query, error))),
        (None, false) => differing.accepted.push((id(), "accepted".to_owned())),
        (Some(_), false) => {}
        (None, true) => {
            let Some(expected) = query.columns.as_deref().map(canonical) else { return };
            // Of several results, the language service tells the last one's columns.
            let found = outcome.results.last().and_then(columns);
            if found.as_ref() != Some(&expected) {
                let found = found.as_deref().map_or("not known".to_owned(), column_line);
                let expected = column_line(&expected);
                differing.columns.push((id(), format!("{found}\n      not {expected}")));
            }
        }
    }
}

/// The types that a schema file names differently; those not known are dynamic in the typed tree.
fn canonical(columns: &[(String, String)]) -> Columns {
    let ty = |ty: &str| match ty {
        "boolean" => "bool".to_owned(),
        "double" => "real".to_owned(),
        "unknown" => "dynamic".to_owned(),
        ty => ty.to_owned(),
    };
    columns.iter().map(|(name, it)| (name.clone(), ty(it))).collect()
}
