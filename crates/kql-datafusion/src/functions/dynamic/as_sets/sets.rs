//! `set_union`, `set_intersect`, `set_difference`, `set_equals`, `jaccard_index`: arrays as sets, in the order of arrival.

use std::collections::HashSet;

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::super::{
    Args, Example, Kernel, Returns, ScalarFunction,
    columns::{nullable_bools, reals, written},
    json_array::{elements, write_array},
};

pub(in crate::functions::dynamic) const SET_UNION: ScalarFunction = ScalarFunction {
    name: "set_union",
    summary: "Returns the elements that one array or more has, each once.",
    source: "https://learn.microsoft.com/kusto/query/set-union-function",
    examples: &[Example::new("set_union(dynamic([1, 2, 1]), dynamic([3, 1]))", "[1,2,3]")],
    lower: |call| Some(call.apply(&UNION)),
};

pub(in crate::functions::dynamic) const SET_INTERSECT: ScalarFunction = ScalarFunction {
    name: "set_intersect",
    summary: "Returns the elements that all arrays have, each once.",
    source: "https://learn.microsoft.com/kusto/query/set-intersect-function",
    examples: &[Example::new("set_intersect(dynamic([1, 2, 3]), dynamic([3, 2, 5]))", "[2,3]")],
    lower: |call| Some(call.apply(&INTERSECT)),
};

pub(in crate::functions::dynamic) const SET_DIFFERENCE: ScalarFunction = ScalarFunction {
    name: "set_difference",
    summary: "Returns the elements of the first array that no other has, each once.",
    source: "https://learn.microsoft.com/kusto/query/set-difference-function",
    examples: &[Example::new(
        "set_difference(dynamic([1, 2, 3]), dynamic([3]), dynamic([1]))",
        "[2]",
    )],
    lower: |call| Some(call.apply(&DIFFERENCE)),
};

pub(in crate::functions::dynamic) const SET_EQUALS: ScalarFunction = ScalarFunction {
    name: "set_equals",
    summary: "Tells whether two arrays have the same elements.",
    source: "https://learn.microsoft.com/kusto/query/set-equals-function",
    examples: &[
        Example::new("set_equals(dynamic([1, 2, 1]), dynamic([2, 1]))", "True"),
        Example::new("set_equals(dynamic([1]), dynamic(['1']))", "False"),
    ],
    lower: |call| Some(call.apply(&EQUALS)),
};

pub(in crate::functions::dynamic) const JACCARD_INDEX: ScalarFunction = ScalarFunction {
    name: "jaccard_index",
    summary: "Returns which share of all elements of two arrays both have.",
    source: "https://learn.microsoft.com/kusto/query/jaccard-index-function",
    examples: &[Example::new("jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))", "0.75")],
    lower: |call| Some(call.apply(&JACCARD)),
};

/// Null if one of the arguments is no array.
pub(in crate::functions::dynamic) static EQUALS: Kernel = Kernel {
    name: "kql_set_equals",
    returns: Returns::Bool,
    eval: |args| {
        let (left, right) = (args.text(0)?, args.text(1)?);
        Ok(nullable_bools(args.rows(), |row| {
            Some(set_of(left.get(row)?)? == set_of(right.get(row)?)?)
        }))
    },
};

/// Null if one of the arguments is no array; NaN of two empty ones (inferred).
pub(in crate::functions::dynamic) static JACCARD: Kernel = Kernel {
    name: "kql_jaccard_index",
    returns: Returns::Real,
    eval: |args| {
        let (left, right) = (args.text(0)?, args.text(1)?);
        Ok(reals(args.rows(), |row| {
            let (left, right) = (set_of(left.get(row)?)?, set_of(right.get(row)?)?);
            let count = |number: usize| u32::try_from(number).map(f64::from).ok();
            Some(count(left.intersection(&right).count())? / count(left.union(&right).count())?)
        }))
    },
};

fn set_of(json: &str) -> Option<HashSet<&str>> {
    Some(elements(json)?.into_iter().collect())
}

pub(in crate::functions::dynamic) static UNION: Kernel = Kernel {
    name: "kql_set_union",
    returns: Returns::Text,
    eval: |args| of_sets(args, |sets| sets.iter().flatten().copied().collect()),
};

pub(in crate::functions::dynamic) static INTERSECT: Kernel = Kernel {
    name: "kql_set_intersect",
    returns: Returns::Text,
    eval: |args| {
        of_sets(args, |sets| {
            let Some((first, others)) = sets.split_first() else { return Vec::new() };
            let others: Vec<HashSet<&str>> =
                others.iter().map(|set| set.iter().copied().collect()).collect();
            let is_common = |item: &&str| others.iter().all(|set| set.contains(item));
            first.iter().copied().filter(is_common).collect()
        })
    },
};

pub(in crate::functions::dynamic) static DIFFERENCE: Kernel = Kernel {
    name: "kql_set_difference",
    returns: Returns::Text,
    eval: |args| {
        of_sets(args, |sets| {
            let Some((first, others)) = sets.split_first() else { return Vec::new() };
            let others: HashSet<&str> = others.iter().flatten().copied().collect();
            first.iter().copied().filter(|item| !others.contains(item)).collect()
        })
    },
};

/// Computes a set of sets; null if one of them is no array.
fn of_sets(
    args: &Args<'_>,
    compute: impl for<'a> Fn(&[Vec<&'a str>]) -> Vec<&'a str>,
) -> Result<ArrayRef> {
    let arrays = (0..args.count()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
    written(args.rows(), |row, out| {
        let sets: Option<Vec<_>> = arrays.iter().map(|array| elements(array.get(row)?)).collect();
        let Some(sets) = sets else { return Ok(None) };
        let mut seen = HashSet::new();
        write_array(compute(&sets).into_iter().filter(|item| seen.insert(*item)), out);
        Ok(Some(()))
    })
}
