//! The parser's verdict on real queries.

use super::{first_error, one_line};
use crate::{
    differences::Reasons,
    reference::RealQuery,
    report::{Figure, Report},
};

/// Measures whether the parser accepts and rejects what the language service does.
pub fn parse(queries: &[RealQuery]) -> Report {
    let mut differing = Vec::new();
    for query in queries {
        let error = first_error(kql_syntax::parse(&query.query).1);
        if error.is_none() != query.parses {
            let found = error.map_or_else(
                || "accepted".to_owned(),
                |error| format!("refused: {}", one_line(&query.query, &error)),
            );
            differing.push((query.id.clone(), found));
        }
    }
    let figure = Figure {
        what: "same verdict",
        agreeing: queries.len().saturating_sub(differing.len()),
        of: queries.len(),
        bar_per_mille: 995,
    };
    let reasons = Reasons::read(include_str!("../../data/parse.txt"));
    let (differences, stale) = reasons.explain("verdict", differing);
    Report { title: "Parsing real queries", figures: vec![figure], differences, stale }
}
