//! `tdigest`: values, each with its weight.

use std::fmt::Write;

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_datafusion_err, exec_err};
use datafusion_expr::Expr;
use kql_types::{KqlType, Value, dynamic, real};

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction, columns::written, convert, gathered,
    parts,
};

/// The name of the kind.
const KIND: &str = "quarry.tdigest";

/// Values of one type in order, each with its weight. A value is its ticks, or the key of a real.
struct Digest {
    ty: KqlType,
    values: Vec<(Number, u64)>,
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Long(i64),
    Real(f64),
}

impl Number {
    fn order(self, other: Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Long(one), Self::Long(other)) => one.cmp(&other),
            (Self::Real(one), Self::Real(other)) => one.total_cmp(&other),
            (Self::Long(_), Self::Real(_)) => std::cmp::Ordering::Less,
            (Self::Real(_), Self::Long(_)) => std::cmp::Ordering::Greater,
        }
    }

    fn read(json: &str, ty: KqlType) -> Option<Self> {
        let text = dynamic::unquote(json);
        let text = text.trim_ascii();
        match ty {
            KqlType::Real => text.parse().ok().map(Self::Real),
            _ => text.parse().ok().map(Self::Long),
        }
    }

    fn value(self, ty: KqlType) -> Value {
        match (self, ty) {
            (Self::Long(ticks), KqlType::Datetime) => Value::Datetime(Some(ticks)),
            (Self::Long(ticks), KqlType::Timespan) => Value::Timespan(Some(ticks)),
            (Self::Long(number), _) => Value::Long(Some(number)),
            (Self::Real(number), _) => Value::Real(Some(number)),
        }
    }
}

/// Returns the kernel that makes a digest of a list of values with their weights.
pub(crate) const fn tdigest_of(ty: KqlType) -> Option<&'static Kernel> {
    match ty {
        KqlType::Int | KqlType::Long => Some(&OF_LONGS),
        KqlType::Datetime => Some(&OF_DATETIMES),
        KqlType::Timespan => Some(&OF_TIMESPANS),
        KqlType::Real => Some(&OF_REALS),
        _ => None,
    }
}

pub(super) static OF_LONGS: Kernel = Kernel {
    name: "kql_tdigest_of_longs",
    returns: Returns::Text,
    eval: |args| digests(args, KqlType::Long),
};

pub(super) static OF_DATETIMES: Kernel = Kernel {
    name: "kql_tdigest_of_datetimes",
    returns: Returns::Text,
    eval: |args| digests(args, KqlType::Datetime),
};

pub(super) static OF_TIMESPANS: Kernel = Kernel {
    name: "kql_tdigest_of_timespans",
    returns: Returns::Text,
    eval: |args| digests(args, KqlType::Timespan),
};

pub(super) static OF_REALS: Kernel = Kernel {
    name: "kql_tdigest_of_reals",
    returns: Returns::Text,
    eval: |args| digests(args, KqlType::Real),
};

/// Null of no values (measured). A weight below 1 counts for nothing.
fn digests(args: &Args<'_>, ty: KqlType) -> Result<ArrayRef> {
    let lists = args.list(0)?;
    written(args.rows(), |row, out| {
        let Some(items) = lists.get(row) else { return Ok(None) };
        let mut digest = Digest { ty, values: Vec::new() };
        for item in gathered(&items)?.iter().flatten() {
            let pair = item.split_once(' ');
            let pair = pair.and_then(|(value, weight)| {
                Some((Number::read(value, ty)?, weight.parse::<u64>().ok()?))
            });
            digest.values.extend(pair.filter(|(_, weight)| *weight > 0));
        }
        digest.write(out)
    })
}

