//! `ipv4_is_private`

use super::{
    Example, Kernel, Returns, ScalarFunction, address::Network, columns::nullable_bools,
    prefixed::Prefixed,
};

pub(super) const IPV4_IS_PRIVATE: ScalarFunction = ScalarFunction {
    name: "ipv4_is_private",
    summary: "Tells whether an address is one of the private networks of RFC 1918.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-is-privatefunction",
    examples: &[
        Example::new("ipv4_is_private('10.1.2.3')", "True"),
        Example::new("ipv4_is_private('192.168.1.1/24')", "True"),
        Example::new("ipv4_is_private('8.8.8.8')", "False"),
        Example::new("ipv4_is_private('x')", ""),
    ],
    lower: |call| Some(call.apply(&IS_PRIVATE)),
};

const PRIVATE: [Network; 3] = [
    Network { address: 0x0a00_0000, prefix: 8 },
    Network { address: 0xac10_0000, prefix: 12 },
    Network { address: 0xc0a8_0000, prefix: 16 },
];

pub(super) static IS_PRIVATE: Kernel = Kernel {
    name: "kql_ipv4_is_private",
    returns: Returns::Bool,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(nullable_bools(args.rows(), |row| {
            let network = Network::parse(texts.str(row))?;
            Some(PRIVATE.iter().any(|private| private.contains(network)))
        }))
    },
};
