//! `ipv4_is_in_range`, `ipv4_is_in_any_range`

use super::{Example, Kernel, Returns, ScalarFunction, address::Network, prefixed};

pub(super) const IPV4_IS_IN_RANGE: ScalarFunction = ScalarFunction {
    name: "ipv4_is_in_range",
    summary: "Tells whether an address lies in a network.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-is-in-range-function",
    examples: &[
        Example::new("ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')", "True"),
        Example::new("ipv4_is_in_range('10.0.0.1', '192.168.1.1/24')", "False"),
    ],
    lower: |call| prefixed::lower_range(call, &IS_IN_RANGE),
};

pub(super) const IPV4_IS_IN_ANY_RANGE: ScalarFunction = ScalarFunction {
    name: "ipv4_is_in_any_range",
    summary: "Tells whether an address lies in one of several networks.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-is-in-any-range-function",
    examples: &[
        Example::new("ipv4_is_in_any_range('192.168.1.6', '10.0.0.0/8', '192.168.1.1/24')", "True"),
        Example::new("ipv4_is_in_any_range('8.8.8.8', dynamic(['10.0.0.0/8']))", "False"),
    ],
    lower: |call| prefixed::lower_range(call, &IS_IN_RANGE),
};

/// An address, and dynamics: networks or arrays of them.
pub(super) static IS_IN_RANGE: Kernel = Kernel {
    name: "kql_ipv4_is_in_range",
    returns: Returns::Bool,
    eval: prefixed::is_in_range::<Network>,
};
