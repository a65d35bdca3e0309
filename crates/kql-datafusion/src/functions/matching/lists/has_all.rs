//! All needles of a list as terms; true for an empty list.
//!
//! Source: <https://learn.microsoft.com/kusto/query/has-all-operator>

use super::super::{Kernel, Needles, Returns, match_needles};

/// `has_all`: argument 1 is a list of strings.
pub(crate) static HAS_ALL: Kernel = Kernel {
    name: "kql_has_all",
    returns: Returns::Bool,
    eval: |args| match_needles(args, Needles::all),
};
