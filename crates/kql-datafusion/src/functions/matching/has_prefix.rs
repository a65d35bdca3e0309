//! A term that starts with the needle.
//!
//! Source: <https://learn.microsoft.com/kusto/query/hasprefix-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `has_prefix`: case does not count.
pub(crate) static HAS_PREFIX: Kernel = Kernel {
    name: "kql_has_prefix",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, MANNER)),
};

/// `has_prefix_cs`: case counts.
pub(crate) static HAS_PREFIX_CS: Kernel = Kernel {
    name: "kql_has_prefix_cs",
    returns: Returns::Bool,
    eval: |args| {
        match_needle(args, |needle| Needle::new(needle, Manner { ignores_case: false, ..MANNER }))
    },
};

const MANNER: Manner = Manner { leading: Edge::Term, trailing: Edge::Free, ignores_case: true };
