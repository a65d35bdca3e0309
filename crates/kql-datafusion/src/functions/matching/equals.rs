//! Equality without regard to case: `=~`.
//!
//! Source: <https://learn.microsoft.com/kusto/query/equals-operator>

use super::{Edge, Kernel, Manner, Needle, Returns, match_needle};

/// `=~`
pub(crate) static EQUALS_CI: Kernel = Kernel {
    name: "kql_equals_ci",
    returns: Returns::Bool,
    eval: |args| match_needle(args, |needle| Needle::new(needle, MANNER)),
};

const MANNER: Manner = Manner { leading: Edge::Text, trailing: Edge::Text, ignores_case: true };
