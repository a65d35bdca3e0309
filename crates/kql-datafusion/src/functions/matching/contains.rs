//! The needle anywhere.
//!
//! Source: <https://learn.microsoft.com/kusto/query/contains-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `contains`: case does not count.
pub(crate) static CONTAINS: Kernel = Kernel {
    name: "kql_contains",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, MANNER)),
};

/// `contains_cs`: case counts.
pub(crate) static CONTAINS_CS: Kernel = Kernel {
    name: "kql_contains_cs",
    returns: Returns::Bool,
    eval: |args| {
        match_needle(args, |needle| Needle::new(needle, Manner { ignores_case: false, ..MANNER }))
    },
};

const MANNER: Manner = Manner { leading: Edge::Free, trailing: Edge::Free, ignores_case: true };
