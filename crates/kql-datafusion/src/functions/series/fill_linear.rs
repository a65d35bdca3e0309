//! `series_fill_linear`

use std::fmt::Write;

use datafusion_common::{ScalarValue, exec_datafusion_err};
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
    real,
};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    convert,
    fill::{Missing, placeholder},
    numbers::count,
};
use crate::functions::json_array::{elements, write_array};

pub(super) const SERIES_FILL_LINEAR: ScalarFunction = ScalarFunction {
    name: "series_fill_linear",
    summary: "Returns an array whose missing elements lie on the line between their neighbours.",
    source: "https://learn.microsoft.com/kusto/query/series-fill-linear-function",
    examples: &[
        Example::new("series_fill_linear(dynamic([null, 1.0, null, 2.0]))", "[1.0,1.0,1.5,2.0]"),
        Example::new("series_fill_linear(dynamic([null, 111, null, 36]))", "[111,111,73,36]"),
        Example::new("series_fill_linear(dynamic([null]))", "[0.0]"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let constant = match call.args.get(3) {
        Some(constant) => convert(constant.expr.clone(), constant.ty, KqlType::Dynamic)?,
        None => lit(ScalarValue::Utf8View(Some("0.0".to_owned()))),
    };
    let fills_edges = call.arg(2).unwrap_or_else(|| lit(true));
    Some(FILL.call(vec![call.arg(0)?, placeholder(call, 1)?, fills_edges, constant]))
}

/// Missing elements at the ends are their neighbour or, if no element is there at all, the constant.
/// Between whole numbers they are cut to whole ones.
///
/// Source: measured.
pub(super) static FILL: Kernel = Kernel {
    name: "kql_series_fill_linear",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, placeholders) = (args.text(0)?, args.text(1)?);
        let (edges, constants) = (args.bool(2)?, args.text(3)?);
        written(args.rows(), |row, out| {
            let Some(items) = arrays.get(row).and_then(elements) else { return Ok(None) };
            let missing = Missing::new(placeholders.get(row));
            let mut filled: Vec<Option<String>> =
                items.iter().map(|it| (!missing.is(it)).then(|| (*it).to_owned())).collect();
            if filled.iter().all(Option::is_none) {
                let constant = constants.get(row).unwrap_or("null");
                filled.fill(Some(constant.to_owned()));
            } else {
                fill_between(&mut filled)?;
                if edges.get(row).unwrap_or(true) {
                    fill_edges(&mut filled);
                }
            }
            write_array(filled.iter().map(|it| it.as_deref().unwrap_or("null")), out);
            Ok(Some(()))
        })
    },
};

fn fill_between(items: &mut [Option<String>]) -> datafusion_common::Result<()> {
    let known: Vec<usize> =
        items.iter().enumerate().filter(|(_, it)| it.is_some()).map(|(at, _)| at).collect();
    for pair in known.windows(2) {
        let [from, to] = *pair else { continue };
        let value = |at: usize| items.get(at)?.as_deref()?.trim_ascii().parse::<f64>().ok();
        let is_whole = [from, to].iter().all(|at| {
            items
                .get(*at)
                .and_then(Option::as_deref)
                .is_some_and(|it| dynamic::kind(it) == Kind::Long)
        });
        let Some((first, last)) = value(from).zip(value(to)) else { continue };
        let step = (last - first) / count(to.saturating_sub(from));
        let mut current = first;
        for at in from.saturating_add(1)..to {
            current += step;
            let mut text = String::new();
            if is_whole {
                write!(text, "{:.0}", current.trunc())
                    .map_err(|error| exec_datafusion_err!("{error}"))?;
            } else {
                real::write_json(current, &mut text);
            }
            if let Some(item) = items.get_mut(at) {
                *item = Some(text);
            }
        }
    }
    Ok(())
}

fn fill_edges(items: &mut [Option<String>]) {
    let first = items.iter().flatten().next().cloned();
    let last = items.iter().flatten().next_back().cloned();
    for item in items.iter_mut() {
        if item.is_some() {
            break;
        }
        item.clone_from(&first);
    }
    for item in items.iter_mut().rev() {
        if item.is_some() {
            break;
        }
        item.clone_from(&last);
    }
}
