//! At least one needle of a list as a term; false for an empty list.
//!
//! Source: <https://learn.microsoft.com/kusto/query/has-any-operator>

use super::super::{Kernel, Needles, Returns, match_needles};

/// `has_any`: argument 1 is a list of strings.
pub(crate) static HAS_ANY: Kernel = Kernel {
    name: "kql_has_any",
    returns: Returns::Bool,
    eval: |args| match_needles(args, Needles::any),
};
