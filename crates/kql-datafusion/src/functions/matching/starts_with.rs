//! The needle at the start of the text.
//!
//! Source: <https://learn.microsoft.com/kusto/query/startswith-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `starts_with`: case does not count.
pub(crate) static STARTS_WITH: Kernel = Kernel {
    name: "kql_starts_with",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, MANNER)),
};

/// `starts_with_cs`: case counts.
pub(crate) static STARTS_WITH_CS: Kernel = Kernel {
    name: "kql_starts_with_cs",
    returns: Returns::Bool,
    eval: |args| {
        match_needle(args, |needle| Needle::new(needle, Manner { ignores_case: false, ..MANNER }))
    },
};

const MANNER: Manner = Manner { leading: Edge::Text, trailing: Edge::Free, ignores_case: true };
