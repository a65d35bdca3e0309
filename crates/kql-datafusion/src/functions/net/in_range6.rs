//! `ipv6_is_in_range`, `ipv6_is_in_any_range`

use super::{Example, Kernel, Returns, ScalarFunction, ipv6::Network6, prefixed};

pub(super) const IPV6_IS_IN_RANGE: ScalarFunction = ScalarFunction {
    name: "ipv6_is_in_range",
    summary: "Tells whether an address lies in a network.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-is-in-range-function",
    examples: &[
        Example::new("ipv6_is_in_range('fe80::1', 'fe80::/10')", "True"),
        Example::new("ipv6_is_in_range('fc00::1', 'fe80::/10')", "False"),
    ],
    lower: |call| prefixed::lower_range(call, &IS_IN_RANGE),
};

pub(super) const IPV6_IS_IN_ANY_RANGE: ScalarFunction = ScalarFunction {
    name: "ipv6_is_in_any_range",
    summary: "Tells whether an address lies in one of several networks.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-is-in-any-range-function",
    examples: &[
        Example::new("ipv6_is_in_any_range('fe80::1', dynamic(['fc00::/7', 'fe80::/10']))", "True"),
        Example::new("ipv6_is_in_any_range('::1', 'fc00::/7', 'fe80::/10')", "False"),
    ],
    lower: |call| prefixed::lower_range(call, &IS_IN_RANGE),
};

/// An address, and dynamics: networks or arrays of them.
pub(super) static IS_IN_RANGE: Kernel = Kernel {
    name: "kql_ipv6_is_in_range",
    returns: Returns::Bool,
    eval: prefixed::is_in_range::<Network6>,
};
