//! Matching text: the string operators' kernels.
//!
//! All take strings and give a bool without nulls. The negations are `not` of these.

mod contains;
mod ends_with;
mod equals;
mod has;
mod has_prefix;
mod has_suffix;
mod lists;
mod matches_regex;
mod needle;
mod rare_byte;
mod starts_with;
mod term;
#[cfg(test)]
mod tests;

use arrow::array::ArrayRef;
use datafusion_common::Result;

pub(crate) use self::{
    contains::{CONTAINS, CONTAINS_CS},
    ends_with::{ENDS_WITH, ENDS_WITH_CS},
    equals::EQUALS_CI,
    has::{HAS, HAS_CS},
    has_prefix::{HAS_PREFIX, HAS_PREFIX_CS},
    has_suffix::{HAS_SUFFIX, HAS_SUFFIX_CS},
    lists::{has_all::HAS_ALL, has_any::HAS_ANY, in_ci::IN_CI, in_list::IN_LIST},
    matches_regex::{MATCHES_REGEX, compile},
    starts_with::{STARTS_WITH, STARTS_WITH_CS},
};
use self::{
    lists::needles::Needles,
    needle::{Edge, Manner, Needle},
};
use super::{Args, Kernel, Returns, columns::bools};

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &CONTAINS,
    &CONTAINS_CS,
    &ENDS_WITH,
    &ENDS_WITH_CS,
    &EQUALS_CI,
    &HAS,
    &HAS_ALL,
    &HAS_ANY,
    &HAS_CS,
    &HAS_PREFIX,
    &HAS_PREFIX_CS,
    &HAS_SUFFIX,
    &HAS_SUFFIX_CS,
    &IN_CI,
    &IN_LIST,
    &MATCHES_REGEX,
    &STARTS_WITH,
    &STARTS_WITH_CS,
];

/// Tests argument 0 for the needle in argument 1.
fn match_needle(args: &Args<'_>, compile: fn(&str) -> Result<Needle>) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let mut needles = args.compiled(1, compile)?;
    if let Some(needle) = needles.constant() {
        return Ok(bools(args.rows(), |row| needle.is_match(texts.str(row))));
    }
    let matches = (0..args.rows()).map(|row| Ok(needles.get(row)?.is_match(texts.str(row))));
    let matches = matches.collect::<Result<Vec<_>>>()?;
    Ok(bools(args.rows(), |row| matches.get(row).copied().unwrap_or(false)))
}

/// Tests argument 0 for the needles in the list of argument 1.
fn match_needles(args: &Args<'_>, is_match: fn(&Needles, &str) -> bool) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let lists = args.list(1)?;
    if let Some(needles) = args.prepared(&[1], || compile_list(&lists.strings(0)?))? {
        return Ok(bools(args.rows(), |row| is_match(&needles, texts.str(row))));
    }
    let mut last: Option<(Vec<String>, Needles)> = None;
    let mut matches = Vec::with_capacity(args.rows());
    for row in 0..args.rows() {
        let list = lists.strings(row)?;
        let compiled = match last.take() {
            Some(same) if same.0 == list => same,
            _ => {
                let needles = compile_list(&list)?;
                (list, needles)
            }
        };
        matches.push(is_match(&compiled.1, texts.str(row)));
        last = Some(compiled);
    }
    Ok(bools(args.rows(), |row| matches.get(row).copied().unwrap_or(false)))
}

/// Tells whether a text has a needle as a term, as `has` does.
///
/// # Errors
///
/// The needle is too long, see [`Needle::new`].
pub(super) fn has_term(text: &str, needle: &str) -> Result<bool> {
    Ok(Needle::new(needle, has::TERM)?.is_match(text))
}

fn compile_list(list: &[String]) -> Result<Needles> {
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    Needles::new(&list, has::TERM)
}