/// Argument 0 is a list of digests.
pub(crate) static TDIGEST_MERGED: Kernel = Kernel {
    name: "kql_tdigest_merged",
    returns: Returns::Text,
    eval: |args| {
        let lists = args.list(0)?;
        written(args.rows(), |row, out| {
            let Some(items) = lists.get(row) else { return Ok(None) };
            let digests = gathered(&items)?.iter().flatten().map(Digest::read);
            match Digest::merged(digests.collect::<Result<_>>()?)? {
                Some(digest) => digest.write(out),
                None => Ok(None),
            }
        })
    },
};

pub(super) const TDIGEST_MERGE: ScalarFunction = ScalarFunction {
    name: "tdigest_merge",
    summary: "Returns the digest of all values of several.",
    source: "https://learn.microsoft.com/kusto/query/tdigest-merge-function",
    examples: &[Example::new(
        "toscalar(range x from 1 to 9 step 1 | summarize a = tdigest(x), b = tdigest(x + 9) | project percentile_tdigest(tdigest_merge(a, b), 50))",
        "9",
    )],
    lower: |call| Some(call.apply(&UNITE)),
};

/// Null if one of them is.
pub(super) static UNITE: Kernel = Kernel {
    name: "kql_tdigest_merge",
    returns: Returns::Text,
    eval: |args| {
        let digests = (0..args.count()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
        written(args.rows(), |row, out| {
            let all = digests.iter().map(|it| it.get(row).map(Digest::read).transpose());
            let Some(all) = all.collect::<Result<Option<Vec<_>>>>()? else { return Ok(None) };
            match Digest::merged(all)? {
                Some(digest) => digest.write(out),
                None => Ok(None),
            }
        })
    },
};

pub(super) const PERCENTILE_TDIGEST: ScalarFunction = ScalarFunction {
    name: "percentile_tdigest",
    summary: "Returns the value that a percentage of a digest's values does not exceed.",
    source: "https://learn.microsoft.com/kusto/query/percentile-tdigest-function",
    examples: &[
        Example::new(
            "toscalar(range x from 1 to 9 step 1 | summarize t = tdigest(x) | project percentile_tdigest(t, 50))",
            "5",
        ),
        Example::new(
            "toscalar(range x from 1 to 9 step 1 | summarize t = tdigest(x) | project percentile_tdigest(t, 100, typeof(long)))",
            "9",
        ),
    ],
    lower: |call| {
        let value = PERCENTILE.call(vec![call.arg(0)?, call.real(1)?]);
        convert(value, KqlType::Dynamic, call.ty)
    },
};

pub(super) static PERCENTILE: Kernel = Kernel {
    name: "kql_tdigest_percentile",
    returns: Returns::Text,
    eval: |args| {
        let (digests, percentages) = (args.text(0)?, args.real(1)?);
        written(args.rows(), |row, out| {
            let Some(digest) = digests.get(row) else { return Ok(None) };
            let digest = Digest::read(digest)?;
            let value = percentages.get(row).and_then(|it| digest.percentile(it));
            Ok(value.map(|value| dynamic::encode(&value, out)))
        })
    },
};

pub(super) const PERCENTILES_ARRAY_TDIGEST: ScalarFunction = ScalarFunction {
    name: "percentiles_array_tdigest",
    summary: "Returns the values that percentages of a digest's values do not exceed, as an array.",
    source: "https://learn.microsoft.com/kusto/query/percentiles-array-tdigest-function",
    examples: &[Example::new(
        "tostring(toscalar(range x from 1 to 9 step 1 | summarize t = tdigest(x) | project percentiles_array_tdigest(t, 50, 100)))",
        "[5,9]",
    )],
    lower: |call| Some(PERCENTILES.call(vec![call.arg(0)?, percentages(call)?])),
};

/// Returns the percentages as one dynamic.
fn percentages(call: &Call) -> Option<Expr> {
    let percentages = call.args.get(1..)?;
    if let [array] = percentages
        && array.ty == KqlType::Dynamic
    {
        return Some(array.expr.clone());
    }
    let items = percentages.iter().map(|it| convert(it.expr.clone(), it.ty, KqlType::Dynamic));
    Some(super::super::dynamic_kernels::PACK.call(items.collect::<Option<_>>()?))
}

pub(super) static PERCENTILES: Kernel = Kernel {
    name: "kql_tdigest_percentiles",
    returns: Returns::Text,
    eval: |args| {
        let (digests, percentages) = (args.text(0)?, args.text(1)?);
        written(args.rows(), |row, out| {
            let Some((digest, percentages)) = digests.get(row).zip(percentages.get(row)) else {
                return Ok(None);
            };
            let digest = Digest::read(digest)?;
            out.push('[');
            for (number, percentage) in dynamic::elements(percentages).enumerate() {
                if number > 0 {
                    out.push(',');
                }
                let percentage: Option<f64> = percentage.trim_ascii().parse().ok();
                match percentage.and_then(|it| digest.percentile(it)) {
                    Some(value) => dynamic::encode(&value, out),
                    None => out.push_str("null"),
                }
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};

impl Digest {
    fn read(json: &str) -> Result<Self> {
        let mut parts = parts(json, KIND)?;
        let ty = parts.next().and_then(|name| dynamic::unquote(name).parse().ok());
        let Some((ty, values)) = ty.zip(parts.next()) else {
            return exec_err!("a `{KIND}` without its values");
        };
        let values = dynamic::elements(values).filter_map(|pair| {
            let (value, weight) = (dynamic::index(pair, 0)?, dynamic::index(pair, 1)?);
            Some((Number::read(value, ty)?, weight.trim_ascii().parse().ok()?))
        });
        Ok(Self { ty, values: values.collect() })
    }

    /// Puts digests together; `None` if there are none.
    fn merged(digests: Vec<Self>) -> Result<Option<Self>> {
        let mut digests = digests.into_iter();
        let Some(mut all) = digests.next() else { return Ok(None) };
        for digest in digests {
            if digest.ty != all.ty {
                return exec_err!("a digest of {} and one of {}", all.ty, digest.ty);
            }
            all.values.extend(digest.values);
        }
        Ok(Some(all))
    }

    fn write(mut self, out: &mut String) -> Result<Option<()>> {
        if self.values.is_empty() {
            return Ok(None);
        }
        self.values.sort_by(|(one, _), (other, _)| one.order(*other));
        let mut distinct: Vec<(Number, u64)> = Vec::new();
        for (value, weight) in self.values {
            match distinct.last_mut().filter(|(last, _)| last.order(value).is_eq()) {
                Some((_, all)) => *all = all.saturating_add(weight),
                None => distinct.push((value, weight)),
            }
        }
        let written = write!(out, "[\"{KIND}\",\"{}\",", self.ty);
        written.map_err(|it| exec_datafusion_err!("{it}"))?;
        for (number, (value, weight)) in distinct.into_iter().enumerate() {
            out.push_str(if number == 0 { "[[" } else { ",[" });
            match value {
                Number::Long(value) => out.push_str(&value.to_string()),
                Number::Real(value) => real::write_json(value, out),
            }
            write!(out, ",{weight}]").map_err(|it| exec_datafusion_err!("{it}"))?;
        }
        out.push_str("]]");
        Ok(Some(()))
    }

    /// Returns the first value that a percentage of all does not exceed, as the aggregate does.
    #[expect(clippy::cast_precision_loss, reason = "weights are counts, far below 2^53")]
    fn percentile(&self, percentage: f64) -> Option<Value> {
        let total: u64 = self.values.iter().map(|(_, weight)| *weight).sum();
        let wanted = percentage / 100.0 * total as f64;
        let mut so_far = 0_u64;
        let found = self.values.iter().find(|(_, weight)| {
            so_far = so_far.saturating_add(*weight);
            so_far as f64 >= wanted
        });
        let (value, _) = found.or(self.values.last())?;
        Some(value.value(self.ty))
    }
}
