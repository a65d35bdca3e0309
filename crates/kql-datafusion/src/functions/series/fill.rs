//! `series_fill_forward`, `series_fill_backward`, `series_fill_const`

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert};
use crate::functions::json_array::{elements, write_array};

pub(super) const SERIES_FILL_FORWARD: ScalarFunction = ScalarFunction {
    name: "series_fill_forward",
    summary: "Returns an array whose missing elements are those before them.",
    source: "https://learn.microsoft.com/kusto/query/series-fill-forward-function",
    examples: &[Example::new("series_fill_forward(dynamic([null, 1, null, 3]))", "[null,1,1,3]")],
    lower: |call| lower(call, 1, &FORWARD),
};

pub(super) const SERIES_FILL_BACKWARD: ScalarFunction = ScalarFunction {
    name: "series_fill_backward",
    summary: "Returns an array whose missing elements are those behind them.",
    source: "https://learn.microsoft.com/kusto/query/series-fill-backward-function",
    examples: &[Example::new("series_fill_backward(dynamic([null, 1, null]))", "[1,1,null]")],
    lower: |call| lower(call, 1, &BACKWARD),
};

pub(super) const SERIES_FILL_CONST: ScalarFunction = ScalarFunction {
    name: "series_fill_const",
    summary: "Returns an array whose missing elements are a constant.",
    source: "https://learn.microsoft.com/kusto/query/series-fill-const-function",
    examples: &[
        Example::new("series_fill_const(dynamic([1, null, 3]), -1)", "[1,-1,3]"),
        Example::new("series_fill_const(dynamic([1, 0, 3]), 9, 0)", "[1,9,3]"),
    ],
    lower: |call| {
        let constant = match call.args.get(1) {
            Some(constant) => convert(constant.expr.clone(), constant.ty, KqlType::Dynamic)?,
            None => lit(datafusion_common::ScalarValue::Utf8View(Some("0".to_owned()))),
        };
        Some(CONSTANT.call(vec![call.arg(0)?, placeholder(call, 2)?, constant]))
    },
};

fn lower(call: &Call, at: usize, kernel: &'static Kernel) -> Option<Expr> {
    Some(kernel.call(vec![call.arg(0)?, placeholder(call, at)?]))
}

/// Returns what stands for a missing element, null unless it is given, as a dynamic.
pub(super) fn placeholder(call: &Call, at: usize) -> Option<Expr> {
    match call.args.get(at) {
        Some(arg) => convert(arg.expr.clone(), arg.ty, KqlType::Dynamic),
        None => Some(lit(datafusion_common::ScalarValue::Utf8View(None))),
    }
}

pub(super) static FORWARD: Kernel = Kernel {
    name: "kql_series_fill_forward",
    returns: Returns::Text,
    eval: |args| {
        fill(args, |items, missing, _| {
            let mut last = None;
            for item in items {
                if missing.is(item) {
                    *item = last.unwrap_or(*item);
                } else {
                    last = Some(*item);
                }
            }
        })
    },
};

pub(super) static BACKWARD: Kernel = Kernel {
    name: "kql_series_fill_backward",
    returns: Returns::Text,
    eval: |args| {
        fill(args, |items, missing, _| {
            let mut next = None;
            for item in items.iter_mut().rev() {
                if missing.is(item) {
                    *item = next.unwrap_or(*item);
                } else {
                    next = Some(*item);
                }
            }
        })
    },
};

pub(super) static CONSTANT: Kernel = Kernel {
    name: "kql_series_fill_const",
    returns: Returns::Text,
    eval: |args| {
        fill(args, |items, missing, constant| {
            for item in items.iter_mut().filter(|item| missing.is(item)) {
                *item = constant;
            }
        })
    },
};

/// What stands for a missing element.
pub(super) struct Missing<'a>(&'a str);

impl<'a> Missing<'a> {
    pub(super) fn new(placeholder: Option<&'a str>) -> Self {
        Self(placeholder.unwrap_or("null"))
    }

    pub(super) fn is(&self, element: &str) -> bool {
        if dynamic::kind(self.0) == Kind::Null {
            return dynamic::kind(element) == Kind::Null;
        }
        let number = |json: &str| json.trim_ascii().parse::<f64>().ok();
        element == self.0 || number(element).is_some_and(|it| number(self.0) == Some(it))
    }
}

/// Fills the elements of arrays, which stay as they are otherwise; null of what is no array.
fn fill(
    args: &Args<'_>,
    fill: for<'a> fn(&mut [&'a str], &Missing<'_>, &'a str),
) -> Result<ArrayRef> {
    let (arrays, placeholders) = (args.text(0)?, args.text(1)?);
    let constants = if args.count() > 2 { Some(args.text(2)?) } else { None };
    written(args.rows(), |row, out| {
        let Some(mut items) = arrays.get(row).and_then(elements) else { return Ok(None) };
        let constant = constants.as_ref().and_then(|it| it.get(row)).unwrap_or("null");
        fill(&mut items, &Missing::new(placeholders.get(row)), constant);
        write_array(items, out);
        Ok(Some(()))
    })
}
