//! `indexof_regex`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::longs,
    convert,
    indexof::{Window, window},
    matching,
};

pub(in crate::functions::text) const INDEXOF_REGEX: ScalarFunction = ScalarFunction {
    name: "indexof_regex",
    summary: "Returns the index of what a regular expression matches, counted from 0, or -1.",
    source: "https://learn.microsoft.com/kusto/query/indexof-regex-function",
    examples: &[
        Example::new("indexof_regex('abcabc', 'b.')", "1"),
        Example::new("indexof_regex('abcabc', 'b.', 0, -1, 2)", "4"),
        Example::new("isnull(indexof_regex('abcabc', 'b.', -1))", "True"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let text = |at: usize| {
        let arg = call.args.get(at)?;
        convert(arg.expr.clone(), arg.ty, KqlType::String)
    };
    let [start, length, occurrence] = window(call)?;
    Some(FIND.call(vec![text(0)?, text(1)?, start, length, occurrence]))
}

/// Null if the start is negative. Matches do not overlap.
///
/// Source: documented, and measured.
pub(in crate::functions::text) static FIND: Kernel = Kernel {
    name: "kql_indexof_regex",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        let mut patterns = args.compiled(1, matching::compile)?;
        let (starts, lengths, occurrences) = (args.long(2)?, args.long(3)?, args.long(4)?);
        let mut indices = Vec::with_capacity(args.rows());
        for row in 0..args.rows() {
            let pattern = patterns.get(row)?;
            let window = starts.get(row).zip(lengths.get(row)).zip(occurrences.get(row));
            let window = window
                .and_then(|((start, length), occurrence)| Window::new(start, length, occurrence));
            indices.push(window.map(|window| {
                window.index(texts.str(row), |rest| pattern.find_iter(rest).map(|it| it.start()))
            }));
        }
        Ok(longs(args.rows(), |row| indices.get(row).copied().flatten()))
    },
};
