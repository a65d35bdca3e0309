//! Hashes.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::Fresh,
    ParamType::{Integer, NotDynamic, Scalar},
    Returns::Type,
    alias, function, many, maybe, one, overload, upto,
};
use kql_types::KqlType::{Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("__hash_crc32", Fresh, &[overload(&[one("source", NotDynamic), one("mod", Integer), one("seed", Integer)], Type(Long))]),
    function("__hash_djb2", Fresh, &[overload(&[one("source", NotDynamic), maybe("mod", Integer)], Type(Long))]),
    function("hash", Fresh, &[overload(&[one("source", NotDynamic), maybe("mod", Integer)], Type(Long))]),
    function("hash_sha256", Fresh, &[overload(&[one("source", NotDynamic)], Type(String))]),
    function("hash_md5", Fresh, &[overload(&[one("source", NotDynamic)], Type(String))]),
    function("hash_sha1", Fresh, &[overload(&[one("source", NotDynamic)], Type(String))]),
    alias("hash_xxhash64", "hash", Fresh, &[overload(&[one("source", NotDynamic), maybe("mod", Integer)], Type(Long))]),
    function("__hash_xxh64", Fresh, &[overload(&[one("source", NotDynamic), one("mod", Integer), one("seed", Integer)], Type(Long))]),
    function("hash_combine", Fresh, &[overload(&[many("source", Scalar, 2)], Type(Long))]),
    function("hash_many", Fresh, &[overload(&[many("source", NotDynamic, 1)], Type(Long))]),
    function("__hash_many_crc32", Fresh, &[overload(&[upto("arg", Scalar, 1, 2)], Type(Long))]),
];
