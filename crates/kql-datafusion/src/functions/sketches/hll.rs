//! `hll`: the hashes of different values.

use std::collections::BTreeSet;

use datafusion_common::Result;
use kql_types::dynamic;
use twox_hash::XxHash64;

use super::{
    Args, Example, Kernel, Returns, ScalarFunction,
    columns::{longs, written},
    gathered, parts,
};

/// The name of the kind.
const KIND: &str = "quarry.hll";

/// The hash of a text, as a JSON number.
pub(crate) static HLL_HASH_TEXT: Kernel = Kernel {
    name: "kql_hll_hash_text",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            Ok(texts.get(row).map(|text| write_hash(text.as_bytes(), out)))
        })
    },
};

/// The hash of a long, datetime or timespan, as a JSON number.
pub(crate) static HLL_HASH_TICKS: Kernel = Kernel {
    name: "kql_hll_hash_ticks",
    returns: Returns::Text,
    eval: |args| {
        let ticks = args.long(0)?;
        written(args.rows(), |row, out| {
            Ok(ticks.get(row).map(|ticks| write_hash(&ticks.to_le_bytes(), out)))
        })
    },
};

fn write_hash(bytes: &[u8], out: &mut String) {
    out.push_str(&XxHash64::oneshot(0, bytes).to_string());
}

/// Argument 0 is a list of hashes. Null if there are none (measured).
pub(crate) static HLL_OF_HASHES: Kernel = Kernel {
    name: "kql_hll_of_hashes",
    returns: Returns::Text,
    eval: |args| {
        let lists = args.list(0)?;
        written(args.rows(), |row, out| {
            let Some(items) = lists.get(row) else { return Ok(None) };
            let hashes = gathered(&items)?.iter().flatten().filter_map(|it| it.parse().ok());
            Ok(write(&hashes.collect(), out))
        })
    },
};

/// Argument 0 is a list of sketches.
pub(crate) static HLL_MERGED: Kernel = Kernel {
    name: "kql_hll_merged",
    returns: Returns::Text,
    eval: |args| {
        let lists = args.list(0)?;
        written(args.rows(), |row, out| {
            let Some(items) = lists.get(row) else { return Ok(None) };
            let mut all = BTreeSet::new();
            for sketch in gathered(&items)?.iter().flatten() {
                all.append(&mut read(sketch)?);
            }
            Ok(write(&all, out))
        })
    },
};

pub(super) const HLL_MERGE: ScalarFunction = ScalarFunction {
    name: "hll_merge",
    summary: "Returns the sketch of all values of several.",
    source: "https://learn.microsoft.com/kusto/query/hll-merge-function",
    examples: &[Example::new(
        "toscalar(range x from 1 to 9 step 1 | summarize a = hll(x), b = hll(x + 5) | project dcount_hll(hll_merge(a, b)))",
        "14",
    )],
    lower: |call| Some(call.apply(&UNITE)),
};

/// Null if one of them is.
pub(super) static UNITE: Kernel = Kernel {
    name: "kql_hll_merge",
    returns: Returns::Text,
    eval: |args| {
        let sketches = Sketches::of(args)?;
        written(args.rows(), |row, out| {
            let Some(sets) = sketches.at(row)? else { return Ok(None) };
            Ok(write(&sets.into_iter().flatten().collect(), out))
        })
    },
};

pub(super) const DCOUNT_HLL: ScalarFunction = ScalarFunction {
    name: "dcount_hll",
    summary: "Returns the number of different values of a sketch.",
    source: "https://learn.microsoft.com/kusto/query/dcount-hll-function",
    examples: &[Example::new(
        "toscalar(range x from 1 to 9 step 1 | summarize h = hll(x % 4) | project dcount_hll(h))",
        "4",
    )],
    lower: |call| Some(call.apply(&COUNT_COMMON)),
};

/// What the plugin `dcount_intersect` counts.
pub(crate) const DCOUNT_COMMON: ScalarFunction = ScalarFunction {
    name: "__dcount_common",
    summary: "Returns the number of different values that are in all sketches.",
    source: "https://learn.microsoft.com/kusto/query/dcount-intersect-plugin",
    examples: &[],
    lower: |call| Some(call.apply(&COUNT_COMMON)),
};

pub(super) static COUNT_COMMON: Kernel = Kernel {
    name: "kql_hll_count",
    returns: Returns::Long,
    eval: |args| {
        let sketches = Sketches::of(args)?;
        let mut counts = Vec::with_capacity(args.rows());
        for row in 0..args.rows() {
            let common = sketches.at(row)?.map(|sets| {
                let common = sets.into_iter().reduce(|mut common, set| {
                    common.retain(|hash| set.contains(hash));
                    common
                });
                common.map_or(0, |common| common.len())
            });
            counts.push(common.and_then(|count| i64::try_from(count).ok()));
        }
        Ok(longs(args.rows(), |row| counts.get(row).copied().flatten()))
    },
};

/// The sketches that arguments are.
struct Sketches(Vec<super::super::Operand<arrow::array::StringViewArray>>);

impl Sketches {
    fn of(args: &Args<'_>) -> Result<Self> {
        Ok(Self((0..args.count()).map(|at| args.text(at)).collect::<Result<_>>()?))
    }

    /// Returns the hashes of each at a row; `None` if one is null.
    fn at(&self, row: usize) -> Result<Option<Vec<BTreeSet<u64>>>> {
        let sets = self.0.iter().map(|sketch| sketch.get(row).map(read).transpose());
        sets.collect::<Result<Option<Vec<_>>>>()
    }
}

fn read(sketch: &str) -> Result<BTreeSet<u64>> {
    let hashes = parts(sketch, KIND)?.next().unwrap_or_default();
    Ok(dynamic::elements(hashes).filter_map(|it| it.trim_ascii().parse().ok()).collect())
}

fn write(hashes: &BTreeSet<u64>, out: &mut String) -> Option<()> {
    if hashes.is_empty() {
        return None;
    }
    out.push_str("[\"");
    out.push_str(KIND);
    out.push_str("\",[");
    for (number, hash) in hashes.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(&hash.to_string());
    }
    out.push_str("]]");
    Some(())
}
