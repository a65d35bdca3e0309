//! `ipv6_compare`, `ipv6_is_match`: addresses of either kind by the shortest of all prefixes.

use super::{Example, Kernel, Returns, ScalarFunction, ipv6::Network6, prefixed};

pub(super) const IPV6_COMPARE: ScalarFunction = ScalarFunction {
    name: "ipv6_compare",
    summary: "Returns -1, 0 or 1 for an address that is below, equal to or above another.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-compare-function",
    examples: &[
        Example::new("ipv6_compare('192.168.1.1/24', '::ffff:c0a8:01ff')", "0"),
        Example::new("ipv6_compare('fe80::1', 'fe80::2')", "-1"),
        Example::new("ipv6_compare('fe80::1', 'fe80::2', 120)", "0"),
    ],
    lower: |call| prefixed::lower_comparison::<Network6>(call, &COMPARE),
};

pub(super) const IPV6_IS_MATCH: ScalarFunction = ScalarFunction {
    name: "ipv6_is_match",
    summary: "Tells whether two addresses are equal.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-is-match-function",
    examples: &[
        Example::new("ipv6_is_match('192.168.1.1', '::ffff:c0a8:0101')", "True"),
        Example::new("ipv6_is_match('fe80::1', 'fe80::2')", "False"),
    ],
    lower: |call| prefixed::lower_comparison::<Network6>(call, &IS_MATCH),
};

pub(super) static COMPARE: Kernel = Kernel {
    name: "kql_ipv6_compare",
    returns: Returns::Long,
    eval: prefixed::compare::<Network6>,
};

pub(super) static IS_MATCH: Kernel = Kernel {
    name: "kql_ipv6_is_match",
    returns: Returns::Bool,
    eval: prefixed::is_match::<Network6>,
};
