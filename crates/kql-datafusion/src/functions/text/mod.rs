//! Text: length, case, parts, replacement, patterns.

mod extract;
mod indexof;
mod replace_string;
mod split;
mod strcat;
mod strlen;
mod substring;
mod tolower;
mod toupper;
mod trim;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns, convert, matching};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    extract::EXTRACT,
    indexof::INDEXOF,
    replace_string::REPLACE_STRING,
    split::SPLIT,
    strcat::STRCAT,
    strlen::STRLEN,
    substring::SUBSTRING,
    tolower::TOLOWER,
    toupper::TOUPPER,
    trim::TRIM,
    trim::TRIM_END,
    trim::TRIM_START,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &extract::FIND,
    &indexof::FIND,
    &replace_string::REPLACE,
    &split::PARTS,
    &strcat::CONCATENATE,
    &strlen::LENGTH,
    &substring::PART,
    &tolower::LOWER,
    &toupper::UPPER,
    &trim::BOTH,
    &trim::END,
    &trim::START,
];
