//! The needle at the end of the text.
//!
//! Source: <https://learn.microsoft.com/kusto/query/endswith-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `ends_with`: case does not count.
pub(crate) static ENDS_WITH: Kernel = Kernel {
    name: "kql_ends_with",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, MANNER)),
};

/// `ends_with_cs`: case counts.
pub(crate) static ENDS_WITH_CS: Kernel = Kernel {
    name: "kql_ends_with_cs",
    returns: Returns::Bool,
    eval: |args| {
        match_needle(args, |needle| Needle::new(needle, Manner { ignores_case: false, ..MANNER }))
    },
};

const MANNER: Manner = Manner { leading: Edge::Free, trailing: Edge::Text, ignores_case: true };
