//! A term that ends with the needle.
//!
//! Source: <https://learn.microsoft.com/kusto/query/hassuffix-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `has_suffix`: case does not count.
pub(crate) static HAS_SUFFIX: Kernel = Kernel {
    name: "kql_has_suffix",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, MANNER)),
};

/// `has_suffix_cs`: case counts.
pub(crate) static HAS_SUFFIX_CS: Kernel = Kernel {
    name: "kql_has_suffix_cs",
    returns: Returns::Bool,
    eval: |args| {
        match_needle(args, |needle| Needle::new(needle, Manner { ignores_case: false, ..MANNER }))
    },
};

const MANNER: Manner = Manner { leading: Edge::Free, trailing: Edge::Term, ignores_case: true };
