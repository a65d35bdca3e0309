//! The needle as a whole term, or as several with what lies between them.
//!
//! Source: <https://learn.microsoft.com/kusto/query/has-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `has`: case does not count.
pub(crate) static HAS: Kernel = Kernel {
    name: "kql_has",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, TERM)),
};

/// `has_cs`: case counts.
pub(crate) static HAS_CS: Kernel = Kernel {
    name: "kql_has_cs",
    returns: Returns::Bool,
    eval: |args| {
        match_needle(args, |needle| Needle::new(needle, Manner { ignores_case: false, ..TERM }))
    },
};

pub(super) const TERM: Manner =
    Manner { leading: Edge::Term, trailing: Edge::Term, ignores_case: true };
