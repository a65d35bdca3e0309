//! `ipv4_compare`, `ipv4_is_match`: addresses by the shortest of all prefixes.

use super::{Example, Kernel, Returns, ScalarFunction, address::Network, prefixed};

pub(super) const IPV4_COMPARE: ScalarFunction = ScalarFunction {
    name: "ipv4_compare",
    summary: "Returns -1, 0 or 1 for an address that is below, equal to or above another.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-comparison-function",
    examples: &[
        Example::new("ipv4_compare('192.168.1.1/24', '192.168.1.255')", "0"),
        Example::new("ipv4_compare('10.0.0.1', '10.0.0.2')", "-1"),
        Example::new("ipv4_compare('10.0.0.1', '10.0.0.2', 24)", "0"),
    ],
    lower: |call| prefixed::lower_comparison::<Network>(call, &COMPARE),
};

pub(super) const IPV4_IS_MATCH: ScalarFunction = ScalarFunction {
    name: "ipv4_is_match",
    summary: "Tells whether two addresses are equal.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-is-match-function",
    examples: &[
        Example::new("ipv4_is_match('192.168.1.1/24', '192.168.1.255')", "True"),
        Example::new("ipv4_is_match('10.0.0.1', '10.0.0.2')", "False"),
    ],
    lower: |call| prefixed::lower_comparison::<Network>(call, &IS_MATCH),
};

pub(super) static COMPARE: Kernel =
    Kernel { name: "kql_ipv4_compare", returns: Returns::Long, eval: prefixed::compare::<Network> };

pub(super) static IS_MATCH: Kernel = Kernel {
    name: "kql_ipv4_is_match",
    returns: Returns::Bool,
    eval: prefixed::is_match::<Network>,
};
